using System.Text.Json;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch.Modules;
using GlifMl.Torch;
using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Training;

[Collection(TorchTests.Name)]
public sealed class TrainingLoopTests
{
    private readonly MLContext _ml = new(1);
    private readonly TinyTraces.Row[] _rows = TinyTraces.Rows(40);

    public TrainingLoopTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<LstmKernel> Kernels => [LstmKernel.Fused, LstmKernel.Torch];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Run_Resumed_EqualsUnbrokenRunToTheBit(LstmKernel kernel)
    {
        using var folder = new TempFolder();
        var train = TinyTraces.View(_rows);
        var options = new BiLstmOptions
        {
            Hidden = 4,
            Layers = 2,
            Dropout = 0.2,
            LayerNorm = true,
            Batch = 8,
            Epochs = 4,
            Kernel = kernel,
            Threads = 1,
            Seed = 9,
            ClipNorm = 1,
        };
        var unbroken = Trainer(options, new TrainingRun());
        var expected = unbroken.Fit(train);

        using var source = new CancellationTokenSource();
        void StopWithinThirdEpoch(TrainingProgress p)
        {
            if (p is { Epoch: 3, Step: 2 })
                source.Cancel();
        }

        var run = new TrainingRun { Directory = folder.Path, DataFingerprint = "data" };
        Assert.Throws<OperationCanceledException>(() =>
            Trainer(options, run with { OnProgress = StopWithinThirdEpoch, Cancellation = source.Token }).Fit(train)
        );
        var resumed = Trainer(options, run with { Resume = true });
        var actual = resumed.Fit(train);

        Assert.Equal(
            unbroken.History.Select(e => (e.Epoch, e.TrainLoss, e.ValidationLoss)),
            resumed.History.Select(e => (e.Epoch, e.TrainLoss, e.ValidationLoss))
        );
        Assert.Equal(TinyTraces.Export(expected, train), TinyTraces.Export(actual, train));
        Assert.Equal(
            [1, 2, 3, 4],
            File.ReadLines(Path.Combine(folder.Path, "training.jsonl"))
                .Select(l => JsonDocument.Parse(l).RootElement.GetProperty("epoch").GetInt32())
        );
        foreach (
            var foreign in new[]
            {
                Trainer(options with { Hidden = 5 }, run with { Resume = true }),
                Trainer(options, run with { Resume = true, DataFingerprint = "other" }),
            }
        )
            Assert.Contains(
                "belongs to a run with other options or data",
                Assert.Throws<InvalidDataException>(() => foreign.Fit(train)).Message,
                StringComparison.Ordinal
            );
    }

    // Rounding differs from the first step on, and 200 steps of Adam spread it; the losses of the epochs must stay together.
    [Fact]
    public void Run_FusedKernelAndTorch_LoseAlikeInEachEpoch()
    {
        const int Samples = 300;
        var (train, validation) = (
            TinyTraces.View(TinyTraces.Rows(160, samples: Samples), Samples),
            TinyTraces.View(TinyTraces.Rows(20, seed: 2, Samples), Samples)
        );
        EpochRecord[] Losses(LstmKernel kernel)
        {
            var options = new BiLstmOptions
            {
                Hidden = 5,
                Batch = 4,
                Epochs = 5,
                LearningRate = 1e-2,
                Kernel = kernel,
                Threads = 1,
                Seed = 9,
            };
            var trainer = _ml.Regression.Trainers.BiLstm(options, validation: validation);
            trainer.Fit(train);
            return [.. trainer.History];
        }

        foreach (var (torch, fused) in Losses(LstmKernel.Torch).Zip(Losses(LstmKernel.Fused)))
        {
            Assert.Equal(torch.TrainLoss, fused.TrainLoss, 1e-3 * torch.TrainLoss);
            Assert.Equal(torch.ValidationLoss!.Value, fused.ValidationLoss!.Value, 1e-3 * torch.ValidationLoss.Value);
        }
    }

    // The validation labels are the training labels' negatives, so the better the fit, the worse the validation loss: the first epoch is
    // the best.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_ValidationOnlyGetsWorse_StopsEarlyAndKeepsTheChosenEpoch(bool restoreBest)
    {
        var opposite = _rows.Select(r => new TinyTraces.Row { Features = r.Features, Label = [.. r.Label.Select(l => -l)] }).ToArray();
        var options = new TorchModuleOptions
        {
            Epochs = 10,
            Batch = 8,
            Threads = 1,
            LearningRate = 1e-2,
            EarlyStopping = 3,
            RestoreBest = restoreBest,
        };
        var trainer = _ml.Regression.Trainers.TorchModule(options, Linear, validation: TinyTraces.View(opposite));
        using var fitted = trainer.Fit(TinyTraces.View(_rows));

        Assert.Equal(4, trainer.History.Count);
        Assert.All(trainer.History.Skip(1), e => Assert.True(e.ValidationLoss > trainer.History[0].ValidationLoss));
        var loss = TinyTraces.MeanSquaredError(TinyTraces.Score(fitted, TinyTraces.View(_rows)), opposite);
        Assert.Equal(trainer.History[restoreBest ? 0 : 3].ValidationLoss!.Value, loss, 1e-6);
    }

    // One batch of all rows: the order can change only how the loss and its gradient are rounded.
    [Fact]
    public void Run_WithoutCache_EqualsCachedUpToOrder()
    {
        var options = new TorchModuleOptions
        {
            Epochs = 5,
            Batch = _rows.Length,
            Threads = 1,
            LearningRate = 1e-2,
        };
        var cached = _ml.Regression.Trainers.TorchModule(options, Linear);
        var streamed = _ml.Regression.Trainers.TorchModule(options with { CacheMebibytes = 0 }, Linear);
        using var expected = cached.Fit(TinyTraces.View(_rows));
        using var actual = streamed.Fit(TinyTraces.View(_rows));
        Assert.All(cached.History.Zip(streamed.History), pair => Assert.Equal(pair.First.TrainLoss, pair.Second.TrainLoss, 1e-6));
        TinyTraces.AssertClose(TinyTraces.Score(expected, TinyTraces.View(_rows)), TinyTraces.Score(actual, TinyTraces.View(_rows)), 1e-4);
    }

    [Fact]
    public void Run_AllTracesPaddedAlike_EqualsTrainingOnTheCutTraces()
    {
        const int kept = 7;
        var padded = _rows.Select(r => new TinyTraces.Row { Features = Padded(r.Features, kept), Label = r.Label });
        var cut = _rows.Select(r => new TinyTraces.Row { Features = r.Features[..(kept * TinyTraces.Channels)], Label = r.Label });
        var options = new BiLstmOptions
        {
            Hidden = 4,
            Epochs = 3,
            Batch = 8,
            Threads = 1,
            ReadOut = ReadOut.Both,
        };
        var (long_, short_) = (_ml.Regression.Trainers.BiLstm(options), _ml.Regression.Trainers.BiLstm(options));
        var fromPadded = long_.Fit(TinyTraces.View(padded));
        var fromCut = short_.Fit(TinyTraces.View(cut, kept));
        Assert.Equal(short_.History.Select(e => e.TrainLoss), long_.History.Select(e => e.TrainLoss));
        TinyTraces.AssertClose(
            TinyTraces.Score(fromCut, TinyTraces.View(cut, kept)),
            TinyTraces.Score(fromPadded, TinyTraces.View(padded))
        );
    }

    [Fact]
    public void Run_LossOverflows_SaysWhatKeepsItFinite()
    {
        var options = new TorchModuleOptions
        {
            Epochs = 3,
            Batch = 8,
            Threads = 1,
            LearningRate = 1e30,
        };
        var fault = Assert.Throws<InvalidOperationException>(() =>
            _ml.Regression.Trainers.TorchModule(options, Linear).Fit(TinyTraces.View(_rows))
        );
        Assert.EndsWith(
            "in epoch 1, step 2; a lower learning_rate, warm_up_steps or clip_norm keeps it finite",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    private static float[] Padded(float[] features, int kept)
    {
        var padded = (float[])features.Clone();
        padded.AsSpan(kept * TinyTraces.Channels).Fill(float.NaN);
        return padded;
    }

    private static nn.Module<Tensor, Tensor> Linear() =>
        nn.Sequential(nn.Flatten(), nn.Linear(TinyTraces.Samples * TinyTraces.Channels, TinyTraces.Targets));

    private BiLstmTrainer Trainer(BiLstmOptions options, TrainingRun run) =>
        _ml.Regression.Trainers.BiLstm(options, validation: TinyTraces.View(TinyTraces.Rows(12, seed: 2)), run: run);
}
