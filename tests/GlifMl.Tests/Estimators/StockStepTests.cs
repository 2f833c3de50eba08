using GlifMl.Estimators;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Microsoft.ML.Transforms;

namespace GlifMl.Tests.Estimators;

/// <summary>ML.NET's own steps in a chain of C#: what its converter gets wrong is right here, or is refused.</summary>
public sealed class StockStepTests
{
    private const int Rows = 200,
        Size = 5;
    private const string In = TraceRows.Trace,
        Out = TraceRows.Output;

    private static readonly MLContext Ml = new(1);

    private static readonly Dictionary<string, Func<IEstimator<ITransformer>>> Steps = new()
    {
        ["infinity norm"] = () => Ml.Transforms.NormalizeLpNorm(Out, In, LpNormNormalizingEstimatorBase.NormFunction.Infinity),
        ["infinity norm, centred"] = () =>
            Ml.Transforms.NormalizeLpNorm(Out, In, LpNormNormalizingEstimatorBase.NormFunction.Infinity, ensureZeroMean: true),
        ["L1 norm, centred"] = () => Ml.Transforms.NormalizeLpNorm(Out, In, LpNormNormalizingEstimatorBase.NormFunction.L1, true),
        ["deviation"] = () => Ml.Transforms.NormalizeLpNorm(Out, In, LpNormNormalizingEstimatorBase.NormFunction.StandardDeviation),
        ["contrast of scale 2"] = () => Ml.Transforms.NormalizeGlobalContrast(Out, In, ensureUnitStandardDeviation: true, scale: 2),
        ["contrast of scale 3, not centred"] = () => Ml.Transforms.NormalizeGlobalContrast(Out, In, ensureZeroMean: false, scale: 3),
        ["selection by count"] = () => Ml.Transforms.FeatureSelection.SelectFeaturesBasedOnCount(Out, In, count: Rows - 10),
        ["bins"] = () => Ml.Transforms.NormalizeBinning(Out, In, maximumBinCount: 16),
        ["bins, zero not fixed"] = () => Ml.Transforms.NormalizeBinning(Out, In, fixZero: false, maximumBinCount: 16),
        ["distribution"] = () => Ml.Transforms.NormalizeMeanVariance(Out, In, useCdf: true),
        ["distribution of the logarithm"] = () => Ml.Transforms.NormalizeLogMeanVariance(Out, In),
        ["in place"] = () => Ml.Transforms.NormalizeMinMax(In).Append(Ml.Transforms.CopyColumns(Out, In)),
        ["between others"] = () =>
            Ml
                .Transforms.NormalizeMinMax("Scaled", In)
                .Append(Ml.Transforms.ProjectToPrincipalComponents("Components", "Scaled", rank: 2))
                .Append(Ml.Transforms.Concatenate(Out, "Scaled", "Components", In)),
    };

    public static TheoryData<string> Names => [.. Steps.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Export_OwnStepOfMlNet_ScoresAsItDoes(string name)
    {
        var data = Data();

        // Compares all rows in one batch, NaN and constant ones among them.
        _ = TraceRows.Scores(Steps[name]().Fit(data), data, Out);
    }

    [Fact]
    public void Export_SelectionByInformation_PicksOfEveryRow()
    {
        var data = Scalars();

        var fitted = Ml.Transforms.FeatureSelection.SelectFeaturesBasedOnMutualInformation(Out, In, "Number", slotsInOutput: 2).Fit(data);

        _ = TraceRows.Scores(fitted, data, Out);
    }

    [Fact]
    public void Export_BoostersAndLosses_ScoreAsTheyDo()
    {
        var data = Scalars();
        IEstimator<ITransformer>[] trainers =
        [
            Ml.Regression.Trainers.LightGbm(Of(new DartBooster.Options())),
            Ml.Regression.Trainers.LightGbm(Of(new GossBooster.Options())),
            Ml.Regression.Trainers.OnlineGradientDescent("Number", In, new PoissonLoss(), learningRate: 1e-3f),
            Ml.Regression.Trainers.Gam("Number", In, numberOfIterations: 50),
        ];
        foreach (var trainer in trainers)
        {
            var chain = trainer.Append(Ml.Transforms.Concatenate(Out, "Score")).Fit(data);
            _ = TraceRows.Scores(chain, data, Out);
        }

        static LightGbmRegressionTrainer.Options Of(BoosterParameterBase.OptionsBase booster) =>
            new()
            {
                LabelColumnName = "Number",
                FeatureColumnName = In,
                NumberOfIterations = 20,
                MinimumExampleCountPerLeaf = 3,
                NumberOfThreads = 1,
                Booster = booster,
            };
    }

    [Fact]
    public void Refusal_SplitsOnCategories_SaysWhereTheGraphDiffers()
    {
        var random = new Random(2);
        var rows = Enumerable.Range(0, Rows).Select(_ => new Category { Kind = random.Next(12), Number = 0 }).ToList();
        rows.ForEach(row => row.Number = row.Kind * 7 % 5);
        var view = Ml.Data.LoadFromEnumerable(rows);
        var encoded = Ml.Transforms.Categorical.OneHotEncoding(In, "Kind").Fit(view).Transform(view);
        var options = new FastTreeRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            FeatureColumnName = In,
            CategoricalSplit = true,
            NumberOfTrees = 5,
            MinimumExampleCountPerLeaf = 2,
            NumberOfThreads = 1,
        };

        var refusal = StockStepWriter.Refusal(Ml.Regression.Trainers.FastTree(options).Fit(encoded), encoded);

        Assert.StartsWith(" because its graph gives ", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_StepWithoutNodes_IsNamedWithTheReason()
    {
        var data = Data();
        var chain = Ml.Transforms.Expression(Out, "x : x * 2", In).Fit(data);

        var e = Assert.Throws<InvalidOperationException>(() => OnnxExporter.Export([chain], data.Schema, [Out]));

        Assert.Equal(
            "column 'Output': found step ExpressionTransformer, which cannot be written as ONNX because Microsoft.ML.OnnxConverter has no "
                + "nodes for it; expected one that can, because an output depends on it",
            e.Message
        );
    }

    private static IDataView Data()
    {
        var random = new Random(1);
        var rows = Enumerable
            .Range(0, Rows)
            .Select(i =>
                Enumerable.Range(0, Size).Select(k => i == 0 ? 2f : (float)((random.NextDouble() - 0.3) * Math.Pow(3, k))).ToArray()
            )
            .ToArray();
        // A slot that is mostly missing, a row with a number missing, and one of zeros.
        foreach (var row in rows.Skip(20).Take(30))
            row[1] = float.NaN;
        rows[1] = new float[Size];
        return TraceRows.View(new TraceShape(Size, 1), rows);
    }

    private static IDataView Scalars()
    {
        var random = new Random(1);
        return Ml.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, Rows)
                .Select(_ => Enumerable.Range(0, Size).Select(_ => random.NextSingle() - 0.5f).ToArray())
                .Select(x => new Labelled { Trace = x, Number = 1 + x[0] + MathF.Abs(x[3]) })
                .ToArray()
        );
    }

    private sealed class Labelled
    {
        [VectorType(Size)]
        public float[] Trace { get; set; } = [];

        public float Number { get; set; }
    }

    private sealed class Category
    {
        public float Kind { get; set; }

        public float Number { get; set; }
    }
}
