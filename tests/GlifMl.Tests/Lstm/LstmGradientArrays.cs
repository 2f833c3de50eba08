using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

internal sealed record LstmGradientArrays(float[][][] Parameters, float[] Input, float[] InitialHidden, float[] InitialCell)
{
    private static readonly string[] ParameterNames = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];

    public IEnumerable<(string Name, float[] Values)> All =>
        Parameters
            .SelectMany((p, direction) => p.Select((values, n) => ($"{ParameterNames[n]} of direction {direction}", values)))
            .Concat([("input", Input), ("initial hidden", InitialHidden), ("initial cell", InitialCell)]);

    /// <summary>Arrays of NaN: a kernel is to overwrite every one.</summary>
    public static LstmGradientArrays Of(LstmGeometry g) =>
        new(
            [
                .. Enumerable
                    .Range(0, g.Directions)
                    .Select(_ =>
                        new[]
                        {
                            Unwritten(g.InputWeightFloats),
                            Unwritten(g.HiddenWeightFloats),
                            Unwritten(g.BiasFloats),
                            Unwritten(g.BiasFloats),
                        }
                    ),
            ],
            Unwritten(g.InputFloats),
            Unwritten(g.StateFloats),
            Unwritten(g.StateFloats)
        );

    private static float[] Unwritten(long count)
    {
        var values = new float[count];
        Array.Fill(values, float.NaN);
        return values;
    }
}
