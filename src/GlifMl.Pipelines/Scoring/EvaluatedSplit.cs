using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>
/// The traces of a split whose labels are known, gone through as often as one likes: none is kept. Each distinct input is scored once: the
/// published study's test grid has 353 among 3,125, and a graph gives equal inputs equal scores.
/// </summary>
internal sealed class EvaluatedSplit
{
    // Of what is shown: reading takes so much of the time where every input is another.
    private const double ShareOfReading = 0.2;

    private readonly Func<IEnumerable<EvaluatedLabels>> _labels;
    private readonly Func<EvaluatedSplit, IEnumerable<EvaluatedRow>> _rows;

    private EvaluatedSplit(
        InputGroups inputs,
        Func<IEnumerable<EvaluatedLabels>> labels,
        Func<EvaluatedSplit, IEnumerable<EvaluatedRow>> rows
    ) => (Inputs, _labels, _rows) = (inputs, labels, rows);

    /// <summary>Which of them share their input.</summary>
    public InputGroups Inputs { get; }

    /// <summary>The rows of shards: their inputs are read now, what else is asked for whenever it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shards">The rows.</param>
    /// <param name="progress">Told how much is done, 0 to 1, and of what.</param>
    /// <param name="cancellation">Stops between row groups.</param>
    public static EvaluatedSplit Of(
        OnnxModel model,
        ShardDataView shards,
        Action<double, string> progress,
        CancellationToken cancellation
    ) => Of(model, shards, InputGroups.Of(Keys(model, shards, progress, cancellation), shards.Rows), progress, cancellation);

    /// <summary>Rows that were scored a shard at a time.</summary>
    /// <param name="parts">What each shard's rows are; gone through three times.</param>
    /// <param name="rows">How many there are.</param>
    public static EvaluatedSplit Of(IEnumerable<EvaluatedPart> parts, long rows) =>
        new(
            InputGroups.Of(parts.SelectMany(part => part.Inputs), rows),
            () => parts.SelectMany(part => part.Rows).Select(row => row.Labels),
            _ => parts.SelectMany(part => part.Rows)
        );

    /// <summary>Reads and scores the rows of one shard.</summary>
    public static EvaluatedPart Part(OnnxModel model, ShardDataView shard, Action<double, string> progress, CancellationToken cancellation)
    {
        InputKey[] keys = [.. Keys(model, shard, progress, cancellation)];
        return new(keys, [.. Of(model, shard, InputGroups.Of(keys, keys.Length), progress, cancellation).Rows()]);
    }

    /// <summary>What is known of each trace, in their order.</summary>
    public IEnumerable<EvaluatedLabels> Labels() => _labels();

    /// <summary>The same with what the model answers: it is asked now.</summary>
    public IEnumerable<EvaluatedRow> Rows() => _rows(this);

    private static EvaluatedSplit Of(
        OnnxModel model,
        ShardDataView shards,
        InputGroups inputs,
        Action<double, string> progress,
        CancellationToken cancellation
    )
    {
        return new(inputs, () => Labels(model, shards, cancellation), Score);

        IEnumerable<EvaluatedRow> Score(EvaluatedSplit split)
        {
            using var answers = Answers(model, shards, inputs, progress, cancellation).GetEnumerator();
            // Of inputs that are met again, until they have been met for the last time.
            var kept = new Dictionary<int, (float[] Answers, int Left)>();
            foreach (var (row, labels) in split.Labels().Index())
            {
                if (inputs.Of(row) is not { } group)
                {
                    yield return new(labels, Next());
                    continue;
                }

                var (own, left) = kept.TryGetValue(group, out var before) ? before : (Next(), inputs.SizeOf(group));
                if (left > 1)
                    kept[group] = (own, left - 1);
                else
                    kept.Remove(group);
                yield return new(labels, own);
            }

            float[] Next() =>
                answers.MoveNext() ? answers.Current : throw new InvalidOperationException("fewer answers than different inputs");
        }
    }

    private static IEnumerable<InputKey> Keys(
        OnnxModel model,
        ShardDataView shards,
        Action<double, string> progress,
        CancellationToken cancellation
    )
    {
        long read = 0;
        foreach (var keys in ShardRows.Map(shards, model.Info.GraphInputs, Of, model.Options.Threads, cancellation))
        {
            foreach (var key in keys)
                yield return key;
            read += keys.Length;
            progress(ShareOfReading * read / shards.Rows, $"{read} of {shards.Rows} traces read");
        }

        InputKey[] Of(TraceBatch batch)
        {
            var (known, samples) = (ShardRows.Known(model, batch), batch.Schema.Samples);
            var keys = new InputKey[batch.Rows];
            for (var row = 0; row < keys.Length; row++)
            {
                keys[row] = InputKey.Of(
                    batch.Voltages.Slice(row * samples, samples),
                    model.Info.ReadsStimulus ? batch.Stimuli.Slice(row * samples, samples) : default,
                    known.AsMemory(row * model.Info.Known.Count, model.Info.Known.Count)
                );
            }

            return keys;
        }
    }

    private static IEnumerable<EvaluatedLabels> Labels(OnnxModel model, ShardDataView shards, CancellationToken cancellation)
    {
        string[] names = [.. model.Info.Parameters.Select(p => p.Name)];
        // Labels are next to nothing beside traces: one thread reads them faster than the rest are scored.
        return ShardRows
            .Map(shards, [.. names, ShardSchema.ConfigurationIdColumn], Of, threads: 1, cancellation)
            .SelectMany(group => group);

        EvaluatedLabels[] Of(TraceBatch batch)
        {
            int[] targets = [.. names.Select(name => batch.Schema.Targets.Index().First(target => target.Item == name).Index)];
            var rows = new EvaluatedLabels[batch.Rows];
            for (var row = 0; row < rows.Length; row++)
                rows[row] = new(Array.ConvertAll(targets, target => batch.Labels(target)[row]), batch.ConfigurationIds[row]);
            return rows;
        }
    }

    private static IEnumerable<float[]> Answers(
        OnnxModel model,
        ShardDataView shards,
        InputGroups inputs,
        Action<double, string> progress,
        CancellationToken cancellation
    )
    {
        var distinct = shards;
        if (!inputs.AreAllDistinct)
        {
            long[] numbers = [.. shards.RowGroups.SelectMany(group => group.Selected.Select(row => group.FirstRow + row))];
            distinct = shards.Subset(inputs.Firsts().Select(row => numbers[row]));
        }

        long scored = 0;
        var scoring = ShardRows.Map(
            distinct,
            model.Info.GraphInputs,
            batch => ShardRows.Score(model, batch),
            model.Options.Threads,
            cancellation
        );
        foreach (var scores in scoring)
        {
            for (var row = 0; row < scores.GetLength(0); row++)
                yield return OnnxModel.Row(scores, row).ToArray();
            scored += scores.GetLength(0);
            progress(ShareOfReading + ((1 - ShareOfReading) * scored / inputs.Distinct), $"{scored} of {inputs.Distinct} traces scored");
        }
    }
}

/// <summary>What a trace of a split is of.</summary>
/// <param name="Truth">True parameters in the model's order, SI units.</param>
/// <param name="Configuration">Number of its parameter configuration.</param>
internal sealed record EvaluatedLabels(double[] Truth, long Configuration);

/// <summary>A trace of a split: what it is of, and what the model reads out of it.</summary>
/// <param name="Labels">What it is of.</param>
/// <param name="Answers">All outputs of the model; equal inputs share one answer.</param>
internal sealed record EvaluatedRow(EvaluatedLabels Labels, float[] Answers)
{
    /// <summary>The parameters that the model answers.</summary>
    public ReadOnlySpan<float> Scores => Answers.AsSpan(0, Labels.Truth.Length);
}

/// <summary>The rows of a shard, and what tells their inputs from others.</summary>
/// <param name="Inputs">One a row.</param>
/// <param name="Rows">At least one.</param>
internal sealed record EvaluatedPart(IReadOnlyList<InputKey> Inputs, IReadOnlyList<EvaluatedRow> Rows);
