using GlifMl.Onnx;
using GlifMl.Tests.Torch.Modules;
using GlifMl.Torch;
using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Posteriors;

/// <summary>Posteriors where the answer is known, and where training might go wrong.</summary>
[Collection(TorchTests.Name)]
public sealed class PosteriorTrainingTests
{
    private const int Inputs = 4;
    private readonly MLContext _ml = new(1);

    public PosteriorTrainingTests()
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1); // threads cost more than problems of this size
    }

    public static TheoryData<string> Trainers => ["bilstm", "mlp", "gru", "cnn", "module"];

    // theta ~ N(0, I), x = A theta + N(0, 0.5^2): the posterior is Gaussian, its covariance the same for every x (Bishop 2006, 2.116).
    [Fact]
    public void Fit_LinearGaussianProblem_FindsTheExactPosterior()
    {
        const double Noise = 0.5;
        double[,] a =
        {
            { 1, 0.5 },
            { -0.5, 1 },
            { 0.3, 0.3 },
            { 0.8, -0.2 },
        };
        var random = new Random(3);
        TinyTraces.Row Row()
        {
            var (t, x) = (new[] { Gaussian(random), Gaussian(random) }, new float[Inputs]);
            for (var i = 0; i < Inputs; i++)
                x[i] = (float)((a[i, 0] * t[0]) + (a[i, 1] * t[1]) + (Noise * Gaussian(random)));
            return new TinyTraces.Row { Features = x, Label = [(float)t[0], (float)t[1]] };
        }

        TinyTraces.Row[] train = [.. Enumerable.Range(0, 20_000).Select(_ => Row())],
            test = [.. Enumerable.Range(0, 200).Select(_ => Row())];
        using var fitted = Fit(
            new MlpOptions
            {
                Hidden = [],
                Epochs = 12,
                Batch = 64,
            },
            components: 1,
            train
        );

        // Precision I + A^T A / s^2; mean = covariance A^T x / s^2.
        double Product(int i, int j) => Enumerable.Range(0, Inputs).Sum(k => a[k, i] * a[k, j]) / (Noise * Noise);
        var (p00, p01, p11) = (1 + Product(0, 0), Product(0, 1), 1 + Product(1, 1));
        var determinant = (p00 * p11) - (p01 * p01);
        var (c00, c01, c11) = (p11 / determinant, -p01 / determinant, p00 / determinant);
        foreach (var (row, mixture) in test.Zip(Mixtures(fitted, test, 1)))
        {
            double Seen(int i) => Enumerable.Range(0, Inputs).Sum(k => a[k, i] * row.Features[k]) / (Noise * Noise);
            var f = mixture.Factors;
            // To a tenth of the posterior's deviation; covariances to a tenth of the variance.
            var (first, second) = ((c00 * Seen(0)) + (c01 * Seen(1)), (c01 * Seen(0)) + (c11 * Seen(1)));
            Assert.Equal(first, mixture.Mean(0), 0.1 * Math.Sqrt(c00));
            Assert.Equal(second, mixture.Mean(1), 0.1 * Math.Sqrt(c11));
            Assert.Equal(c00, f[0] * f[0], 0.1 * c00);
            Assert.Equal(c01, f[0] * f[2], 0.1 * c00);
            Assert.Equal(c11, (f[2] * f[2]) + (f[3] * f[3]), 0.1 * c11);
        }
    }

    // A silent trace says of the threshold that it lies above the largest depolarisation, and nothing else: what is left of the prior.
    [Fact]
    public void Fit_SilentTraces_FindsThePriorCutOffAtTheLargestDepolarisation()
    {
        var random = new Random(4);
        TinyTraces.Row Row()
        {
            while (true)
            {
                var (largest, first, second) = (random.NextSingle(), random.NextSingle(), random.NextSingle());
                if (first > largest && second > largest)
                    return new TinyTraces.Row { Features = [largest, 0, 0, 0], Label = [first, second] };
            }
        }

        var options = new MlpOptions
        {
            Hidden = [32],
            Activation = Activation.Tanh,
            Epochs = 30,
            Batch = 64,
        };
        using var fitted = Fit(options, components: 8, [.. Enumerable.Range(0, 6000).Select(_ => Row())]);
        var test = new[] { 0.1f, 0.4f, 0.6f }.Select(m => new TinyTraces.Row { Features = [m, 0, 0, 0], Label = [0, 0] }).ToArray();
        foreach (var (row, mixture) in test.Zip(Mixtures(fitted, test, 8)))
        {
            double largest = row.Features[0];
            foreach (var p in PosteriorInfo.Levels)
                Assert.Equal(largest + (p * (1 - largest)), mixture.Marginal(0).Quantile(p), 0.05 * (1 - largest) + 0.01);
            // Almost nothing below the depolarisation, where the exact posterior has nothing.
            Assert.InRange(mixture.Marginal(0).Cdf(largest), 0, 0.06);
        }
    }

    // Forty traces, four Gaussians, no clipping: what a mixture collapses on, if it can.
    [Fact]
    public void Fit_TenSeedsOfFewTraces_StaysFiniteAndKeepsItsWidth()
    {
        var (train, validation) = (TinyTraces.Rows(40), TinyTraces.Rows(40, seed: 2));
        for (var seed = 1; seed <= 10; seed++)
        {
            var options = new MlpOptions
            {
                Hidden = [16],
                Epochs = 150,
                Batch = 8,
                Seed = seed,
                Threads = 1,
                LearningRate = 2e-2,
                Posterior = new() { Components = 4 },
            };
            var trainer = _ml.Regression.Trainers.Mlp(options, validation: TinyTraces.View(validation));
            using var fitted = trainer.Fit(TinyTraces.View(train));
            Assert.All(
                trainer.History,
                epoch => Assert.True(double.IsFinite(epoch.TrainLoss) && double.IsFinite(epoch.ValidationLoss!.Value))
            );
            // Of the chosen epoch: better than knowing nothing, log sqrt(2 pi e) a label.
            Assert.True(trainer.History.Min(epoch => epoch.ValidationLoss) < 2 * 1.42);
            Assert.All(
                Mixtures(fitted, validation, 4, TinyTraces.Samples),
                mixture => Assert.All(Enumerable.Range(0, 2), i => Assert.InRange(mixture.Deviation(i), 1e-4, 10))
            );
        }
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Fit_EveryTrainer_GivesAPosteriorThatAgreesWithItsExport(string name)
    {
        var rows = TinyTraces.Rows(40);
        var train = TinyTraces.View(rows);
        var fitted = Trainer(name, new() { Components = 3 }).Fit(train);
        var shape = new MixtureShape(3, TinyTraces.Targets);
        var scores = TinyTraces.Score(fitted, train);
        Assert.Equal(rows.Length * shape.Size, scores.Length);
        Assert.Equal(shape, MixtureColumn.Of(fitted.GetOutputSchema(train.Schema)["Score"])!.Shape);
        TinyTraces.AssertClose(
            scores,
            TinyTraces.Run(
                TinyTraces.Export(fitted, train),
                TinyTraces.Features(rows),
                rows.Length,
                TinyTraces.Samples * TinyTraces.Channels
            ),
            2e-5
        );
        (fitted as IDisposable)?.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(33)]
    public void Create_ComponentsOutOfRange_AreRefused(int components)
    {
        var fault = Assert.Throws<ArgumentException>(() => Trainer("mlp", new() { Components = components }));
        Assert.Contains("PosteriorOptions.Components", fault.Message, StringComparison.Ordinal);
    }

    // What a checkpoint is named by does not change where no posterior is asked for.
    [Fact]
    public void Identity_WithoutPosterior_IsThatOfBefore()
    {
        Assert.DoesNotContain("Posterior", new BiLstmOptions().Identity, StringComparison.Ordinal);
        Assert.Contains("CacheMebibytes = 1536, Hidden = 32", new BiLstmOptions().Identity, StringComparison.Ordinal);
        Assert.Contains("Components = 2", new BiLstmOptions { Posterior = new() { Components = 2 } }.Identity, StringComparison.Ordinal);
    }

    private IEstimator<ITransformer> Trainer(string name, PosteriorOptions posterior)
    {
        var trainers = _ml.Regression.Trainers;
        return name switch
        {
            "bilstm" => trainers.BiLstm(
                new BiLstmOptions
                {
                    Hidden = 4,
                    Epochs = 3,
                    Batch = 8,
                    Threads = 1,
                    Posterior = posterior,
                }
            ),
            "gru" => trainers.Gru(
                new GruOptions
                {
                    Hidden = 4,
                    Epochs = 3,
                    Batch = 8,
                    Threads = 1,
                    Posterior = posterior,
                }
            ),
            "cnn" => trainers.Cnn(
                new CnnOptions
                {
                    Channels = [4],
                    Epochs = 3,
                    Batch = 8,
                    Threads = 1,
                    Posterior = posterior,
                }
            ),
            "module" => trainers.TorchModule(
                new TorchModuleOptions
                {
                    Epochs = 3,
                    Batch = 8,
                    Threads = 1,
                    Posterior = posterior,
                },
                shape => nn.Sequential(nn.Flatten(), nn.Linear(shape.Samples * shape.Channels, shape.Targets))
            ),
            _ => trainers.Mlp(
                new MlpOptions
                {
                    Hidden = [8],
                    Epochs = 3,
                    Batch = 8,
                    Threads = 1,
                    Posterior = posterior,
                }
            ),
        };
    }

    private TorchModuleTransformer Fit(MlpOptions options, int components, TinyTraces.Row[] train)
    {
        options = options with
        {
            Threads = 1,
            LearningRate = 1e-2,
            Schedule = LearningRateSchedule.Cosine,
            Posterior = new() { Components = components },
        };
        return _ml.Regression.Trainers.Mlp(options).Fit(TinyTraces.View(train, Inputs / TinyTraces.Channels));
    }

    private static GaussianMixture[] Mixtures(
        ITransformer fitted,
        TinyTraces.Row[] rows,
        int components,
        int samples = Inputs / TinyTraces.Channels
    )
    {
        var shape = new MixtureShape(components, TinyTraces.Targets);
        var scores = TinyTraces.Score(fitted, TinyTraces.View(rows, samples));
        return [.. scores.Chunk(shape.Size).Select(row => shape.Read(row))];
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
