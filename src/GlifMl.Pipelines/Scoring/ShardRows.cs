using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>
/// The one place that goes through the rows of shards: decoding and what is made of them on all cores, results in the rows' order.
/// </summary>
internal static class ShardRows
{
    /// <summary>Opens shards that somebody names, and looks at the manifest beside them.</summary>
    /// <exception cref="InvalidDataException">They are missing or damaged, or the manifest is, or it is of other shards.</exception>
    public static ShardDataView Open(string path, CancellationToken cancellation)
    {
        var shards = ShardDataView.Open(path, cancellationToken: cancellation);
        Manifest.CheckBeside(path, shards);
        return shards;
    }

    /// <summary>Goes through the rows, a row group at a time.</summary>
    /// <param name="shards">The rows.</param>
    /// <param name="columns">The columns that are read of them.</param>
    /// <param name="map">
    /// Makes something of a group's rows, on any thread. The memory is the next group's as soon as it returns.
    /// </param>
    /// <param name="threads">Threads that work; 0 for the machine's cores.</param>
    /// <param name="cancellation">Stops between row groups.</param>
    /// <exception cref="InvalidDataException">A shard is damaged; what stands before it has been handed out.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IEnumerable<T> Map<T>(
        ShardDataView shards,
        IEnumerable<string> columns,
        Func<TraceBatch, T> map,
        int threads = 0,
        CancellationToken cancellation = default
    )
    {
        string[] names = [.. columns];
        var capacity = shards.RowGroups.Count > 0 ? shards.RowGroups.Max(group => group.Rows) : 1;
        return OrderedWork<Reader, T>.Run(
            shards.RowGroups.Count,
            threads > 0 ? threads : Environment.ProcessorCount,
            () => new Reader(shards.OpenReader(), new TraceBatch(shards.ShardSchema, capacity, names)),
            (reader, group) => map(reader.Read(shards.RowGroups[group])),
            cancellation
        );
    }

    /// <summary>The first traces, in memory, as a model reads them.</summary>
    /// <returns>Voltages and, where the model reads them, stimuli, <c>[rows, samples]</c>.</returns>
    public static (float[] Voltage, float[] Stimulus) First(
        ShardDataView shards,
        int rows,
        OnnxModelInfo info,
        CancellationToken cancellation = default
    )
    {
        var groups = Map(
                shards.Subset(Enumerable.Range(0, rows).Select(row => (long)row)),
                info.Inputs,
                batch => (Voltage: batch.Voltages.ToArray(), Stimulus: info.ReadsStimulus ? batch.Stimuli.ToArray() : []),
                cancellation: cancellation
            )
            .ToArray();
        return ([.. groups.SelectMany(group => group.Voltage)], [.. groups.SelectMany(group => group.Stimulus)]);
    }

    /// <summary>Scores the rows of a group, on the caller's thread alone.</summary>
    /// <returns>One row of all the model's outputs a row.</returns>
    public static float[,] Score(OnnxModel model, TraceBatch batch)
    {
        var scores = new float[batch.Rows, model.Info.RowSize];
        model.Score(batch.Voltages, model.Info.ReadsStimulus ? batch.Stimuli : default, Known(model, batch), scores, alone: true);
        return scores;
    }

    /// <summary>What the model is told of the rows of a group besides their traces, <c>[rows, known]</c>.</summary>
    public static float[] Known(OnnxModel model, TraceBatch batch)
    {
        var known = new float[batch.Rows * model.Info.Known.Count];
        foreach (var (k, parameter) in model.Info.Known.Index())
        {
            var labels = batch.Labels(batch.Schema.Targets.Index().First(target => target.Item == parameter.Name).Index);
            for (var row = 0; row < labels.Length; row++)
                known[(row * model.Info.Known.Count) + k] = (float)labels[row];
        }

        return known;
    }

    private sealed class Reader(RowGroupReader rows, TraceBatch batch) : IDisposable
    {
        public TraceBatch Read(ShardRowGroup group)
        {
            rows.Read(group, batch);
            if (group.Selected.Count < group.Rows)
                batch.Keep(group.Selected);
            return batch;
        }

        public void Dispose() => rows.Dispose();
    }
}
