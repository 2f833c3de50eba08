namespace GlifMl.Torch;

/// <summary>
/// What stands in the lanes. A layer multiplies weights by operands (samples and hidden states): either the lanes hold traces, then a
/// weight is one float for all of them and an operand is a vector; or they hold hidden units, then a weight is a vector and an operand
/// is one float for all of them. Everything else of the kernel is the same.
/// </summary>
internal unsafe interface ILstmLayout<TVector>
    where TVector : struct
{
    /// <summary>Traces that one tile computes.</summary>
    static abstract int Traces { get; }

    /// <summary>Hidden units (or input channels) that one vector of results holds.</summary>
    static abstract int UnitsPerVector { get; }

    /// <summary>Floats from one packed weight to the next.</summary>
    static abstract int WeightStride { get; }

    /// <summary>Floats from one operand to the next.</summary>
    static abstract int OperandStride { get; }

    static abstract TVector Weight(float* packed);

    static abstract TVector Operand(float* from);
}
