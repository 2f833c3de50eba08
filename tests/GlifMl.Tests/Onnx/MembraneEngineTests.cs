using GlifMl.Onnx;
using GlifMl.Onnx.Protos;
using GlifMl.Tests.Cli;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Tests.Onnx;

/// <summary>A membrane fit's nodes as one operator: found to the last constant, and the same numbers.</summary>
public sealed class MembraneEngineTests
{
    private const string Voltage = "V";
    private const string Stimulus = "I";

    [Theory]
    [InlineData(400, 20, 1, NearbyRates.Parabola)]
    [InlineData(403, 20, 16, NearbyRates.Parabola)]
    [InlineData(97, 7, 33, NearbyRates.Parabola)]
    [InlineData(6, 1, 2, NearbyRates.Parabola)]
    [InlineData(2000, 50, 5, NearbyRates.Parabola)]
    [InlineData(403, 20, 16, NearbyRates.Quartic)]
    [InlineData(97, 7, 33, NearbyRates.Quartic)]
    [InlineData(6, 1, 2, NearbyRates.Quartic)]
    public void Compute_AnyTrace_EqualsOnnxRuntime(int samples, int size, int rows, int points)
    {
        var model = Model(samples, size, points);
        var rewritten = KernelGraph.Of(model);
        var node = Assert.Single(
            ModelProto.Parser.ParseFrom(rewritten.Model).Graph.Node,
            n => n.OpType == MembraneFitNode.MembraneFit.Name
        );
        Assert.Equal([Voltage, Stimulus], node.Input);

        var traces = Traces(samples, rows);
        var (ours, theirs) = (Run(rewritten.Model!, traces, samples), Run(model, traces, samples));

        Assert.All(ours.Zip(theirs), pair => Assert.Equal(pair.Second, pair.First, 1e-5 * Math.Max(1, Math.Abs(pair.Second))));
        Assert.Contains(ours, number => number != 0);
    }

    [Fact]
    public void Rewrite_AnyConstantOrOperatorChanged_IsLeftToOnnxRuntime()
    {
        var file = Model(400, 20, sideBySide: false);
        var written = ModelProto.Parser.ParseFrom(file);
        for (var n = 0; n < written.Graph.Initializer.Count; n++)
        {
            var changed = ModelProto.Parser.ParseFrom(file);
            var bytes = changed.Graph.Initializer[n].RawData.ToByteArray();
            bytes[^1] ^= 1;
            changed.Graph.Initializer[n].RawData = ByteString.CopyFrom(bytes);
            Assert.Null(KernelGraph.Of(changed.ToByteArray()).Model);
        }

        var added = ModelProto.Parser.ParseFrom(file);
        added.Graph.Node.First(n => n.OpType == "Sub").OpType = "Add";
        Assert.Null(KernelGraph.Of(added.ToByteArray()).Model);
    }

    [Fact]
    public void Rewrite_ShippedModel_RunsItsFit()
    {
        var rewritten = KernelGraph.Of(File.ReadAllBytes(Glifml.Path("models/flagship/model.onnx")));
        var graph = ModelProto.Parser.ParseFrom(rewritten.Model).Graph;
        Assert.Single(graph.Node, n => n.OpType == MembraneFitNode.MembraneFit.Name);
        Assert.DoesNotContain(graph.Node, n => n.OpType is "Range" or "ArgMin");
    }

    /// <param name="samples">Samples of a trace.</param>
    /// <param name="size">Samples of a block.</param>
    /// <param name="points">Rates that are looked between.</param>
    /// <param name="sideBySide">Whether the inputs are put side by side and taken one by one again, as in a chain.</param>
    private static byte[] Model(int samples, int size, int points = NearbyRates.Parabola, bool sideBySide = true)
    {
        var graph = new OnnxGraph();
        string[] inputs =
        [
            .. new[] { Voltage, Stimulus }.Select(name => graph.Input(name, OnnxElementType.Single, OnnxDim.Batch, samples)),
        ];
        if (sideBySide)
        {
            var trace = graph.Node("Concat", inputs.Select(input => graph.Node("Unsqueeze", [input, graph.Integers(2)])), ("axis", 2L));
            for (var n = 0; n < inputs.Length; n++)
            {
                var one = graph.Node("Gather", [trace, graph.Integers(n)], ("axis", 2L));
                inputs[n] = graph.Node("Reshape", [one, graph.Integers(0, samples)]);
            }
        }

        var numbers = MembraneResponseNodes.Numbers(graph, inputs[0], inputs[1], samples, size, points);
        graph.Output("numbers", numbers, OnnxDim.Batch, MembraneNumbers.Names.Count);
        return graph.ToBytes();
    }

    /// <summary>Membranes with noise; some with cuts, some silent, one without current, one that is cut throughout.</summary>
    private static (float[] V, float[] I) Traces(int samples, int rows)
    {
        var random = new GlifMl.Simulation.SeededRandom(3, "engine", samples);
        var (V, I) = (new float[rows * samples], new float[rows * samples]);
        for (var row = 0; row < rows; row++)
        {
            var (rate, cut, v) = (0.01 * (1 + (row % 7)), 0, 0.0);
            for (var t = 0; t < samples; t++)
            {
                var current = row == 2 ? 0 : (t < samples / 8 ? 50 : 40 * random.NextGaussian());
                v += (0.02 * current) + (rate * (3 - v));
                if (row % 3 == 1 && cut == 0 && v > 4)
                    cut = 5;
                v = cut > 0 ? 0 : v;
                V[(row * samples) + t] = cut > 1 || row == 4 ? float.NaN : (float)(v + (0.1 * random.NextGaussian()));
                I[(row * samples) + t] = (float)current;
                cut = Math.Max(0, cut - 1);
            }
        }

        return (V, I);
    }

    private static float[] Run(byte[] model, (float[] V, float[] I) traces, int samples)
    {
        using var settings = new SessionOptions();
        EngineOperator.AddTo(settings);
        using var session = new InferenceSession(model, settings);
        long[] shape = [traces.V.Length / samples, samples];
        using var v = OrtValue.CreateTensorValueFromMemory(traces.V, shape);
        using var i = OrtValue.CreateTensorValueFromMemory(traces.I, shape);
        using var run = new RunOptions();
        using var results = session.Run(run, [Voltage, Stimulus], [v, i], ["numbers"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
