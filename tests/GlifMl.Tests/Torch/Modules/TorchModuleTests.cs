using GlifMl.Tests.Datasets;
using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Transforms.Onnx;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Modules;

[Collection(TorchTests.Name)]
public sealed class TorchModuleTests
{
    private readonly MLContext _ml = new(1);
    private readonly TinyTraces.Row[] _rows = TinyTraces.Rows(60);
    private readonly IDataView _train;
    private readonly IDataView _validation = TinyTraces.View(TinyTraces.Rows(20, seed: 2));

    public TorchModuleTests()
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1); // threads cost more than problems of this size
        _train = TinyTraces.View(_rows);
    }

    public static TheoryData<string> Trainers => ["mlp", "mlp, batch norm", "gru", "gru, mean", "cnn", "cnn, average", "own"];

    [Fact]
    public void TorchModule_OwnLayer_TrainsExportsAndLoadsInStockMlNet()
    {
        using var folder = new TempFolder();
        var options = new TorchModuleOptions
        {
            Epochs = 30,
            Batch = 16,
            LearningRate = 2e-2,
            Seed = 7,
            Threads = 1,
        };
        var trainer = _ml.Regression.Trainers.TorchModule(options, Network, validation: _validation);

        using var fitted = trainer.Fit(_train);
        var scores = TinyTraces.Score(fitted, _train);
        Assert.True(trainer.History[^1].TrainLoss < 0.5 * trainer.History[0].TrainLoss);

        TinyTraces.AssertClose(TinyTraces.Libtorch(fitted, _rows, options.Layout), scores);

        // The graph alone, in OnnxRuntime.
        var onnx = TinyTraces.Export(fitted, _train);
        TinyTraces.AssertClose(
            scores,
            TinyTraces.Run(onnx, TinyTraces.Features(_rows), _rows.Length, TinyTraces.Samples * TinyTraces.Channels)
        );

        // A model file without a class of this project in it.
        var path = Path.Combine(folder.Path, "model.zip");
        _ml.Model.Save(fitted, _train.Schema, path);
        var loaded = new MLContext().Model.Load(path, out _);
        Assert.IsType<OnnxTransformer>(loaded is IEnumerable<ITransformer> chain ? Assert.Single(chain) : loaded);
        TinyTraces.AssertClose(scores, TinyTraces.Score(loaded, _train));
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Fit_SameSeed_GivesTheSameModelThatAgreesWithItsExport(string name)
    {
        using var first = Trainer(name).Fit(_train);
        using var second = Trainer(name).Fit(_train);
        var onnx = TinyTraces.Export(first, _train);
        Assert.Equal(onnx, TinyTraces.Export(second, _train));
        var expected = TinyTraces.Libtorch(
            first,
            _rows,
            name.StartsWith("cnn", StringComparison.Ordinal) ? TraceLayout.ChannelsSamples : TraceLayout.SamplesChannels
        );
        TinyTraces.AssertClose(expected, TinyTraces.Score(first, _train));
        TinyTraces.AssertClose(
            expected,
            TinyTraces.Run(onnx, TinyTraces.Features(_rows), _rows.Length, TinyTraces.Samples * TinyTraces.Channels)
        );
        Assert.Equal(first.Module.parameters().Sum(p => p.numel()), first.ParameterCount);
    }

    [Fact]
    public void Fit_ResumedWithBatchNormAndDropout_EqualsUnbrokenRunToTheBit()
    {
        using var folder = new TempFolder();
        var unbroken = Resumable(new TrainingRun());
        using var expected = unbroken.Fit(_train);

        using var source = new CancellationTokenSource();
        void StopAfterSecondEpoch(TrainingProgress p)
        {
            if (p.Finished is { Epoch: 2 })
                source.Cancel();
        }

        var run = new TrainingRun { Directory = folder.Path };
        Assert.Throws<OperationCanceledException>(() =>
            Resumable(run with { OnProgress = StopAfterSecondEpoch, Cancellation = source.Token }).Fit(_train)
        );
        var resumed = Resumable(run with { Resume = true });
        using var actual = resumed.Fit(_train);

        Assert.Equal(
            unbroken.History.Select(e => (e.TrainLoss, e.ValidationLoss)),
            resumed.History.Select(e => (e.TrainLoss, e.ValidationLoss))
        );
        Assert.Equal(TinyTraces.Export(expected, _train), TinyTraces.Export(actual, _train));

        var other = _ml.Regression.Trainers.TorchModule(ResumableOptions, () => BatchNormNetwork(0.5), run: run with { Resume = true });
        Assert.Contains(
            "belongs to a run with other options or data",
            Assert.Throws<InvalidDataException>(() => other.Fit(_train)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Fit_BatchNormAndOneRowLeftOver_JoinsItToTheLastBatch()
    {
        var rows = TinyTraces.View(TinyTraces.Rows(17));
        var steps = 0L;
        var run = new TrainingRun { OnProgress = p => steps = Math.Max(steps, p.Step) };
        using var fitted = _ml
            .Regression.Trainers.Mlp(
                new()
                {
                    Epochs = 1,
                    Batch = 8,
                    BatchNorm = true,
                },
                run: run
            )
            .Fit(rows);
        Assert.Equal(2, steps);
        var alone = Assert.Throws<ArgumentException>(() => _ml.Regression.Trainers.Mlp(new() { Batch = 1, BatchNorm = true }).Fit(rows));
        Assert.Equal("found batches of 1 row(s); expected 2 or more, which the module's batch normalisation needs", alone.Message);
    }

    [Fact]
    public void Fit_ShortTrace_SaysWhatTheModuleReads()
    {
        var rows = TinyTraces.Rows(4);
        rows[2].Features.AsSpan(^4).Fill(float.NaN);
        var fault = Assert.Throws<InvalidDataException>(() => _ml.Regression.Trainers.Gru(new()).Fit(TinyTraces.View(rows)));
        Assert.Equal(
            "found a trace of 10 samples before its padding; "
                + "expected 12, because this module reads traces of one length (bilstm reads others)",
            fault.Message
        );
    }

    // Several cursors score at a time while others allocate, as ML.NET's own cursors do.
    [Fact]
    public void Score_FromSeveralThreads_GivesTheSame()
    {
        using var fitted = Trainer("gru").Fit(_train);
        var expected = TinyTraces.Score(fitted, _train);
        Parallel.For(0, 16, _ => Assert.Equal(expected, TinyTraces.Score(fitted, _train)));
    }

    [Fact]
    public void Score_AfterDispose_Throws()
    {
        var fitted = Trainer("mlp").Fit(_train);
        fitted.Dispose();
        Assert.Throws<ObjectDisposedException>(() => TinyTraces.Score(fitted, _train));
    }

    private static TorchModuleOptions ResumableOptions =>
        new()
        {
            Epochs = 4,
            Batch = 16,
            Seed = 3,
            Threads = 1,
            Schedule = LearningRateSchedule.Cosine,
        };

    private static nn.Module<Tensor, Tensor> Network() =>
        nn.Sequential(
            ("states", SequenceReadOut.WholeSequence(nn.GRU(TinyTraces.Channels, 8, batchFirst: true))),
            ("pool", new AttentionPooling(8)),
            ("head", nn.Linear(8, TinyTraces.Targets))
        );

    private static nn.Module<Tensor, Tensor> BatchNormNetwork(double dropout) =>
        nn.Sequential(
            nn.Flatten(),
            nn.Linear(TinyTraces.Samples * TinyTraces.Channels, 8),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(8, TinyTraces.Targets)
        );

    private TorchModuleTrainer Resumable(TrainingRun run) =>
        _ml.Regression.Trainers.TorchModule(ResumableOptions, () => BatchNormNetwork(0.25), validation: _validation, run: run);

    private TorchModuleTrainer Trainer(string name)
    {
        var trainers = _ml.Regression.Trainers;
        return name switch
        {
            "mlp" => trainers.Mlp(
                new()
                {
                    Hidden = [8],
                    Activation = Activation.Gelu,
                    Dropout = 0.1,
                    Epochs = 2,
                    Threads = 1,
                }
            ),
            "mlp, batch norm" => trainers.Mlp(
                new()
                {
                    Hidden = [8, 4],
                    BatchNorm = true,
                    Epochs = 2,
                    Threads = 1,
                }
            ),
            "gru" => trainers.Gru(
                new()
                {
                    Hidden = 4,
                    Layers = 2,
                    Dropout = 0.1,
                    LayerNorm = true,
                    Epochs = 2,
                    Threads = 1,
                }
            ),
            "gru, mean" => trainers.Gru(
                new()
                {
                    Hidden = 4,
                    Bidirectional = false,
                    ReadOut = ReadOut.Mean,
                    Epochs = 2,
                    Threads = 1,
                }
            ),
            "cnn" => trainers.Cnn(
                new()
                {
                    Channels = [4, 6],
                    KernelSize = 3,
                    Epochs = 2,
                    Threads = 1,
                }
            ),
            "cnn, average" => trainers.Cnn(
                new()
                {
                    Channels = [4],
                    KernelSize = 4,
                    Stride = 2,
                    Pooling = CnnPooling.Average,
                    BatchNorm = false,
                    Dropout = 0.1,
                    Epochs = 2,
                    Threads = 1,
                }
            ),
            _ => trainers.TorchModule(new TorchModuleOptions { Epochs = 2, Threads = 1 }, Network),
        };
    }
}
