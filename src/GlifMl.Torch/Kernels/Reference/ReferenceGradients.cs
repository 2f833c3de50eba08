namespace GlifMl.Torch;

/// <summary>What a <see cref="ReferenceLstm"/> returns from its backward pass: shapes as in <see cref="LstmGradients"/>.</summary>
internal sealed record ReferenceGradients(ReferenceParameters[] Parameters, double[] Input, double[] InitialHidden, double[] InitialCell)
{
    public static ReferenceGradients Zeros(LstmGeometry g) =>
        new(
            [.. Enumerable.Range(0, g.Directions).Select(_ => ReferenceParameters.Zeros(g))],
            new double[g.InputFloats],
            new double[g.StateFloats],
            new double[g.StateFloats]
        );
}
