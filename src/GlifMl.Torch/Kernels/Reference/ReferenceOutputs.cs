namespace GlifMl.Torch;

/// <summary>The outputs of a <see cref="ReferenceLstm"/>, or their gradients: shapes as in <see cref="LstmCall"/>.</summary>
internal sealed record ReferenceOutputs(double[] FinalHidden, double[] FinalCell, double[] TimeMean, double[] Sequence)
{
    public static ReferenceOutputs Zeros(LstmGeometry g) =>
        new(new double[g.StateFloats], new double[g.StateFloats], new double[g.StateFloats], new double[g.SequenceFloats]);
}
