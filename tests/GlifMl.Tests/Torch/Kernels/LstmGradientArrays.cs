using GlifMl.Torch.Kernels;

namespace GlifMl.Tests.Torch.Kernels;

internal sealed record LstmGradientArrays(float[][][] Parameters, float[] Input, float[] InitialHidden, float[] InitialCell)
{
    private static readonly string[] ParameterNames = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];

    public IEnumerable<(string Name, float[] Values)> All =>
        Parameters.SelectMany((p, direction) => p.Select((values, n) => ($"{ParameterNames[n]} of direction {direction}", values)))
            .Concat([("input", Input), ("initial hidden", InitialHidden), ("initial cell", InitialCell)]);

    public static LstmGradientArrays Of(LstmGeometry g) => new(
        [.. Enumerable.Range(0, g.Directions).Select(_ => new[]
        {
            new float[g.InputWeightFloats], new float[g.HiddenWeightFloats], new float[g.BiasFloats], new float[g.BiasFloats],
        })],
        new float[g.InputFloats],
        new float[g.StateFloats],
        new float[g.StateFloats]);
}
