using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch.Modules;
using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Training;

/// <summary>Loss, optimiser, schedule, metrics and callbacks of one's own.</summary>
[Collection(TorchTests.Name)]
public sealed class PartsTests
{
    private static readonly ReadmeText Readme = new("src/GlifMl.Torch/README.md");

    public PartsTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void Example_OfReadme_TrainsWithItsParts()
    {
        var (train, validation) = Rows();
        var ml = new MLContext(1);
        using var lines = new StringWriter();

        var trainer = ml.Regression.Trainers.TorchModule(
            new TorchModuleOptions
            {
                Epochs = 30,
                LearningRate = 2e-2,
                Seed = 7,
            },
            () => nn.Sequential(nn.Flatten(), nn.Linear(24, 16), nn.ReLU(), nn.Linear(16, 2)),
            validation: validation,
            parts: new TrainingParts
            {
                Loss = new LogCosh(), // your own
                Optimiser = new AdamWOptimiser { WeightDecay = 1e-3 },
                Schedule = new StepRate { Parts = 2 },
                Metrics = [new R2Metric()], // in training.jsonl, an epoch each
                Callbacks = [new StopBelow(1e-3), new EpochLines(lines)],
            }
        );
        using var model = trainer.Fit(train);

        var history = trainer.History;
        Assert.True(history[^1].ValidationLoss < 0.5 * history[0].ValidationLoss);
        Assert.True(history[^1].Metrics!["r2"] > history[0].Metrics!["r2"]);
        Assert.Equal(2e-2, history[0].LearningRate, 1e-12);
        Assert.Equal(2e-3, history[^1].LearningRate, 1e-12);
        Assert.Equal(history.Count, lines.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Readme.AssertCodeIsIn("PartsTests.Example", "tests/GlifMl.Tests/Torch/Training/PartsTests.cs");
        Readme.AssertCodeIsIn("PartsTests.LogCosh", "tests/GlifMl.Tests/Torch/Training/PartsTests.cs");
    }

    [Fact]
    public void Fit_UsualParts_EqualsATrainerWithoutAny()
    {
        var usual = Weights(null, epochs: 4);
        Assert.Equal(usual, Weights(new TrainingParts { Loss = new SquaredErrorLoss(), Metrics = [new R2Metric()] }, epochs: 4));
        Assert.NotEqual(usual, Weights(new TrainingParts { Loss = new HuberLoss { Delta = 0.1 } }, epochs: 4));
        Assert.NotEqual(usual, Weights(new TrainingParts { Optimiser = new SgdOptimiser() }, epochs: 4));
    }

    // The callback sees what was done before, so that a resumed run ends where an unbroken one does.
    [Fact]
    public void Fit_Resumed_EqualsAnUnbrokenRunAndRefusesOtherParts()
    {
        using var folder = new TempFolder();
        TrainingParts Parts(double momentum) =>
            new()
            {
                Optimiser = new SgdOptimiser { Momentum = (float)momentum },
                Callbacks = [new StopAfter(6)],
            };
        var whole = Weights(Parts(0.9), epochs: 10);
        _ = Weights(Parts(0.9) with { Callbacks = [new StopAfter(3)] }, epochs: 10, folder.Path);

        Assert.Equal(whole, Weights(Parts(0.9), epochs: 10, folder.Path, resume: true));
        Assert.Equal(6, File.ReadAllLines(folder["training.jsonl"]).Length);
        Assert.Throws<InvalidDataException>(() => Weights(Parts(0.5), epochs: 10, folder.Path, resume: true));
    }

    [Fact]
    public void Fit_LossWithAPosterior_IsRefused()
    {
        var trainer = new MLContext(1).Regression.Trainers.TorchModule(
            new TorchModuleOptions { Posterior = new() { Components = 2 } },
            shape => nn.Sequential(nn.Flatten(), nn.Linear(24, shape.Targets)),
            parts: new TrainingParts { Loss = new HuberLoss() }
        );

        Assert.Contains(
            "with a posterior",
            Assert.Throws<ArgumentException>(() => trainer.Fit(Rows().Train)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void AdamW_LeastSquares_FollowsTorchs() =>
        AdamTests.AssertFollows(
            20,
            parameters => new ParameterSteps(parameters, new AdamWOptimiser { WeightDecay = 0.1 }),
            parameters => optim.AdamW(parameters, 0.05, weight_decay: 0.1)
        );

    // Under one gradient the moves are a geometric series: rate x gradient x (1 + m + m^2 + ...).
    [Fact]
    public void Sgd_ConstantGradient_MovesByTheSeries()
    {
        float[] weights = [1, -2],
            first = [0, 0];
        var optimiser = new SgdOptimiser { Momentum = 0.5f };
        for (var step = 1; step <= 3; step++)
            optimiser.Step(weights, [2, -4], first, [], 0.1, step);

        var moved = 0.1f * (1 + 1.5f + 1.75f);
        Assert.Equal(1 - (2 * moved), weights[0], 1e-6f);
        Assert.Equal(-2 + (4 * moved), weights[1], 1e-6f);
    }

    [Fact]
    public void Schedules_AndMetrics_AreTheirFormulas()
    {
        var options = new TorchModuleOptions { Schedule = LearningRateSchedule.Cosine, WarmUpSteps = 5 };
        for (var step = 0; step < 50; step += 7)
            Assert.Equal(options.RateAt(step, 50), options.RateAt(step, 50, new CosineRate()), 1e-15);
        Assert.Equal(0.1, new CosineRate { Last = 0.1 }.At(1), 1e-12);
        Assert.Equal([1, 0.1, 0.01], new[] { 0.2, 0.4, 0.9 }.Select(new StepRate().At).Select(rate => Math.Round(rate, 12)));

        float[] scores = [1, 10, 2, 20, 3, 30],
            labels = [1, 12, 3, 20, 3, 28];
        // Sums of squares about the means: 8/3 and 128; errors 1 and 8.
        Assert.Equal(((1 - (1 / (8 / 3.0))) + (1 - (8 / 128.0))) / 2, new R2Metric().Of(scores, labels, 2), 1e-12);
        Assert.Equal(5 / 6.0, new MeanAbsoluteErrorMetric().Of(scores, labels, 2), 1e-12);
    }

    private static (IDataView Train, IDataView Validation) Rows() =>
        (TinyTraces.View(TinyTraces.Rows(60)), TinyTraces.View(TinyTraces.Rows(20, seed: 2)));

    private static float[] Weights(TrainingParts? parts, int epochs, string? folder = null, bool resume = false)
    {
        var (train, validation) = Rows();
        var trainer = new MLContext(1).Regression.Trainers.TorchModule(
            new TorchModuleOptions
            {
                Epochs = epochs,
                ClipNorm = 1,
                RestoreBest = false,
                Seed = 7,
            },
            () => nn.Sequential(nn.Flatten(), nn.Linear(24, 2)),
            validation: validation,
            run: new TrainingRun { Directory = folder, Resume = resume },
            parts: parts
        );
        using var model = trainer.Fit(train);
        return [.. model.Transform(validation).GetColumn<float[]>("Score").SelectMany(row => row)];
    }

    private sealed class StopAfter(int epochs) : ITrainingCallback
    {
        public bool Continues(EpochRecord epoch) => epoch.Epoch < epochs;
    }
}

public sealed record LogCosh : ITrainingLoss
{
    public Tensor Of(Tensor scores, Tensor labels) => (scores - labels).cosh().log().mean();
}
