using GlifMl.Onnx;
using GlifMl.Torch;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Modules;

/// <summary>What is wrong with a module is said before a row is read, in one line.</summary>
[Collection(TorchTests.Name)]
public sealed class ModuleCheckTests
{
    private const string Supported =
        "Sequential, Linear, LayerNorm, BatchNorm1d, Flatten, Dropout, Identity, Conv1d, MaxPool1d, AvgPool1d, AdaptiveAvgPool1d, "
        + "ReLU, Tanh, Sigmoid, LeakyReLU, ELU, GELU, SiLU, Softplus, SequenceReadOut";

    public ModuleCheckTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void Fit_UnsupportedLayer_IsNamedWithItsPath() =>
        AssertFault(
            $"layer 'body.1' (Softsign) cannot be written as ONNX; expected {Supported}, or a module that implements ITorchOnnxExportable",
            () => nn.Sequential(("flat", nn.Flatten()), ("body", nn.Sequential(nn.Linear(24, 4), nn.Softsign())), ("head", nn.Linear(4, 2)))
        );

    [Fact]
    public void Fit_OwnModuleWithoutExport_IsNamed() =>
        AssertFault(
            $"the module (Silent) cannot be written as ONNX; expected {Supported}, or a module that implements ITorchOnnxExportable",
            () => new Silent()
        );

    [Fact]
    public void Fit_LayerInsideOwnModule_IsNamedByItsField() =>
        AssertFault(
            "layer '0._gru' (GRU) cannot be written as ONNX; wrap it in SequenceReadOut, which says what of its outputs is read",
            () => nn.Sequential(new BareGru(), nn.Linear(3, 2))
        );

    [Fact]
    public void Fit_LayersThatDoNotFit_SaysWhatIsGiven() =>
        AssertFault(
            "layer '1' (Linear) does not fit its input [batch, 24]: linear layer: found 24 numbers; expected 10, which the weights read",
            () => nn.Sequential(nn.Flatten(), nn.Linear(10, 2))
        );

    [Fact]
    public void Fit_WrongNumberOfScores_SaysHowManyAreExpected() =>
        AssertFault(
            "the module (Sequential) gives [batch, 5]; expected [batch, 2], a score for each slot of the label",
            () => nn.Sequential(nn.Flatten(), nn.Linear(24, 5))
        );

    [Fact]
    public void Fit_ExportOtherThanForward_IsRefused()
    {
        var fault = Fault(() => nn.Sequential(nn.Flatten(), nn.Linear(24, 2), new WrongExport()));
        Assert.StartsWith("the module (Sequential) gives ", fault, StringComparison.Ordinal);
        Assert.EndsWith("expected the same: an Export of its own does not compute what forward does", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_NothingToTrain_IsRefused() =>
        AssertFault(
            "the module (Sequential) has no parameter to train; "
                + "expected layers registered with RegisterComponents(), of a module that is new each time",
            () => nn.Sequential(nn.Flatten(), nn.ReLU())
        );

    [Fact]
    public void Fit_EveryParameterFrozen_IsRefused() =>
        AssertFault(
            "the module (Sequential) has no parameter to train: all have requires_grad: false",
            () =>
            {
                var linear = nn.Linear(24, 2);
                foreach (var parameter in linear.parameters())
                    parameter.requires_grad = false;
                return nn.Sequential(nn.Flatten(), linear);
            }
        );

    [Fact]
    public void Fit_NoModule_IsRefused() => AssertFault("found no module from the factory; expected a new one each time", () => null!);

    [Fact]
    public void Fit_ModuleOfAFitBefore_IsRefused()
    {
        var used = nn.Sequential(nn.Flatten(), nn.Linear(24, 2));
        used.Dispose();
        AssertFault(
            "the module (Sequential) has no parameter to train; "
                + "expected layers registered with RegisterComponents(), of a module that is new each time",
            () => used
        );
    }

    [Fact]
    public void Fit_DoublePrecision_IsRefused() =>
        AssertFault(
            "parameter '1.weight': found Float64 on CPU; expected contiguous Float32 on the CPU",
            () => nn.Sequential(nn.Flatten(), nn.Linear(24, 2, dtype: ScalarType.Float64))
        );

    [Fact]
    public void Fit_ReflectingConvolution_IsRefused() =>
        AssertFault(
            "layer '0' (Conv1d) pads by Reflect, which is not written as ONNX; expected Zeros",
            () => nn.Sequential(nn.Conv1d(2, 2, 3, padding: 1, padding_mode: PaddingModes.Reflect), nn.Flatten(), nn.Linear(24, 2)),
            TraceLayout.ChannelsSamples
        );

    [Fact]
    public void Fit_TraceTooShortForCnn_SaysWhereItEnds()
    {
        var trainer = new MLContext(1).Regression.Trainers.Cnn(new() { Channels = [2, 2, 2, 2], KernelSize = 3 });
        var fault = Assert.Throws<ArgumentException>(() => trainer.Fit(TinyTraces.View(TinyTraces.Rows(4))));
        Assert.Equal("cnn: found 1 of 12 samples left after convolution 4 of 4; expected at least pool_size: 2", fault.Message);
    }

    [Fact]
    public void SequenceReadOut_BatchSecond_IsRefused() =>
        Assert.Equal(
            "the LSTM reads [samples, batch, channels]; expected one created with batchFirst: true",
            Assert.Throws<ArgumentException>(() => new SequenceReadOut(nn.LSTM(2, 3))).Message
        );

    [Theory]
    [InlineData(0, "expected whole numbers of at least 1")]
    public void Mlp_EmptyLayer_IsRefused(int units, string fault) =>
        Assert.Equal(
            $"MlpOptions.Hidden: {fault}",
            Assert.Throws<ArgumentException>(() => new MLContext(1).Regression.Trainers.Mlp(new() { Hidden = [4, units] })).Message
        );

    private static void AssertFault(
        string expected,
        Func<nn.Module<Tensor, Tensor>> create,
        TraceLayout layout = TraceLayout.SamplesChannels
    ) => Assert.Equal(expected, Fault(create, layout));

    // The rows would end the test: a fault is found before one is read.
    private static string Fault(Func<nn.Module<Tensor, Tensor>> create, TraceLayout layout = TraceLayout.SamplesChannels)
    {
        var unreadable = TinyTraces.View([new TinyTraces.Row { Features = [1], Label = [1] }]);
        var trainer = new MLContext(1).Regression.Trainers.TorchModule(new TorchModuleOptions { Layout = layout }, create);
        return
            Assert.ThrowsAny<ArgumentException>(() => trainer.Fit(unreadable)) is var fault
            && !fault.Message.Contains('\n', StringComparison.Ordinal)
            ? fault.Message
            : throw new InvalidOperationException("more than one line");
    }

    private sealed class Silent : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear _linear = nn.Linear(24, 2);

        public Silent()
            : base(nameof(Silent)) => RegisterComponents();

        public override Tensor forward(Tensor input) => _linear.forward(input.flatten(1));
    }

    private sealed class BareGru : nn.Module<Tensor, Tensor>, ITorchOnnxExportable
    {
        private readonly TorchSharp.Modules.GRU _gru = nn.GRU(2, 3, batchFirst: true);

        public BareGru()
            : base(nameof(BareGru)) => RegisterComponents();

        public override Tensor forward(Tensor input) => _gru.call(input).Item1.mean([1]);

        public OnnxValue Export(TorchOnnxContext context, OnnxValue input) => context.Export(_gru, input);
    }

    private sealed class WrongExport() : nn.Module<Tensor, Tensor>(nameof(WrongExport)), ITorchOnnxExportable
    {
        public override Tensor forward(Tensor input) => input + 1;

        public OnnxValue Export(TorchOnnxContext context, OnnxValue input) => input;
    }
}
