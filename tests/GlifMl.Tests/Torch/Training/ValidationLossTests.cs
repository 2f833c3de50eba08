using GlifMl.Onnx;
using GlifMl.Tests.Torch.Modules;
using GlifMl.Torch;
using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Training;

/// <summary>
/// The validation loss that chooses an epoch is that of the model which is exported: libtorch's own LSTM, for one, answers otherwise on
/// some processors where gradients are off.
/// </summary>
[Collection(TorchTests.Name)]
public sealed class ValidationLossTests
{
    private const int LargestHidden = 40;
    private readonly MLContext _ml = new(1);
    private readonly IDataView _train = TinyTraces.View(TinyTraces.Rows(24));
    private readonly TinyTraces.Row[] _validationRows = TinyTraces.Rows(20, seed: 2);

    public ValidationLossTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<string> Trainers => ["gru", "cnn", "mlp", "module"];

    private IDataView Validation => TinyTraces.View(_validationRows);

    [Theory]
    [InlineData(LstmKernel.Torch)]
    [InlineData(LstmKernel.Fused)]
    public void Fit_BiLstmOfAnySize_ValidatesWhatItExports(LstmKernel kernel)
    {
        for (var hidden = 1; hidden <= LargestHidden; hidden++)
        {
            var options = new BiLstmOptions
            {
                Hidden = hidden,
                ReadOut = ReadOut.Both,
                Kernel = kernel,
                Epochs = 1,
                Threads = 1,
            };
            var trainer = _ml.Regression.Trainers.BiLstm(options, validation: Validation);
            AssertAgrees(trainer.Fit(_train), trainer.History, $"hidden {hidden}");
        }
    }

    [Fact]
    public void Fit_OwnModuleWithAnLstmOfAnySize_ValidatesWhatItExports()
    {
        for (var hidden = 1; hidden <= LargestHidden; hidden++)
        {
            var size = hidden;
            var trainer = _ml.Regression.Trainers.TorchModule(
                new TorchModuleOptions { Epochs = 1, Threads = 1 },
                () =>
                    nn.Sequential(
                        new SequenceReadOut(nn.LSTM(TinyTraces.Channels, size, batchFirst: true)),
                        nn.Linear(size, TinyTraces.Targets)
                    ),
                validation: Validation
            );
            using var fitted = trainer.Fit(_train);
            AssertAgrees(fitted, trainer.History, $"hidden {hidden}");
        }
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Fit_OtherNetworks_ValidateWhatTheyExport(string name)
    {
        var trainers = _ml.Regression.Trainers;
        var trainer = name switch
        {
            "gru" => trainers.Gru(new GruOptions { Hidden = 7, Epochs = 2 }, validation: Validation),
            "cnn" => trainers.Cnn(new CnnOptions { Channels = [4, 8], Epochs = 2 }, validation: Validation),
            "mlp" => trainers.Mlp(
                new MlpOptions
                {
                    Hidden = [16],
                    BatchNorm = true,
                    Epochs = 2,
                },
                validation: Validation
            ),
            _ => trainers.TorchModule(
                new TorchModuleOptions { Epochs = 2 },
                () => nn.Sequential(new AttentionPooling(TinyTraces.Channels), nn.Linear(TinyTraces.Channels, TinyTraces.Targets)),
                validation: Validation
            ),
        };
        using var fitted = trainer.Fit(_train);
        AssertAgrees(fitted, trainer.History, name);
    }

    // Also for who calls it: the module of a fitted transformer, without gradients.
    [Fact]
    public void SequenceReadOut_WithoutGradients_ScoresAsWithThem()
    {
        using var scope = NewDisposeScope();
        for (var hidden = 1; hidden <= LargestHidden; hidden++)
        {
            random.manual_seed(hidden);
            var module = new SequenceReadOut(nn.LSTM(TinyTraces.Channels, hidden, batchFirst: true, bidirectional: true), ReadOut.Both);
            var traces = randn(4, 30, TinyTraces.Channels);
            var expected = TensorMemory.Copy(module.call(traces).contiguous());
            using var off = no_grad();
            var scores = module.call(traces);
            Assert.False(scores.requires_grad);
            TinyTraces.AssertClose(expected, TensorMemory.Copy(scores.contiguous()));
        }
    }

    private void AssertAgrees(OnnxExportableTransformer fitted, IReadOnlyList<EpochRecord> history, string what)
    {
        var best = history.Min(epoch => epoch.ValidationLoss!.Value);
        var onnx = TinyTraces.Export(fitted, Validation);
        var scores = TinyTraces.Run(
            onnx,
            TinyTraces.Features(_validationRows),
            _validationRows.Length,
            TinyTraces.Samples * TinyTraces.Channels
        );
        var exported = TinyTraces.MeanSquaredError(scores, _validationRows);
        Assert.True(Math.Abs(best - exported) <= 1e-5 * Math.Max(1, exported), $"{what}: validated {best}, exported {exported}");
    }
}
