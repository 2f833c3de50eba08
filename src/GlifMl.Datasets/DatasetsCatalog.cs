using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>Shards and recordings among what ML.NET loads.</summary>
public static class DatasetsCatalog
{
    /// <summary>Opens the shards of a folder, or one shard, as a data view: lazily, a row group at a time.</summary>
    /// <param name="catalog">ML.NET's data operations.</param>
    /// <param name="path">A split's folder, which must hold all shards of one definition; or one shard.</param>
    /// <param name="shuffleWindow">Row groups shuffled together, at least 1. Default 4.</param>
    /// <returns>The view.</returns>
    /// <exception cref="DirectoryNotFoundException">There is nothing at <paramref name="path"/>.</exception>
    /// <exception cref="InvalidDataException">No shards, some missing, one changed or damaged, of another schema or definition.</exception>
    public static ShardDataView LoadFromShards(
        this DataOperationsCatalog catalog,
        string path,
        int shuffleWindow = ShardDataView.DefaultShuffleWindow
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return ShardDataView.Open(path, shuffleWindow);
    }

    /// <summary>
    /// Recordings as a data view, a row a sweep, read when a cursor comes to them: <c>Source</c>, <c>Sweep</c>, <c>Stimulus</c>,
    /// <c>dt</c> (s), and as vectors of their own length <c>VoltageMv</c>, as it was recorded, and <c>StimulusPa</c>, empty where it is
    /// not known.
    /// </summary>
    /// <param name="catalog">ML.NET's data operations.</param>
    /// <param name="path">A recording, or a folder of recordings.</param>
    /// <param name="selection">Which sweeps; null: those that can be used.</param>
    /// <returns>The view.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IDataView LoadRecordings(this DataOperationsCatalog catalog, string path, SweepSelection? selection = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog.LoadFromEnumerable(Sweeps(path, selection).Select(SweepRow.Of));
    }

    /// <summary>The sweeps of a recording, or of a folder's recordings, each read when it is asked for.</summary>
    internal static IEnumerable<Sweep> Sweeps(string path, SweepSelection? selection)
    {
        string[] files = Directory.Exists(path) ? [.. Recordings.Files(path)] : [path];
        foreach (var file in files)
        {
            if (!File.Exists(file))
                throw new FileNotFoundException($"found no file {file}; expected a recording", file);
        }

        return Read();

        IEnumerable<Sweep> Read()
        {
            foreach (var file in files)
            {
                using var recording = RecordingFile.Open(file);
                foreach (var sweep in recording.Select(selection))
                    yield return sweep.Load();
            }
        }
    }

    private sealed class SweepRow
    {
        public string Source { get; set; } = "";

        public long Sweep { get; set; }

        public string Stimulus { get; set; } = "";

        [ColumnName(GlifParameter.TimeStep)]
        public double SamplingIntervalSeconds { get; set; }

        public float[] VoltageMv { get; set; } = [];

        public float[] StimulusPa { get; set; } = [];

        public static SweepRow Of(Sweep sweep) =>
            new()
            {
                Source = sweep.Source,
                Sweep = sweep.Number,
                Stimulus = sweep.Stimulus,
                SamplingIntervalSeconds = sweep.SamplingIntervalSeconds,
                VoltageMv = sweep.VoltageMv,
                StimulusPa = sweep.CurrentPa ?? [],
            };
    }
}
