namespace GlifMl.Torch;

/// <summary>One direction's parameters, or their gradients, in double: the layout of <see cref="LstmParameters"/>.</summary>
internal sealed record ReferenceParameters(double[] InputWeights, double[] HiddenWeights, double[] InputBias, double[] HiddenBias)
{
    public static ReferenceParameters Zeros(LstmGeometry g) =>
        new(new double[g.InputWeightFloats], new double[g.HiddenWeightFloats], new double[g.BiasFloats], new double[g.BiasFloats]);
}
