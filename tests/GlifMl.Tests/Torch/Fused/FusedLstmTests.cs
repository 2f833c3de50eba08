using GlifMl.Lstm;
using GlifMl.Torch;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Fused;

[Collection(TorchTests.Name)]
public class FusedLstmTests
{
    public FusedLstmTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<string> Kernels => [.. LstmKernels.Available.Select(kernel => kernel.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Forward_BidirectionalLayer_AgreesWithTorch(string kernel)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var lstm = nn.LSTM(3, 5, batchFirst: true, bidirectional: true);
        var input = randn(4, 60, 3, requires_grad: true);
        var h0 = randn(2, 4, 5, requires_grad: true);
        var c0 = randn(2, 4, 5, requires_grad: true);
        var weights = randn(4, 60, 10);
        var options = new FusedLstmOptions
        {
            FinalCell = true,
            TimeMean = true,
            Sequence = true,
            Kernel = LstmKernels.Named(kernel),
        };

        var (sequence, hidden, cell) = lstm.forward(input, (h0, c0));
        var expected = (hidden.transpose(0, 1).reshape(4, 10), cell.transpose(0, 1).reshape(4, 10), sequence.mean([1]), sequence);
        var loss = Loss(expected.Item1, expected.Item2, expected.Item3, expected.sequence, weights);
        var expectedGradients = Gradients(loss, lstm, input, h0, c0);

        var actual = FusedLstm.Forward(input, [.. lstm.parameters()], options, lengths: null, h0, c0);
        var actualGradients = Gradients(
            Loss(actual.FinalHidden, actual.FinalCell!, actual.TimeMean!, actual.Sequence!, weights),
            lstm,
            input,
            h0,
            c0
        );

        AssertClose(expected.Item1, actual.FinalHidden);
        AssertClose(expected.Item2, actual.FinalCell!);
        AssertClose(expected.Item3, actual.TimeMean!);
        AssertClose(expected.sequence, actual.Sequence!);
        foreach (var (left, right) in expectedGradients.Zip(actualGradients))
            AssertClose(left, right);
    }

    [Fact]
    public void Forward_NoGrad_KeepsNothing()
    {
        using var scope = NewDisposeScope();
        var lstm = nn.LSTM(1, 4, batchFirst: true);
        using var off = no_grad();
        var outputs = FusedLstm.Forward(randn(2, 10, 1), [.. lstm.parameters()], new());
        Assert.False(outputs.FinalHidden.requires_grad);
        Assert.Null(outputs.Sequence);
    }

    [Fact]
    public void Backward_ManySteps_LeavesNoTensors()
    {
        using var scope = NewDisposeScope();
        var lstm = nn.LSTM(1, 4, batchFirst: true, bidirectional: true);
        var input = randn(3, 50, 1);
        void Step()
        {
            using var step = NewDisposeScope();
            var outputs = FusedLstm.Forward(input, [.. lstm.parameters()], new() { TimeMean = true, Sequence = true });
            // Every output is used: TorchSharp counts the empty handle of an unused one's gradient, and never takes it off again.
            (outputs.FinalHidden.sum() + outputs.TimeMean!.sum() + outputs.Sequence!.sum()).backward();
            FusedLstm.ThrowIfFailed();
        }

        Step();
        var before = Tensor.TotalCount;
        for (var n = 0; n < 20; n++)
            Step();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Backward_KernelFails_ThrowsAfterwards()
    {
        using var scope = NewDisposeScope();
        var lstm = nn.LSTM(1, 4, batchFirst: true);
        var outputs = FusedLstm.Forward(randn(2, 10, 1), [.. lstm.parameters()], new() { Kernel = new FailingKernel() });
        outputs.FinalHidden.sum().backward();
        var thrown = Assert.Throws<InvalidOperationException>(FusedLstm.ThrowIfFailed);
        Assert.Equal("the backward pass of the fused LSTM failed: no backward here", thrown.Message);
        FusedLstm.ThrowIfFailed();
    }

    [Fact]
    public void Forward_WrongShapes_SaysWhatWasExpected()
    {
        using var scope = NewDisposeScope();
        Tensor[] parameters = [.. nn.LSTM(2, 4, batchFirst: true).parameters()];
        static void ExpectStart(string start, Action action) =>
            Assert.StartsWith(start, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);

        ExpectStart("found weight_ih of shape [16, 2]; expected [16, 3]", () => FusedLstm.Forward(randn(2, 10, 3), parameters, new()));
        ExpectStart(
            "found an input of shape [10, 2]; expected [batch, time, channels]",
            () => FusedLstm.Forward(randn(10, 2), parameters, new())
        );
        ExpectStart("found length 11 in row 1; expected 1 to 10", () => FusedLstm.Forward(randn(2, 10, 2), parameters, new(), [10, 11]));
        ExpectStart(
            "found 3 parameters; expected 4 for one direction or 8 for two",
            () => FusedLstm.Forward(randn(2, 10, 2), parameters[..3], new())
        );
    }

    private static Tensor Loss(Tensor hidden, Tensor cell, Tensor mean, Tensor sequence, Tensor weights) =>
        hidden.sum() + cell.pow(2).sum() + (mean * 3).exp().sum() + (sequence * weights).sum();

    private static List<Tensor> Gradients(Tensor loss, TorchSharp.Modules.LSTM lstm, params Tensor[] inputs)
    {
        Tensor[] leaves = [.. lstm.parameters(), .. inputs];
        loss.backward();
        FusedLstm.ThrowIfFailed();
        List<Tensor> gradients = [.. leaves.Select(leaf => leaf.grad!.clone())];
        foreach (var leaf in leaves)
            leaf.grad = null;
        return gradients;
    }

    // nn.LSTM rounds too: two float computations of values near 1 over 60 steps.
    private static void AssertClose(Tensor expected, Tensor actual)
    {
        var difference = (expected - actual).abs().max().item<float>();
        Assert.True(difference <= 1e-5f * Math.Max(1, expected.abs().max().item<float>()), $"differs by {difference}");
    }

    private sealed class FailingKernel : ILstmKernel
    {
        public string Name => "failing";

        public long CheckpointFloats(LstmGeometry geometry) => 0;

        public void Forward(LstmCall call, int threads) { }

        public void Backward(LstmCall call, LstmGradients gradients, int threads) => throw new NotSupportedException("no backward here");
    }
}
