using GlifMl.Lstm;
using GlifMl.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>The same layer in OnnxRuntime, on as many threads.</summary>
internal sealed class OrtLayer : IDisposable
{
    private static readonly string[] Outputs = ["final"];
    private readonly InferenceSession _session;
    private readonly OrtValue _input;
    private readonly RunOptions _run = new();

    public OrtLayer(LayerCase layer, int threads)
    {
        var graph = new OnnxGraph();
        var input = graph.Input("x", OnnxElementType.Single, "N", layer.Steps, layer.Channels);
        float[] Values(int n) => layer.Parameters[n].data<float>().ToArray();
        var weights = new LstmLayer(
            layer.Channels,
            layer.Hidden,
            [new(Values(0), Values(1), Values(2), Values(3)), new(Values(4), Values(5), Values(6), Values(7))]
        );
        var states = LstmOnnx.Add(graph, new OnnxValue(input, layer.Steps, layer.Channels), [weights]).FinalStates;
        graph.Output(Outputs[0], states.Name, "N", 2 * layer.Hidden);
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        _session = new(graph.ToBytes(), options);
        _input = OrtValue.CreateTensorValueFromMemory(layer.Input.ToArray(), [layer.Batch, layer.Steps, layer.Channels]);
    }

    public void Forward()
    {
        using var results = _session.Run(_run, ["x"], [_input], Outputs);
    }

    public float[] FinalStates()
    {
        using var results = _session.Run(_run, ["x"], [_input], Outputs);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        _input.Dispose();
        _run.Dispose();
        _session.Dispose();
    }
}
