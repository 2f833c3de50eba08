using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>
/// What validation traces tell of a fitted trainer's errors, as a step behind it: posteriors where it gives plain scores, the width of
/// those that it gives.
/// </summary>
internal static class ValidatedPosterior
{
    /// <summary>The column of posteriors.</summary>
    public const string Column = "Posterior";

    /// <summary>Validation traces that a Gaussian's full covariance takes.</summary>
    public const int TracesAComponent = 50;

    // Of a factor's logarithm.
    private const double MostLog = 3;

    /// <summary>Validation traces that a factor of the widths takes.</summary>
    public const int LeastTraces = 100;

    /// <summary>Fits the step.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="train">Training rows, behind the trainer.</param>
    /// <param name="validation">Validation rows, behind the trainer.</param>
    /// <param name="score">The trainer's score column.</param>
    /// <param name="label">The label column.</param>
    /// <returns>The step; null where the trainer's own posteriors stay as they are.</returns>
    /// <exception cref="InvalidDataException">There are too few validation traces.</exception>
    public static ValidatedPosteriorTransformer? Fit(
        PosteriorOptions options,
        IDataView train,
        IDataView? validation,
        string score,
        string label
    )
    {
        var own = MixtureColumn.Of(train.Schema[score]);
        if (own is not null && !options.Calibrate)
            return null;
        var rows = new List<(float[] Score, float[] Label)>();
        if (validation is not null)
            LabelledRows.Read(validation, score, label, (_, x, y) => rows.Add((x.ToArray(), y.ToArray())));
        var least = Least(options, own is not null);
        if (rows.Count < least)
            throw new InvalidDataException($"posterior: found {rows.Count} validation traces; expected at least {least}");
        if (own is not null)
            return new ValidatedPosteriorTransformer(
                train.Schema,
                score,
                own,
                null,
                BestFactors(
                    PosteriorScaling.Of(train.Schema, score, label)!,
                    rows.ConvertAll(row => (own.Shape.Read(row.Score), row.Label))
                )
            );

        double[][] errors = [.. rows.Select(row => row.Label.Zip(row.Score, (truth, answer) => (double)truth - answer).ToArray())];
        var mixture = MixtureFit.Of(errors, options.Components);
        var moments = LabelMoments.Of(train, label);
        var shape = new MixtureShape(options.Components, errors[0].Length);
        var column = new MixtureColumn(shape, moments.Means, Array.ConvertAll(moments.Deviations, d => d > 0 ? d : 1));
        // Errors end where the labels do: about one answer those of another may be cut off, and what is left must be as wide as it was.
        if (LabelScaling.Of(train.Schema[label]) is { Limits: not null } labels)
            mixture = mixture.Widened(
                BestFactors(
                    new(column, labels),
                    rows.ConvertAll(row => (ValidatedPosteriorTransformer.About(mixture, row.Score), row.Label))
                )
            );
        return new ValidatedPosteriorTransformer(train.Schema, score, column, mixture, factors: []);
    }

    /// <summary>Validation traces that options need.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="learnt">Whether the trainer gives posteriors itself.</param>
    public static int Least(PosteriorOptions options, bool learnt) =>
        learnt ? LeastTraces : Math.Max(LeastTraces, TracesAComponent * options.Components);

    // One a parameter: by itself, and within its limits, since that is what intervals are told of.
    private static double[] BestFactors(PosteriorScaling scaling, List<(GaussianMixture Mixture, float[] Label)> rows)
    {
        var (mixtures, info) = (rows.ConvertAll(row => scaling.InTargets(row.Mixture)), scaling.Info);
        return [.. Enumerable.Range(0, scaling.Column.Shape.Targets).Select(Best)];

        double Best(int target)
        {
            var (low, high) = info.Bounds(target);
            var marginals = mixtures.ConvertAll(mixture => mixture.Marginal(target, low, high));
            var truths = rows.ConvertAll(row => scaling.ToCoordinate(target, row.Label[target]));
            return Least(factor => marginals.Zip(truths, (marginal, truth) => -marginal.Widened(factor).LogDensity(truth)).Sum());
        }
    }

    // Golden section over the logarithm of the factor (Kiefer 1953): the likelihood has one summit.
    private static double Least(Func<double, double> loss)
    {
        var (low, high, share) = (-MostLog, MostLog, (Math.Sqrt(5) - 1) / 2);
        var (left, right) = (high - (share * (high - low)), low + (share * (high - low)));
        var (atLeft, atRight) = (loss(Math.Exp(left)), loss(Math.Exp(right)));
        while (high - low > 1e-3)
        {
            if (atLeft < atRight)
            {
                (high, right, atRight) = (right, left, atLeft);
                atLeft = loss(Math.Exp(left = high - (share * (high - low))));
            }
            else
            {
                (low, left, atLeft) = (left, right, atRight);
                atRight = loss(Math.Exp(right = low + (share * (high - low))));
            }
        }

        return Math.Exp(0.5 * (low + high));
    }
}

/// <summary>Scores to posteriors: with the errors' mixture about a plain score, or a mixture's own widths times factors.</summary>
internal sealed class ValidatedPosteriorTransformer : OnnxExportableTransformer
{
    private readonly MixtureShape _shape;
    private readonly GaussianMixture? _errors;
    private readonly double[] _factors;

    internal ValidatedPosteriorTransformer(
        DataViewSchema fittedOn,
        string score,
        MixtureColumn column,
        GaussianMixture? errors,
        double[] factors
    )
        : base(
            fittedOn,
            [score],
            ValidatedPosterior.Column,
            new VectorDataViewType(NumberDataViewType.Single, column.Shape.Size),
            column.ToAnnotations()
        ) => (_shape, _errors, _factors) = (column.Shape, errors, factors);

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            var mixture = _errors is null ? _shape.Read(inputs[0]).Widened(_factors) : About(_errors, inputs[0]);
            _shape.Write(mixture, output);
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        if (_errors is null)
            return MixtureNodes.Read(graph, _shape, inputs[0].Name).Widened(_factors).ToScore();

        long k = _shape.Components,
            d = _shape.Targets;
        string Constant(double[] values, params long[] dims) => graph.Constant(Array.ConvertAll(values, v => (float)v), dims);
        // A zero a row: what is the same for all rows has to have as many.
        var zero = graph.Node("MatMul", [inputs[0].Name, Constant(new double[d], d, 1)]);
        var zeros = graph.Node("Unsqueeze", [zero, graph.Integers(2, 3)]);
        return new MixtureNodes(
            graph,
            _shape,
            graph.Node("Add", [zero, Constant(_errors.Weights, 1, k)]),
            graph.Node("Add", [graph.Node("Unsqueeze", [inputs[0].Name, graph.Integers(1)]), Constant(_errors.Means, 1, k, d)]),
            graph.Node("Add", [zeros, Constant(_errors.Factors, 1, k, d, d)])
        ).ToScore();
    }

    /// <summary>The mixture of errors about an answer.</summary>
    internal static GaussianMixture About(GaussianMixture errors, ReadOnlySpan<float> score)
    {
        var means = (double[])errors.Means.Clone();
        for (var i = 0; i < means.Length; i++)
            means[i] += score[i % score.Length];
        return new GaussianMixture(errors.Weights, means, errors.Factors);
    }
}
