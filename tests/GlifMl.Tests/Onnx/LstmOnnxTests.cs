using GlifMl.Lstm;
using GlifMl.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Tests.Onnx;

public sealed class LstmOnnxTests
{
    [Theory]
    [InlineData(1, 1, 1, 5, 40, 1)]
    [InlineData(3, 2, 1, 7, 25, 1)]
    [InlineData(2, 1, 3, 4, 30, 2)]
    [InlineData(2, 2, 3, 4, 30, 3)]
    public void Add_RandomLayers_AgreesWithDoubleReference(int rows, int directions, int layers, int hidden, int steps, int channels)
    {
        var random = new Random(17);
        var weights = RandomLayers(random, directions, layers, hidden, channels);
        var input = Enumerable.Range(0, rows * steps * channels).Select(_ => 4 * random.NextSingle() - 2).ToArray();
        var (sequence, final) = Reference(weights, input, rows, steps);

        var model = Model(weights, steps, channels, flat: false);

        AssertClose(sequence, Run(model, input, [rows, steps, channels], "Sequence"));
        AssertClose(final, Run(model, input, [rows, steps, channels], "Final"));
        AssertClose(final, Run(Model(weights, steps, channels, flat: true), input, [rows, steps * channels], "Final"));
    }

    [Fact]
    public void ReadOuts_MeanNormalisedAndLinear_AgreeWithClosedForm()
    {
        const int steps = 6,
            channels = 3;
        var random = new Random(5);
        var input = Enumerable.Range(0, 2 * steps * channels).Select(_ => random.NextSingle()).ToArray();
        float[] scale = [1, 2, -1],
            bias = [0.5f, 0, 1],
            weights = [1, 2, 3, -1, 0, 1],
            offset = [10, 20];
        var graph = new OnnxGraph();
        var mean = OnnxLayers.MeanOverTime(
            graph,
            new OnnxValue(graph.Input("X", OnnxElementType.Single, "N", steps, channels), steps, channels)
        );
        var normal = OnnxLayers.LayerNormalization(graph, mean, scale, bias);
        var linear = OnnxLayers.Affine(graph, OnnxLayers.Linear(graph, normal, weights, offset), [2f], [1f]);
        graph.Output("Y", linear.Name, ["N", linear.Size]);

        var expected = new List<double>();
        for (var row = 0; row < 2; row++)
        {
            var means = Enumerable
                .Range(0, channels)
                .Select(c => Enumerable.Range(0, steps).Average(t => (double)input[(row * steps + t) * channels + c]))
                .ToArray();
            var centre = means.Average();
            var sd = Math.Sqrt(means.Average(m => (m - centre) * (m - centre)) + 1e-5);
            var y = means.Select((m, c) => (m - centre) / sd * scale[c] + bias[c]).ToArray();
            for (var k = 0; k < 2; k++)
                expected.Add(2 * (offset[k] + Enumerable.Range(0, channels).Sum(c => weights[k * channels + c] * y[c])) + 1);
        }

        AssertClose([.. expected], Run(graph.ToBytes(), input, [2, steps, channels], "Y"));
    }

    [Fact]
    public void StackChannels_TwoTraces_LiesChannelsSideBySide()
    {
        var graph = new OnnxGraph();
        var x = new OnnxValue(graph.Input("X", OnnxElementType.Single, "N", 3), 3);
        var stacked = OnnxLayers.StackChannels(graph, x, x with { Name = graph.Node("Neg", [x.Name]) });
        graph.Output("Y", stacked.Name, [OnnxDim.Batch, .. stacked.Dims]);

        Assert.Equal([1, -1, 2, -2, 3, -3], Run(graph.ToBytes(), [1, 2, 3], [1, 3], "Y"));
    }

    [PythonOnnxFact]
    public void Add_BidirectionalStack_PassesFullCheck() =>
        PythonOnnxFactAttribute.Check(Model(RandomLayers(new Random(1), 2, 2, 5, 2), 20, 2, flat: true));

    internal static LstmLayer[] RandomLayers(Random random, int directions, int layers, int hidden, int channels)
    {
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
        return
        [
            .. Enumerable
                .Range(0, layers)
                .Select(layer =>
                {
                    var inputs = layer == 0 ? channels : hidden * directions;
                    return new LstmLayer(
                        inputs,
                        hidden,
                        [
                            .. Enumerable
                                .Range(0, directions)
                                .Select(_ => new LstmWeights(
                                    Draw(4 * hidden * inputs),
                                    Draw(4 * hidden * hidden),
                                    Draw(4 * hidden),
                                    Draw(4 * hidden)
                                )),
                        ]
                    );
                }),
        ];
    }

    private static byte[] Model(LstmLayer[] layers, int steps, int channels, bool flat)
    {
        var graph = new OnnxGraph();
        OnnxDim[] dims = flat ? [steps * channels] : [steps, channels];
        var input = new OnnxValue(graph.Input("X", OnnxElementType.Single, ["N", .. dims]), dims);
        var lstm = LstmOnnx.Add(graph, input, layers);
        graph.Output("Sequence", lstm.Sequence.Name, [OnnxDim.Batch, .. lstm.Sequence.Dims]);
        graph.Output("Final", lstm.FinalStates.Name, [OnnxDim.Batch, .. lstm.FinalStates.Dims]);
        return graph.ToBytes();
    }

    private static float[] Run(byte[] model, float[] input, long[] shape, string output)
    {
        using var session = new InferenceSession(model);
        using var x = OrtValue.CreateTensorValueFromMemory(input, shape);
        using var options = new RunOptions();
        using var results = session.Run(options, ["X"], [x], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - 1e-5 * scale, expected[i] + 1e-5 * scale);
    }

    // torch.nn.LSTM's equations in double: i, f, g, o = sigmoid, sigmoid, tanh, sigmoid; c' = f c + i g; h' = o tanh(c').
    private static (double[] Sequence, double[] Final) Reference(LstmLayer[] layers, float[] input, int rows, int steps)
    {
        var sequence = Array.ConvertAll(input, v => (double)v);
        double[] final = [];
        foreach (var layer in layers)
        {
            var (h, inputs, width) = (layer.HiddenSize, layer.InputSize, layer.OutputSize);
            var next = new double[rows * steps * width];
            final = new double[rows * width];
            for (var row = 0; row < rows; row++)
            {
                for (var d = 0; d < layer.Directions.Count; d++)
                {
                    var w = layer.Directions[d];
                    double[] state = new double[h],
                        cell = new double[h];
                    for (var k = 0; k < steps; k++)
                    {
                        var t = d == 0 ? k : steps - 1 - k;
                        var gates = new double[4 * h];
                        for (var g = 0; g < 4 * h; g++)
                        {
                            gates[g] = (double)w.InputBias[g] + w.HiddenBias[g];
                            for (var i = 0; i < inputs; i++)
                                gates[g] += w.InputWeights[g * inputs + i] * sequence[(row * steps + t) * inputs + i];
                            for (var i = 0; i < h; i++)
                                gates[g] += w.HiddenWeights[g * h + i] * state[i];
                        }

                        for (var j = 0; j < h; j++)
                        {
                            cell[j] = Sigmoid(gates[h + j]) * cell[j] + Sigmoid(gates[j]) * Math.Tanh(gates[2 * h + j]);
                            state[j] = Sigmoid(gates[3 * h + j]) * Math.Tanh(cell[j]);
                            next[(row * steps + t) * width + d * h + j] = state[j];
                        }
                    }

                    state.CopyTo(final, row * width + d * h);
                }
            }

            sequence = next;
        }

        return (sequence, final);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
