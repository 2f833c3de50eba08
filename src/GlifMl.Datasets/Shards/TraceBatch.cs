namespace GlifMl.Datasets;

/// <summary>
/// Reusable memory for the rows of one row group: filled by an <see cref="ITraceSource"/> and written, or read from a shard. Traces are
/// row by row, everything else column by column. Spans cover <see cref="Rows"/> rows. Not for use by several threads at once.
/// </summary>
public sealed class TraceBatch
{
    private readonly float[]?[] _traces;
    private readonly double[]?[] _labels;
    private readonly long[]?[] _ids;
    private readonly int[]? _counts;
    private int _rows;

    /// <summary>Makes room for <paramref name="capacity"/> rows.</summary>
    /// <param name="schema">The columns of the shard.</param>
    /// <param name="capacity">Most rows it can hold, at least 1.</param>
    /// <param name="columns">Columns it holds; reading fetches only these. Default: all.</param>
    /// <exception cref="ArgumentException">The capacity is below 1, a trace column would pass 2^31 values, a column is unknown.</exception>
    public TraceBatch(ShardSchema schema, int capacity, IEnumerable<string>? columns = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (capacity < 1)
            throw new ArgumentOutOfRangeException(nameof(capacity), $"found a batch of {capacity} rows; expected at least 1");
        if ((long)capacity * schema.Samples > Array.MaxLength)
            throw new ArgumentOutOfRangeException(
                nameof(capacity),
                $"found {capacity} rows of {schema.Samples} samples; expected at most {Array.MaxLength} values"
            );
        Schema = schema;
        Capacity = capacity;
        _rows = capacity;
        Active = ActiveColumns(schema, columns);
        _traces = [.. Enumerable.Range(0, schema.FirstTarget).Select(c => Active[c] ? new float[capacity * schema.Samples] : null)];
        _labels = [.. Enumerable.Range(schema.FirstTarget, schema.Targets.Count).Select(c => Active[c] ? new double[capacity] : null)];
        _ids = [.. Enumerable.Range(schema.TraceIdIndex, 3).Select(c => Active[c] ? new long[capacity] : null)];
        _counts = Active[schema.SpikeCountIndex] ? new int[capacity] : null;
    }

    /// <summary>The columns of the shard.</summary>
    public ShardSchema Schema { get; }

    /// <summary>Most rows it can hold.</summary>
    public int Capacity { get; }

    /// <summary>Rows in use, 0 to <see cref="Capacity"/>. Default: <see cref="Capacity"/>.</summary>
    public int Rows
    {
        get => _rows;
        set
        {
            if (value < 0 || value > Capacity)
                throw new ArgumentOutOfRangeException(nameof(value), $"found {value} rows; expected 0 to {Capacity}");
            _rows = value;
        }
    }

    /// <summary>Number of each row's trace in the split.</summary>
    public Span<long> TraceIds => Ids(0);

    /// <summary>Number of each row's parameter configuration.</summary>
    public Span<long> ConfigurationIds => Ids(1);

    /// <summary>Number of each row's stimulus waveform.</summary>
    public Span<long> StimulusIds => Ids(2);

    /// <summary>Threshold crossings within each row's samples.</summary>
    public Span<int> SpikeCounts => Held(_counts, Schema.SpikeCountIndex).AsSpan(0, Rows);

    /// <summary>Whether it holds traces and their spike counts, and not only what is known of a trace before it is simulated.</summary>
    public bool HoldsTraces => Active[0] || _counts is not null || (Schema.HasStimulus && Active[StimulusIndex]);

    /// <summary>All voltages, [rows x samples], mV.</summary>
    public Memory<float> Voltages => Traces(0);

    /// <summary>All stimuli, [rows x samples], pA. Only when the schema has them.</summary>
    public Memory<float> Stimuli => Traces(StimulusIndex);

    internal bool[] Active { get; }

    private int StimulusIndex =>
        Schema.HasStimulus
            ? 1
            : throw new InvalidOperationException($"found a batch without {ShardSchema.StimulusColumn}; expected a schema that has it");

    /// <summary>Membrane potential of one row, mV, NaN at spike cuts.</summary>
    /// <param name="row">Row, from 0.</param>
    /// <returns>[samples], writable.</returns>
    public Span<float> Voltage(int row) => Trace(0, row);

    /// <summary>Injected current of one row, pA.</summary>
    /// <param name="row">Row, from 0.</param>
    /// <returns>[samples], writable.</returns>
    /// <exception cref="InvalidOperationException">The schema has no stimulus.</exception>
    public Span<float> Stimulus(int row) => Trace(StimulusIndex, row);

    /// <summary>One label of all rows, SI units.</summary>
    /// <param name="target">Number of the label in <see cref="ShardSchema.Targets"/>.</param>
    /// <returns>[rows], writable.</returns>
    public Span<double> Labels(int target) => Held(_labels[target], Schema.FirstTarget + target).AsSpan(0, Rows);

    /// <summary>Keeps some of the rows, ascending, and moves them to the front.</summary>
    internal void Keep(IReadOnlyList<int> rows)
    {
        for (var to = 0; to < rows.Count; to++)
        {
            var from = rows[to];
            foreach (var traces in _traces)
                traces?.AsSpan(from * Schema.Samples, Schema.Samples).CopyTo(traces.AsSpan(to * Schema.Samples));
            foreach (var labels in _labels)
                Move(labels, from, to);
            foreach (var ids in _ids)
                Move(ids, from, to);
            Move(_counts, from, to);
        }

        Rows = rows.Count;

        static void Move<T>(T[]? values, int from, int to)
        {
            if (values is not null)
                values[to] = values[from];
        }
    }

    internal Span<float> Trace(int column, int row) => Traces(column).Span.Slice(row * Schema.Samples, Schema.Samples);

    internal Memory<float> Traces(int column) => Held(_traces[column], column).AsMemory(0, Rows * Schema.Samples);

    internal Memory<double> LabelColumn(int column) => Held(_labels[column - Schema.FirstTarget], column).AsMemory(0, Rows);

    internal Memory<long> IdColumn(int column) => Held(_ids[column - Schema.TraceIdIndex], column).AsMemory(0, Rows);

    internal Memory<int> CountColumn() => Held(_counts, Schema.SpikeCountIndex).AsMemory(0, Rows);

    private Span<long> Ids(int which) => IdColumn(Schema.TraceIdIndex + which).Span;

    private T[] Held<T>(T[]? values, int column) =>
        values
        ?? throw new InvalidOperationException($"found a batch made without column {Schema.Columns[column]}; expected it to be asked for");

    private static bool[] ActiveColumns(ShardSchema schema, IEnumerable<string>? columns)
    {
        var active = new bool[schema.Columns.Count];
        foreach (var name in columns ?? schema.Columns)
        {
            var column = schema.Columns.ToList().IndexOf(name);
            if (column < 0)
                throw new ArgumentException(
                    $"found no column {name} in the shards; expected one of {string.Join(", ", schema.Columns)}",
                    nameof(columns)
                );
            active[column] = true;
        }
        return active;
    }
}

/// <summary>Where traces come from: the seam between the datasets and whatever makes the rows.</summary>
public interface ITraceSource
{
    /// <summary>The columns the source fills.</summary>
    ShardSchema Schema { get; }

    /// <summary>Traces of the split, at least 1.</summary>
    long Count { get; }

    /// <summary>
    /// Fills rows 0 to <see cref="TraceBatch.Rows"/> - 1 with traces <paramref name="firstTrace"/> onwards: every column but
    /// <see cref="TraceBatch.TraceIds"/>, which are set already; traces and spike counts only where
    /// <see cref="TraceBatch.HoldsTraces"/>. The memory holds an earlier batch, so each value is to be written.
    /// What a trace holds may depend on its number alone. Called by several threads at once, each with its own batch.
    /// </summary>
    /// <param name="firstTrace">Number of the first trace, from 0.</param>
    /// <param name="batch">Memory to fill.</param>
    void Fill(long firstTrace, TraceBatch batch);
}
