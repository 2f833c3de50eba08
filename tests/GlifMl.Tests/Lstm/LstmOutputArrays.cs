using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

internal sealed record LstmOutputArrays(float[] FinalHidden, float[] FinalCell, float[] TimeMean, float[] Sequence)
{
    public IEnumerable<(string Name, float[] Values)> All =>
        [("final hidden", FinalHidden), ("final cell", FinalCell), ("time mean", TimeMean), ("sequence", Sequence)];

    public static LstmOutputArrays Of(LstmGeometry g) =>
        new(new float[g.StateFloats], new float[g.StateFloats], new float[g.StateFloats], new float[g.SequenceFloats]);
}
