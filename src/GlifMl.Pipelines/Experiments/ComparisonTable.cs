using GlifMl.Pipelines;

namespace GlifMl;

/// <summary>Definitions trained and tested on the same population, between chance and floor.</summary>
/// <param name="Rows">Chance first, floor last, the definitions between them from the worst score to the best.</param>
/// <param name="Parameters">Allen keys of the targets, in label order.</param>
/// <param name="Seeds">The seeds, each with data of its own.</param>
/// <param name="TestTraces">Traces of the test split, of the first seed.</param>
/// <param name="HeldOutTraces">Traces of it in held-out cells; null without them.</param>
/// <param name="Forms">
/// The forms in which the definitions read the traces; first the one of the first definition, whose floor is the table's.
/// </param>
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
    /// The floor is that of the model input which tells most apart among those of one form of the traces: a model that reads the voltage
    /// alone may have a higher floor of its own, and is measured against what the form allows. One floor measures all rows; what another
    /// form allows stands beside it.
    /// </remarks>
    internal static ComparisonTable Of(IReadOnlyList<ComparedDefinition> definitions)
    {
        var forms = definitions
            .GroupBy(d => ComparedForm.Words(d.Trace))
            .Select(form => (IReadOnlyList<ComparedDefinition>)[.. form])
            .ToArray();
        SplitMetrics[] test = [.. Lowest(forms[0], m => m.Metrics.Test)!];
        SplitMetrics?[] heldOut = [.. Lowest(forms[0], m => m.HeldOut)];
        var rows = definitions
            .Select(d => Row(d.Name, d.Models, test, heldOut))
            .OrderByDescending(row => row.Score!.Mean)
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
            Spread.Of(test.Select(split => split.Floor)),
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
            Spread.Of(models.Select(m => (double?)m.Metrics.Test.MseScaled)),
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
    private static ComparisonRow Bound(string name, SplitMetrics[] test, SplitMetrics?[] heldOut, Func<ParameterMetrics, double?> mse)
    {
        double? R2(ParameterMetrics p) => p.Chance > 0 ? 1 - (mse(p) / p.Chance) : null;
        double? Score(SplitMetrics? split) =>
            split is null || split.Parameters.Values.Any(p => mse(p) is null) ? null : split.Parameters.Values.Average(mse);
        double? LeftOf(SplitMetrics? split) => Score(split) is { } score ? Left(score, split!) : null;
        return new ComparisonRow(
            name,
            test[0].Parameters.Keys.ToDictionary(key => key, key => Spread.Of(test.Select(split => R2(split.Parameters[key])))),
            Spread.Of(test.Select(Score)),
            Spread.Of(test.Select(LeftOf)),
            heldOut[0]?.Parameters.Keys.ToDictionary(key => key, key => Spread.Of(heldOut.Select(split => R2(split!.Parameters[key])))),
            Spread.Of(heldOut.Select(Score)),
            Spread.Of(heldOut.Select(LeftOf)),
            TrainSeconds: null,
            ScoreMicroseconds: null,
            OnnxBytes: null,
            Models: []
        );
    }

    private static double? Left(double score, SplitMetrics bounds) => SplitMetrics.LeftOf(score, bounds.Chance, bounds.Floor);
}

/// <summary>One line of a comparison: a definition, or chance or floor, which have no model and so no times and sizes.</summary>
/// <param name="Name">Name of the definition; <c>chance</c> or <c>floor</c>.</param>
/// <param name="R2">Coefficient of determination on the test split by Allen key; null where the label does not vary.</param>
/// <param name="Score">
/// Mean squared error on the test split in the study's label units squared; null in the floor's line where the floor is not known.
/// </param>
/// <param name="LearnableLeft">
/// (score - floor) / (chance - floor) with the table's floor; null where nothing is learnable, or the floor not known.
/// </param>
/// <param name="HeldOutR2">As <paramref name="R2"/> in the held-out cells; null without them.</param>
/// <param name="HeldOutScore">As <paramref name="Score"/> in the held-out cells; null without them.</param>
/// <param name="HeldOutLearnableLeft">As <paramref name="LearnableLeft"/> in the held-out cells; null without them.</param>
/// <param name="TrainSeconds">Wall time of training, s; null where it was not measured.</param>
/// <param name="ScoreMicroseconds">Wall time of scoring a trace in batches, microseconds.</param>
/// <param name="OnnxBytes">Bytes of model.onnx.</param>
/// <param name="Models">The trained models, one a seed.</param>
public sealed record ComparisonRow(
    string Name,
    IReadOnlyDictionary<string, Spread?> R2,
    Spread? Score,
    Spread? LearnableLeft,
    IReadOnlyDictionary<string, Spread?>? HeldOutR2,
    Spread? HeldOutScore,
    Spread? HeldOutLearnableLeft,
    Spread? TrainSeconds,
    Spread? ScoreMicroseconds,
    Spread? OnnxBytes,
    IReadOnlyList<ComparedModel> Models
);

/// <summary>One form in which definitions of a comparison read the same traces.</summary>
/// <param name="Trace">What is stored of each trace, in words.</param>
/// <param name="Definitions">Names of the definitions that read it.</param>
/// <param name="DataHash">Hash of the dataset's definition, of the first seed.</param>
/// <param name="Floor">The lowest floor among these definitions' inputs, on the test split; null where none is known.</param>
/// <param name="HeldOutFloor">As <paramref name="Floor"/> in the held-out cells; null without them.</param>
/// <param name="FloorNote">What the floor rests on, in words.</param>
public sealed record ComparedForm(
    string Trace,
    IReadOnlyList<string> Definitions,
    string DataHash,
    Spread? Floor,
    Spread? HeldOutFloor,
    string FloorNote
)
{
    /// <summary>What a definition stores of a trace, in words.</summary>
    internal static string Words(TraceDefinition trace)
    {
        var cuts = trace.SpikeCuts switch
        {
            SpikeCuts.Drop => "dropped",
            SpikeCuts.Keep => "kept as NaN",
            _ => $"filled with {ScalarValues.Format(trace.FillMv)} mV",
        };
        return $"{(trace.Stimulus ? "voltage and stimulus" : "voltage")}, spike cuts {cuts}";
    }
}

/// <summary>A definition of a comparison and its models.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Trace">What it stores of each trace.</param>
/// <param name="Models">Its models, one a seed; the same seeds in the same order for all definitions of a comparison.</param>
internal sealed record ComparedDefinition(string Name, TraceDefinition Trace, IReadOnlyList<ComparedModel> Models);

/// <summary>One trained model of a comparison.</summary>
/// <param name="Seed">The definition's seed.</param>
/// <param name="Directory">The model's folder.</param>
/// <param name="Reused">Whether it was there already, of the same definition.</param>
/// <param name="Metrics">Its figures.</param>
/// <param name="HeldOut">
/// Its figures, or those of the same definition trained without the held-out cells, on the test rows in these cells; null where none are.
/// </param>
/// <param name="ScoreMicroseconds">Wall time of scoring a trace in batches, microseconds.</param>
public sealed record ComparedModel(
    int Seed,
    string Directory,
    bool Reused,
    PipelineMetrics Metrics,
    SplitMetrics? HeldOut,
    double ScoreMicroseconds
)
{
    /// <summary>What ran the exported model where the time was taken, in words.</summary>
    public string ScoredBy { get; init; } = "OnnxRuntime";
}
