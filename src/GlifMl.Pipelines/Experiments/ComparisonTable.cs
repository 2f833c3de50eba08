namespace GlifMl.Pipelines;

/// <summary>Definitions trained and tested on the same population, between chance and floor.</summary>
/// <param name="Rows">Chance first, floor last, the definitions between them from the worst score to the best.</param>
/// <param name="Parameters">Allen keys of the targets, in label order.</param>
/// <param name="Seeds">The seeds, each with data of its own.</param>
/// <param name="TestTraces">Traces of the test split, of the first seed.</param>
/// <param name="HeldOutTraces">Traces of it in held-out cells; null without them.</param>
/// <param name="Forms">The forms in which the definitions read the traces; first the one of the first definition, whose floor is the table's.</param>
public sealed record ComparisonTable(
    IReadOnlyList<ComparisonRow> Rows,
    IReadOnlyList<string> Parameters,
    IReadOnlyList<int> Seeds,
    long TestTraces,
    long? HeldOutTraces,
    IReadOnlyList<ComparedForm> Forms
)
{
    /// <summary>Name of the row of always answering the label mean.</summary>
    public const string Chance = "chance";

    /// <summary>Name of the row of the conditional mean over identical inputs.</summary>
    public const string Floor = "floor";

    /// <summary>Lays trained models out as a table.</summary>
    /// <param name="definitions">The definitions; the first one's form of the traces gives the floor.</param>
    /// <remarks>
    /// The floor is that of the model input which tells most apart among those of one form of the traces: a model that reads the voltage alone may have a
    /// higher floor of its own, and is measured against what the form allows. One floor measures all rows; what another form allows stands beside it.
    /// </remarks>
    public static ComparisonTable Of(IReadOnlyList<ComparedDefinition> definitions)
    {
        var forms = definitions
            .GroupBy(d => ComparedForm.Words(d.Trace))
            .Select(form => (IReadOnlyList<ComparedDefinition>)[.. form])
            .ToArray();
        SplitMetrics[] test = [.. Lowest(forms[0], m => m.Metrics.Test)!];
        SplitMetrics?[] heldOut = [.. Lowest(forms[0], m => m.HeldOut)];
        var rows = definitions
            .Select(d => Row(d.Name, d.Models, test, heldOut))
            .OrderByDescending(row => row.Score.Mean)
            .ThenBy(row => row.Name, StringComparer.Ordinal);
        return new ComparisonTable(
            [Bound(Chance, test, heldOut, p => p.Chance), .. rows, Bound(Floor, test, heldOut, p => p.Floor)],
            [.. test[0].Parameters.Keys],
            [.. definitions[0].Models.Select(m => m.Seed)],
            test[0].Rows,
            heldOut[0]?.Rows,
            [.. forms.Select(Form)]
        );
    }

    private static ComparedForm Form(IReadOnlyList<ComparedDefinition> definitions)
    {
        SplitMetrics[] test = [.. Lowest(definitions, m => m.Metrics.Test)!];
        return new ComparedForm(
            ComparedForm.Words(definitions[0].Trace),
            [.. definitions.Select(d => d.Name)],
            definitions[0].Models[0].Metrics.DataHash,
            Spread.Of(test.Select(split => (double?)split.Floor))!,
            Spread.Of(Lowest(definitions, m => m.HeldOut).Select(split => split?.Floor)),
            test[0].FloorNote
        );
    }

    /// <summary>The figures with the lowest floor among the definitions, seed by seed.</summary>
    private static IEnumerable<SplitMetrics?> Lowest(
        IReadOnlyList<ComparedDefinition> definitions,
        Func<ComparedModel, SplitMetrics?> split
    ) => definitions[0].Models.Select((_, seed) => definitions.Select(d => split(d.Models[seed])).MinBy(metrics => metrics?.Floor));

    private static ComparisonRow Row(string name, IReadOnlyList<ComparedModel> models, SplitMetrics[] test, SplitMetrics?[] heldOut) =>
        new(
            name,
            test[0].Parameters.Keys.ToDictionary(key => key, key => Spread.Of(models.Select(m => m.Metrics.Test.Parameters[key].R2))),
            Spread.Of(models.Select(m => (double?)m.Metrics.Test.MseScaled))!,
            Spread.Of(models.Select((m, seed) => Left(m.Metrics.Test.MseScaled, test[seed]))),
            heldOut[0]?.Parameters.Keys.ToDictionary(key => key, key => Spread.Of(models.Select(m => m.HeldOut?.Parameters[key].R2))),
            Spread.Of(models.Select(m => m.HeldOut?.MseScaled)),
            Spread.Of(models.Select((m, seed) => m.HeldOut is { } split ? Left(split.MseScaled, heldOut[seed]!) : null)),
            Spread.Of(models.Select(m => m.Metrics.Seconds.Train)),
            Spread.Of(models.Select(m => (double?)m.ScoreMicroseconds)),
            Spread.Of(models.Select(m => (double?)m.Metrics.Model.OnnxBytes)),
            models
        );

    /// <summary>The row of what a predictor would score that needs no model.</summary>
    private static ComparisonRow Bound(string name, SplitMetrics[] test, SplitMetrics?[] heldOut, Func<ParameterMetrics, double> mse)
    {
        double? R2(ParameterMetrics p) => p.Chance > 0 ? 1 - (mse(p) / p.Chance) : null;
        double? Score(SplitMetrics? split) => split?.Parameters.Values.Average(mse);
        return new ComparisonRow(
            name,
            test[0].Parameters.Keys.ToDictionary(key => key, key => Spread.Of(test.Select(split => R2(split.Parameters[key])))),
            Spread.Of(test.Select(Score))!,
            Spread.Of(test.Select(split => Left(Score(split)!.Value, split))),
            heldOut[0]?.Parameters.Keys.ToDictionary(key => key, key => Spread.Of(heldOut.Select(split => R2(split!.Parameters[key])))),
            Spread.Of(heldOut.Select(Score)),
            Spread.Of(heldOut.Select(split => split is null ? null : Left(Score(split)!.Value, split))),
            TrainSeconds: null,
            ScoreMicroseconds: null,
            OnnxBytes: null,
            Models: []
        );
    }

    private static double? Left(double score, SplitMetrics bounds) => SplitMetrics.LeftOf(score, bounds.Chance, bounds.Floor);
}
