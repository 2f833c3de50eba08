using GlifMl.Estimators;
using GlifMl.Onnx;
using GlifMl.Simulation;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;

namespace GlifMl.Tests.Estimators;

/// <summary>The trainers over stock ML.NET trainers, and the mean.</summary>
public sealed class MultiOutputTests
{
    private const int Rows = 300,
        Features = 6;
    private static readonly IDataView Data = MakeData();

    public static TheoryData<string> Trainers => ["linear", "fast-tree", "fast-forest", "lightgbm"];

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Fit_EachSlot_ScoresAsTheStockTrainerDoes(string name)
    {
        var ml = new MLContext(1);
        IEstimator<ISingleFeaturePredictionTransformer<object>> Stock(MLContext own, string label, string features) =>
            name switch
            {
                "linear" => own.Regression.Trainers.Sdca(
                    new SdcaRegressionTrainer.Options
                    {
                        LabelColumnName = label,
                        FeatureColumnName = features,
                        NumberOfThreads = 1,
                    }
                ),
                "fast-tree" => own.Regression.Trainers.FastTree(label, features, numberOfTrees: 20),
                "fast-forest" => own.Regression.Trainers.FastForest(label, features, numberOfTrees: 20),
                _ => own.Regression.Trainers.LightGbm(label, features, numberOfIterations: 20),
            };
        var scores = TraceRows.Scores(
            ml.Regression.Trainers.MultiOutput<object>(Stock, featureColumnName: "Trace", scoreColumnName: "Output").Fit(Data),
            Data
        );

        var labels = Onnx.TestRows.Read(Data, "Label");
        var features = Onnx.TestRows.Read(Data, "Trace");
        var schema = SchemaDefinition.Create(typeof(ScalarRow));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Features);
        var expected = features.Select(_ => new float[2]).ToArray();
        for (var k = 0; k < 2; k++)
        {
            // In the trainer's order: what an ML.NET context draws depends on what was asked of it before.
            var own = new MLContext(1);
            var trainer = Stock(own, "Label", "Features");
            var view = own.Data.LoadFromEnumerable(
                features.Zip(labels, (f, l) => new ScalarRow { Features = f, Label = l[k] }).ToArray(),
                schema
            );
            var stock = trainer.Fit(view).Transform(view).GetColumn<float>("Score").ToArray();
            for (var i = 0; i < Rows; i++)
                expected[i][k] = stock[i];
        }

        TraceRows.AssertClose(expected, scores, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Fit_SmoothTarget_IsLearnt(string name)
    {
        var trainer = Trainer(name, seed: 1);
        var scores = TraceRows.Scores(trainer.Fit(Data), Data);
        var labels = Onnx.TestRows.Read(Data, "Label");
        Assert.All([0, 1], k => Assert.True(RSquared(scores, labels, k) > 0.9));
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Fit_SameSeed_GivesTheSameBytes(string name)
    {
        byte[] Bytes() => OnnxExporter.Export([Trainer(name, seed: 5).Fit(Data)], Data.Schema, ["Output"]);
        Assert.Equal(Bytes(), Bytes());
    }

    [Fact]
    public void Fit_ConstantLabel_GivesTreesOfOneLeafThatApproachIt()
    {
        var data = TraceRows.View(
            new TraceShape(1, 1),
            [.. Enumerable.Range(0, 40).Select(i => new float[] { i })],
            [.. Enumerable.Range(0, 40).Select(_ => new float[] { 3 })]
        );
        var ml = new MLContext(1);
        var scores = TraceRows.Scores(
            ml.Regression.Trainers.FastTree(new FastTreeOptions { Trees = 3 }, "Label", "Trace", "Output").Fit(data),
            data
        );
        // Each tree adds a tenth of what is left of 3.
        Assert.All(scores, s => Assert.Equal(3 * (1 - (0.9f * 0.9f * 0.9f)), s[0], 1e-5f));
    }

    // Half of the variance of the second label is drawn for each row anew: the trees that fit it in the training rows do harm on others.
    [Theory]
    [InlineData("fast-tree")]
    [InlineData("lightgbm")]
    public void Fit_WithValidation_KeepsTheTreesUpToTheBestOnIt(string name)
    {
        var (train, validation, test) = (Noisy(1), Noisy(2), Noisy(3));
        double[] Errors(IDataView? chosenOn)
        {
            var trainers = new MLContext(1).Regression.Trainers;
            var trainer =
                name == "fast-tree"
                    ? trainers.FastTree(new FastTreeOptions { Trees = 200 }, "Label", "Trace", "Output", chosenOn)
                    : trainers.LightGbm(new LightGbmOptions { Trees = 200 }, "Label", "Trace", "Output", chosenOn);
            var labels = Onnx.TestRows.Read(test, "Label");
            var scores = TraceRows.Scores(trainer.Fit(train), test);
            return [1 - RSquared(scores, labels, 0), 1 - RSquared(scores, labels, 1)];
        }

        var (all, chosen) = (Errors(null), Errors(validation));
        Assert.True(chosen[1] < 0.9 * all[1], $"noisy label: {chosen[1]} with the chosen trees, {all[1]} with all");
        Assert.InRange(chosen[0], 0, all[0] + 1e-3);
        Assert.InRange(chosen[1], 0.4, 0.7);
    }

    [Fact]
    public void Fit_ForestWithValidation_KeepsAllItsTrees()
    {
        IEstimator<ISingleFeaturePredictionTransformer<FastForestRegressionModelParameters>> Forest(
            MLContext own,
            string label,
            string features
        ) => own.Regression.Trainers.FastForest(label, features, numberOfTrees: 10);
        var trainers = new MLContext(1).Regression.Trainers;
        Assert.Equal(
            TraceRows.Scores(trainers.MultiOutput(Forest, "Label", "Trace", "Output").Fit(Noisy(1)), Noisy(2)),
            TraceRows.Scores(trainers.MultiOutput(Forest, "Label", "Trace", "Output", validation: Noisy(2)).Fit(Noisy(1)), Noisy(2))
        );
    }

    [Fact]
    public void Linear_FeaturesOfVeryDifferentScale_AreStandardised()
    {
        float[][] features = [.. Enumerable.Range(0, 200).Select(i => new[] { 1e6f + (i % 10), 1e-6f * (i % 7), 5f })];
        var data = TraceRows.View(new TraceShape(3, 1), features, [.. features.Select((_, i) => new float[] { (i % 10) - (2 * (i % 7)) })]);
        var scores = TraceRows.Scores(
            new MLContext(1).Regression.Trainers.Linear(new LinearOptions(), "Label", "Trace", "Output").Fit(data),
            data
        );
        Assert.True(RSquared(scores, Onnx.TestRows.Read(data, "Label"), 0) > 0.99);
    }

    [Fact]
    public void Mean_AnyTrace_GivesTheMeanLabel()
    {
        var data = TraceRows.View(
            new TraceShape(2, 1),
            [
                [1, float.NaN],
                [2, 3],
                [4, 5],
            ],
            [
                [1, 10],
                [2, 20],
                [6, 60],
            ]
        );
        Assert.Equal(
            [
                [3, 30],
                [3, 30],
                [3, 30],
            ],
            TraceRows.Scores(new MeanTrainer(new MLContext(1), "Label", "Trace", "Output").Fit(data), data)
        );
    }

    [Fact]
    public void Fit_NaNFeature_SaysWhereAndWhatHelps()
    {
        var data = TraceRows.View(new TraceShape(2, 1), [1, 2], [3, float.NaN]);
        Assert.Equal(
            "column 'Trace', row 1: found NaN in slot 1; expected finite numbers; "
                + "trace-features and block-reduce give numbers whatever the trace holds",
            Assert.Throws<InvalidDataException>(() => Trainer("linear", 1).Fit(data)).Message
        );
    }

    [Fact]
    public void Fit_MoreThanFits_SaysHowMuchDoes()
    {
        var data = TraceRows.View(new TraceShape(200_000, 1), new float[200_000], new float[200_000]);
        var trainer = new MLContext(1).Regression.Trainers.LightGbm(new LightGbmOptions { CacheMebibytes = 1 }, "Label", "Trace", "Output");
        Assert.Equal(
            "found more than 1 training rows of 200000 features; expected at most 1 MiB of them: shorten the trace with "
                + "trace-features or block-reduce, or raise cache_mebibytes",
            Assert.Throws<InvalidDataException>(() => trainer.Fit(data)).Message
        );
    }

    [Fact]
    public void Fit_NoRows_SaysSo()
    {
        var empty = new MLContext(1).Data.FilterRowsByMissingValues(TraceRows.View(new TraceShape(1, 1), [float.NaN]), "Trace");
        Assert.Equal(
            "column 'Label': found no training rows; expected some",
            Assert.Throws<InvalidDataException>(() => Trainer("lightgbm", 1).Fit(empty)).Message
        );
    }

    [Fact]
    public void MultiOutput_ModelThatOnnxCannotTake_IsRefusedBeforeTraining()
    {
        var ml = new MLContext(1);
        const string Message =
            "multi-output: found a trainer of PoissonRegressionModelParameters; expected one whose model can be written as ONNX: "
            + "FastTreeRegressionModelParameters, FastForestRegressionModelParameters, LightGbmRegressionModelParameters, "
            + "LinearRegressionModelParameters";
        var e = Assert.Throws<ArgumentException>(() =>
            ml.Regression.Trainers.MultiOutput((own, label, features) => own.Regression.Trainers.LbfgsPoissonRegression(label, features))
        );
        Assert.StartsWith(Message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MultiOutput_OfAUsersTrainer_InfersItsModel()
    {
        var ml = new MLContext(1);
        var trainer = ml.Regression.Trainers.MultiOutput(
            (own, label, features) => own.Regression.Trainers.OnlineGradientDescent(label, features),
            featureColumnName: "Trace",
            scoreColumnName: "Output",
            options: new MultiOutputOptions { Standardise = true }
        );
        Assert.Equal(2, TraceRows.Scores(trainer.Fit(Data), Data)[0].Length);
    }

    private static IEstimator<OnnxExportableTransformer> Trainer(string name, int seed)
    {
        var trainers = new MLContext(seed).Regression.Trainers;
        return name switch
        {
            "linear" => trainers.Linear(new LinearOptions { Seed = seed }, "Label", "Trace", "Output"),
            "fast-tree" => trainers.FastTree(
                new FastTreeOptions
                {
                    Seed = seed,
                    Trees = 60,
                    FeatureFraction = 0.8,
                },
                "Label",
                "Trace",
                "Output"
            ),
            "fast-forest" => trainers.FastForest(new FastForestOptions { Seed = seed, Trees = 60 }, "Label", "Trace", "Output"),
            _ => trainers.LightGbm(
                new LightGbmOptions
                {
                    Seed = seed,
                    Trees = 100,
                    FeatureFraction = 0.8,
                },
                "Label",
                "Trace",
                "Output"
            ),
        };
    }

    private static double RSquared(List<float[]> scores, List<float[]> labels, int k)
    {
        var mean = labels.Average(l => l[k]);
        return 1 - (scores.Zip(labels, (s, l) => Math.Pow(s[k] - l[k], 2)).Sum() / labels.Sum(l => Math.Pow(l[k] - mean, 2)));
    }

    private static IDataView MakeData()
    {
        var random = new SeededRandom(2, "multi-output");
        float[][] features =
        [
            .. Enumerable
                .Range(0, Rows)
                .Select(_ => Enumerable.Range(0, Features).Select(_ => (float)((4 * random.NextDouble()) - 2)).ToArray()),
        ];
        return TraceRows.View(
            new TraceShape(Features, 1),
            features,
            [.. features.Select(f => new[] { (2 * f[0]) - f[1], 5 - (3 * f[2]) })]
        );
    }

    private static IDataView Noisy(int seed)
    {
        var random = new SeededRandom((ulong)seed, "multi-output, noisy");
        float[][] features =
        [
            .. Enumerable
                .Range(0, Rows)
                .Select(_ => Enumerable.Range(0, Features).Select(_ => (float)((4 * random.NextDouble()) - 2)).ToArray()),
        ];
        return TraceRows.View(
            new TraceShape(Features, 1),
            features,
            [.. features.Select(f => new[] { f[0] > 0 ? 3f : 1, (f[1] > 0 ? 1f : -1) + (float)random.NextGaussian() })]
        );
    }

    private sealed class ScalarRow
    {
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
