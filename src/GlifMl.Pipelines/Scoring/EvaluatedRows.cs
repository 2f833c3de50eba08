using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>
/// Scores a split whose labels are known, each distinct input once: the published study's test grid has 353 among 3,125, and a graph gives
/// equal inputs equal scores.
/// </summary>
internal static class EvaluatedRows
{
    // Of what is shown: reading takes so much of the time where every input is another.
    private const double ShareOfReading = 0.2;

    /// <summary>Reads and scores the rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shards">The rows.</param>
    /// <param name="cancellation">Stops between row groups.</param>
    /// <param name="progress">Told how much is done, 0 to 1, and of what.</param>
    /// <returns>One entry a row, in their order.</returns>
    public static IReadOnlyList<EvaluatedRow> Read(
        OnnxModel model,
        ShardDataView shards,
        CancellationToken cancellation,
        Action<double, string> progress
    )
    {
        string[] names = [.. model.Info.Parameters.Select(p => p.Name)];
        var threads = model.Options.Threads;
        var rows = new List<(double[] Truth, long Configuration, InputKey Input)>();
        foreach (
            var group in ShardRows.Map(
                shards,
                [.. model.Info.GraphInputs, .. names, ShardSchema.ConfigurationIdColumn],
                batch => Labelled(model, batch, names),
                threads,
                cancellation
            )
        )
        {
            rows.AddRange(group);
            progress(ShareOfReading * rows.Count / shards.Rows, $"{rows.Count} of {shards.Rows} traces read");
        }

        var answers = new Dictionary<InputKey, float[]?>();
        var first = new List<int>();
        for (var row = 0; row < rows.Count; row++)
        {
            if (answers.TryAdd(rows[row].Input, null))
                first.Add(row);
        }

        long[] numbers = [.. shards.RowGroups.SelectMany(group => group.Selected.Select(row => group.FirstRow + row))];
        var distinct = first.Count == rows.Count ? shards : shards.Subset(first.Select(row => numbers[row]));
        var scored = 0;
        var scoring = ShardRows.Map(distinct, model.Info.GraphInputs, batch => ShardRows.Score(model, batch), threads, cancellation);
        foreach (var scores in scoring)
        {
            for (var row = 0; row < scores.GetLength(0); row++)
                answers[rows[first[scored++]].Input] = OnnxModel.Row(scores, row).ToArray();
            progress(ShareOfReading + ((1 - ShareOfReading) * scored / first.Count), $"{scored} of {first.Count} traces scored");
        }

        return [.. rows.Select(row => new EvaluatedRow(row.Truth, row.Configuration, row.Input, answers[row.Input]!))];
    }

    private static (double[] Truth, long Configuration, InputKey Input)[] Labelled(OnnxModel model, TraceBatch batch, string[] names)
    {
        int[] targets = [.. names.Select(name => batch.Schema.Targets.Index().First(target => target.Item == name).Index)];
        var known = ShardRows.Known(model, batch);
        var rows = new (double[] Truth, long Configuration, InputKey Input)[batch.Rows];
        for (var row = 0; row < rows.Length; row++)
        {
            var (trace, samples) = (row * batch.Schema.Samples, batch.Schema.Samples);
            var input = InputKey.Of(
                batch.Voltages.Slice(trace, samples),
                model.Info.ReadsStimulus ? batch.Stimuli.Slice(trace, samples) : default,
                known.AsMemory(row * model.Info.Known.Count, model.Info.Known.Count)
            );
            rows[row] = (Array.ConvertAll(targets, target => batch.Labels(target)[row]), batch.ConfigurationIds[row], input);
        }

        return rows;
    }
}

/// <summary>A trace of a split: what it is of, and what the model reads out of it.</summary>
/// <param name="Truth">True parameters in the model's order, SI units.</param>
/// <param name="Configuration">Number of its parameter configuration.</param>
/// <param name="Input">Tells its input from others.</param>
/// <param name="Answers">All outputs of the model; equal inputs share one answer.</param>
internal sealed record EvaluatedRow(double[] Truth, long Configuration, InputKey Input, float[] Answers)
{
    /// <summary>The parameters that the model answers.</summary>
    public ReadOnlySpan<float> Scores => Answers.AsSpan(0, Truth.Length);
}
