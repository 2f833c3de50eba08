using GlifMl.Benchmarks.Kernels;
using GlifMl.Lstm;
using GlifMl.Onnx;

namespace GlifMl.Benchmarks.Watch;

/// <summary>A model of the quickstart's network, scored from memory by the kernel and by OnnxRuntime alone.</summary>
internal static class ScoringPair
{
    private const int Steps = 200,
        Channels = 5,
        Hidden = 32,
        Rows = 256,
        Block = 4;
    private static readonly string[] Parameters = ["C", "El", "R_input", "dt", "th_inf"];

    public static PairedTiming Measure(int pairs)
    {
        var model = Model();
        using var ours = OnnxModel.Load(model);
        using var plain = OnnxModel.Load(model, new OnnxModelOptions { Engine = OnnxEngine.OnnxRuntime });
        var traces = Values(Rows * Steps * Channels);
        return PairedTiming.Measure(() => ours.Score(traces), () => plain.Score(traces), pairs, Block);
    }

    private static byte[] Model()
    {
        OnnxGraph graph = new();
        var flat = graph.Input(OnnxModelInfo.VoltageColumn, OnnxElementType.Single, "N", Steps * Channels);
        var steps = graph.Node("Reshape", [flat, graph.Integers(-1, Steps, Channels)]);
        LstmLayer layer = new(Channels, Hidden, [Direction(), Direction()]);
        var states = LstmOnnx.Add(graph, new OnnxValue(steps, Steps, Channels), [layer]).FinalStates;
        var weights = graph.Constant(Values(2 * Hidden * Parameters.Length), 2 * Hidden, Parameters.Length);
        graph.Output(OnnxModelInfo.ParametersColumn, graph.Node("MatMul", [states.Name, weights]), "N", Parameters.Length);
        var info = new OnnxModelInfo
        {
            Parameters = [.. Parameters.Select(name => new ModelParameter(name, ""))],
            Samples = Steps * Channels,
            SamplingIntervalMinimumSeconds = 1e-4,
            SamplingIntervalMaximumSeconds = 1e-4,
        };
        foreach (var (key, text) in info.ToMetadata())
            graph.Metadata(key, text);
        return graph.ToBytes();
    }

    private static LstmWeights Direction() =>
        new(Values(4 * Hidden * Channels), Values(4 * Hidden * Hidden), Values(4 * Hidden), Values(4 * Hidden));

    private static float[] Values(int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 0.4f - 0.2f)];
    }
}
