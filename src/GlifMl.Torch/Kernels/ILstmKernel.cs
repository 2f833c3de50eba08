namespace GlifMl.Torch;

/// <summary>One implementation of the layer. Stateless: any thread may call it, and the threads it is given only share the work.</summary>
internal interface ILstmKernel
{
    /// <summary>The name a user forces it by.</summary>
    string Name { get; }

    /// <summary>Floats that a forward pass keeps for its backward pass.</summary>
    long CheckpointFloats(LstmGeometry geometry);

    /// <summary>Runs the layer on up to <paramref name="threads"/> threads; the result does not depend on how many.</summary>
    void Forward(LstmCall call, int threads);

    /// <summary>Gradients of a forward pass that kept checkpoints.</summary>
    void Backward(LstmCall call, LstmGradients gradients, int threads);
}
