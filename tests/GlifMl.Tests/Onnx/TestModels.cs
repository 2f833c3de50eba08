using GlifMl.Onnx;

namespace GlifMl.Tests.Onnx;

/// <summary>Models small enough to check by hand.</summary>
internal static class TestModels
{
    public const int Samples = 4;

    public static OnnxModelInfo Info(bool stimulus = false) =>
        new()
        {
            Parameters = [new("C", "F", ValueRange.Of([1e-10, 2e-10])), new("El", "V")],
            Samples = Samples,
            SamplingIntervalMinimumSeconds = 1e-3,
            SamplingIntervalMaximumSeconds = 1e-3,
            Inputs = stimulus ? [OnnxModelInfo.VoltageColumn, OnnxModelInfo.StimulusColumn] : [OnnxModelInfo.VoltageColumn],
        };

    /// <summary>C = the sum of the voltage (plus ten times the stimulus), El = its last sample.</summary>
    public static byte[] Bytes(OnnxModelInfo info, bool metadata = true, string output = OnnxModelInfo.ParametersColumn)
    {
        var graph = new OnnxGraph();
        var x = graph.Input(OnnxModelInfo.VoltageColumn, OnnxElementType.Single, "N", Samples);
        if (info.ReadsStimulus)
            x = graph.Node(
                "Add",
                [
                    x,
                    graph.Node(
                        "Mul",
                        [graph.Input(OnnxModelInfo.StimulusColumn, OnnxElementType.Single, "N", Samples), graph.Constant(10f)]
                    ),
                ]
            );
        var y = graph.Node("Gemm", [x, graph.Constant([1, 1, 1, 1, 0, 0, 0, 1], 2, Samples)], ("transB", 1L));
        graph.Output(output, y, "N", 2);
        if (metadata)
        {
            foreach (var (key, text) in info.ToMetadata())
                graph.Metadata(key, text);
        }

        return graph.ToBytes();
    }
}
