namespace GlifMl.Torch;

/// <summary>The inputs of a <see cref="ReferenceLstm"/>: shapes as in <see cref="LstmCall"/>, null as there.</summary>
internal sealed record ReferenceInputs(double[] Input, int[]? Lengths = null, double[]? InitialHidden = null, double[]? InitialCell = null)
{
    public int LengthOf(int row, LstmGeometry geometry) => Lengths?[row] ?? geometry.Time;
}
