namespace GlifMl.Onnx;

/// <summary>A node that managed code computes in OnnxRuntime's place, through <see cref="EngineOperator"/>.</summary>
internal abstract class EngineNode
{
    /// <summary>The operator that stands for the node.</summary>
    public abstract EngineSignature Signature { get; }

    /// <summary>Says which inputs and outputs the node has: an optional one that it has not is an empty name.</summary>
    public virtual void Connect(IReadOnlyList<string> inputs, IReadOnlyList<string> outputs) { }

    /// <summary>Computes the node.</summary>
    /// <param name="context">OnnxRuntime's context of the computation.</param>
    /// <param name="threads">Threads that share the work; 0 for the machine's cores.</param>
    /// <exception cref="InvalidDataException">An input has not the shape that the node reads.</exception>
    public abstract void Compute(nint context, int threads);
}

/// <summary>What an operator is called and takes; everything is Single but for one input. Outputs may be left out.</summary>
/// <param name="Name">Its name in <see cref="EngineOperator.Domain"/>.</param>
/// <param name="Inputs">How many inputs it has.</param>
/// <param name="Required">How many of them, from the first on, it must have.</param>
/// <param name="Int32Input">The input that is of Int32; -1: none.</param>
/// <param name="Outputs">How many outputs it has.</param>
internal sealed record EngineSignature(string Name, int Inputs, int Required, int Int32Input, int Outputs);
