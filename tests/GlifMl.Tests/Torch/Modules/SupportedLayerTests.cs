using CsCheck;
using GlifMl.Onnx;
using GlifMl.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Modules;

/// <summary>Every layer against its own export, over random shapes, weights and settings.</summary>
[Collection(TorchTests.Name)]
public sealed class SupportedLayerTests
{
    // Each makes a layer and the shape, batch included, of what it reads.
    private static readonly Dictionary<string, Func<Random, (nn.Module<Tensor, Tensor> Layer, long[] Shape)>> Cases = new()
    {
        ["Linear"] = r => (nn.Linear(5, Size(r), Coin(r)), Shape(r, 5)),
        ["Linear over time"] = r => (nn.Linear(5, Size(r), Coin(r)), Shape(r, Size(r), 5)),
        ["LayerNorm"] = r => (nn.LayerNorm(6, 1e-3, Coin(r)), Shape(r, Size(r), 6)),
        ["LayerNorm over two dimensions"] = r => (nn.LayerNorm([4, 6]), Shape(r, 4, 6)),
        ["BatchNorm1d"] = r => (nn.BatchNorm1d(4, affine: Coin(r)), Shape(r, 4)),
        ["BatchNorm1d over time"] = r => (nn.BatchNorm1d(4, 1e-2, affine: Coin(r)), Shape(r, 4, Size(r))),
        ["Flatten"] = r => (nn.Flatten(), Shape(r, Size(r), Size(r))),
        ["Flatten inner dimensions"] = r => (nn.Flatten(1, 2), Shape(r, Size(r), Size(r), Size(r))),
        ["Dropout"] = r => (nn.Dropout(0.5), Shape(r, Size(r))),
        ["Identity"] = r => (nn.Identity(), Shape(r, Size(r))),
        ["Conv1d"] = r =>
            (
                nn.Conv1d(4, 6, 1 + r.Next(4), 1 + r.Next(3), r.Next(3), 1 + r.Next(2), groups: Coin(r) ? 2 : 1, bias: Coin(r)),
                Shape(r, 4, 10 + r.Next(9))
            ),
        ["Conv1d, same padding"] = r =>
            (nn.Conv1d(4, 3, 1 + r.Next(4), padding: Padding.Same, dilation: 1 + r.Next(2)), Shape(r, 4, 10 + r.Next(9))),
        ["Conv1d, valid padding"] = r => (nn.Conv1d(4, 3, 1 + r.Next(4), padding: Padding.Valid), Shape(r, 4, 10 + r.Next(9))),
        ["MaxPool1d"] = r =>
            (nn.MaxPool1d(2 + r.Next(3), Coin(r) ? 1 + r.Next(3) : null, r.Next(2), 1 + r.Next(2), Coin(r)), Shape(r, 3, 10 + r.Next(9))),
        ["MaxPool1d, padding longer than its kernel"] = r => (nn.MaxPool1d(2, 3, 1, 2, true), Shape(r, 3, 10 + r.Next(9))),
        ["AvgPool1d"] = r =>
            (nn.AvgPool1d(2 + r.Next(3), Coin(r) ? 1 + r.Next(3) : null, r.Next(2), false, Coin(r)), Shape(r, 3, 10 + r.Next(9))),
        ["AdaptiveAvgPool1d(1)"] = r => (nn.AdaptiveAvgPool1d(1), Shape(r, 3, Size(r))),
        ["AdaptiveAvgPool1d(3)"] = r => (nn.AdaptiveAvgPool1d(3), Shape(r, 2, 3 * Size(r))),
        ["ReLU"] = r => (nn.ReLU(), Shape(r, Size(r))),
        ["LeakyReLU"] = r => (nn.LeakyReLU(r.NextDouble()), Shape(r, Size(r))),
        ["ELU"] = r => (nn.ELU(0.5 + r.NextDouble()), Shape(r, Size(r))),
        ["GELU"] = r => (nn.GELU(), Shape(r, Size(r))),
        ["GELU, tanh"] = r => (nn.GELU(GELU.Approximate.tanh), Shape(r, Size(r))),
        ["SiLU"] = r => (nn.SiLU(), Shape(r, Size(r))),
        ["Tanh"] = r => (nn.Tanh(), Shape(r, Size(r))),
        ["Sigmoid"] = r => (nn.Sigmoid(), Shape(r, Size(r))),
        ["Softplus"] = r => (nn.Softplus(0.5 + r.NextDouble(), 1 + (20 * r.NextDouble())), Shape(r, Size(r))),
        ["LSTM"] = r =>
            (
                new SequenceReadOut(nn.LSTM(3, Size(r), 1 + r.Next(2), Coin(r), batchFirst: true, bidirectional: Coin(r)), Read(r)),
                Shape(r, Size(r), 3)
            ),
        ["LSTM, whole sequence"] = r =>
            (SequenceReadOut.WholeSequence(nn.LSTM(3, Size(r), batchFirst: true, bidirectional: Coin(r))), Shape(r, Size(r), 3)),
        ["GRU"] = r =>
            (
                new SequenceReadOut(nn.GRU(3, Size(r), 1 + r.Next(2), Coin(r), batchFirst: true, bidirectional: Coin(r)), Read(r)),
                Shape(r, Size(r), 3)
            ),
        ["GRU, whole sequence"] = r =>
            (SequenceReadOut.WholeSequence(nn.GRU(3, Size(r), batchFirst: true, bidirectional: Coin(r))), Shape(r, Size(r), 3)),
        ["Sequential in Sequential"] = r =>
            (nn.Sequential(nn.Sequential(nn.Linear(5, 4), nn.Tanh()), nn.Sequential(nn.Linear(4, 2))), Shape(r, 5)),
    };

    public SupportedLayerTests()
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1); // threads cost more than problems of this size
    }

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Export_RandomLayers_AgreeWithForward(string name) =>
        Gen.Int[0, int.MaxValue - 1]
            .Sample(
                seed =>
                {
                    using var scope = NewDisposeScope();
                    var random = new Random(seed);
                    var (layer, shape) = Cases[name](random);
                    AssertAgree(layer, shape, random);
                },
                iter: 12,
                threads: 1
            );

    [Fact]
    public void Export_EveryLayerOfTheList_IsTested() =>
        Assert.All(
            TorchOnnxContext.SupportedLayers,
            layer =>
                Assert.Contains(
                    Cases.Keys,
                    name => name.StartsWith(layer == nameof(SequenceReadOut) ? "LSTM" : layer, StringComparison.Ordinal)
                )
        );

    private static void AssertAgree(nn.Module<Tensor, Tensor> layer, long[] shape, Random random)
    {
        foreach (var parameter in layer.parameters())
            TensorMemory.Fill(parameter, Numbers(random, parameter.numel(), 1));
        var x = Numbers(random, shape.Aggregate(1L, (n, d) => n * d), 3);
        var input = empty(shape);
        TensorMemory.Fill(input, x);
        using var off = no_grad();
        layer.train();
        layer.forward(input); // gives batch normalisation statistics other than 0 and 1
        layer.eval();
        var expected = layer.forward(input);

        var graph = new OnnxGraph();
        OnnxDim[] dims = [.. shape.Skip(1).Select(d => (OnnxDim)d)];
        var output = new TorchOnnxContext(graph).Export(
            layer,
            new OnnxValue(graph.Input("X", OnnxElementType.Single, [OnnxDim.Batch, .. dims]), dims),
            "layer"
        );
        graph.Output("Y", output.Name, [OnnxDim.Batch, .. output.Dims]);

        Assert.Equal(expected.shape.Skip(1), output.Dims.Select(d => d.Value));
        TinyTraces.AssertClose(TensorMemory.Copy(expected.contiguous()), TinyTraces.Run(graph.ToBytes(), "X", "Y", x, shape));
    }

    private static float[] Numbers(Random random, long count, float range) =>
        [.. Enumerable.Range(0, (int)count).Select(_ => range * ((2 * random.NextSingle()) - 1))];

    private static bool Coin(Random random) => random.Next(2) == 0;

    private static int Size(Random random) => 1 + random.Next(7);

    private static ReadOut Read(Random random) => (ReadOut)random.Next(3);

    private static long[] Shape(Random random, params long[] row) => [2 + random.Next(4), .. row];
}
