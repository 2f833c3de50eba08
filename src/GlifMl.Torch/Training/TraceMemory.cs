using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Torch;

/// <summary>Decoded traces in native memory: the rows of a view, read on every core, given out one by one.</summary>
internal sealed unsafe class TraceMemory : IDisposable
{
    private readonly int _features,
        _label,
        _beside,
        _channels;
    private readonly float* _traces;
    private readonly float[] _labels,
        _numbers;
    private readonly int[] _lengths;
    private int[] _slots = [];

    /// <summary>Makes room.</summary>
    /// <param name="capacity">Most rows.</param>
    /// <param name="features">Values of a row's features.</param>
    /// <param name="label">Values of a row's label.</param>
    /// <param name="beside">Values beside a row's trace.</param>
    /// <param name="channels">Channels of a sample.</param>
    public TraceMemory(int capacity, int features, int label, int beside, int channels)
    {
        (Capacity, _features, _label, _beside, _channels) = (capacity, features, label, beside, channels);
        (_labels, _lengths) = (new float[checked(capacity * label)], new int[capacity]);
        _numbers = new float[checked(capacity * beside)];
        _traces = (float*)NativeMemory.AlignedAlloc(checked((nuint)((long)capacity * features * sizeof(float))), 64);
    }

    /// <summary>Most rows it holds.</summary>
    public int Capacity { get; }

    /// <summary>Whether a trace read so far is shorter than the others.</summary>
    public bool HasShortTraces { get; private set; }

    /// <summary>Reads a view with a cursor a core, each row into the next free slot, in place of what was there.</summary>
    /// <param name="view">As many rows as expected.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="rows">The rows expected, at most <see cref="Capacity"/>.</param>
    /// <exception cref="InvalidDataException">
    /// There are other rows than expected, or a trace is empty, or holds NaN or infinity before its end.
    /// </exception>
    public void Load(IDataView view, TrainingColumns columns, int rows)
    {
        var places = new (long Batch, long Sequence)[rows];
        var next = -1;
        var cursors = view.GetRowCursorSet(columns.All, Environment.ProcessorCount);
        try
        {
            Parallel.ForEach(
                cursors,
                cursor =>
                {
                    using var traces = new TraceCursor(cursor, columns, _channels);
                    for (long sequence = 0; traces.MoveNext(); sequence++)
                    {
                        var slot = Interlocked.Increment(ref next);
                        if (slot >= rows)
                            throw TraceCursor.OtherCount(slot + 1, rows);
                        _lengths[slot] = traces.Read(
                            Trace(slot),
                            _numbers.AsSpan(slot * _beside, _beside),
                            _labels.AsSpan(slot * _label, _label)
                        );
                        places[slot] = (cursor.Batch, sequence);
                    }
                }
            );
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        if (next + 1 != rows)
            throw TraceCursor.OtherCount(next + 1, rows);
        HasShortTraces |= Array.Exists(_lengths[..rows], l => l * _channels < _features);
        // The cursors of a set share the rows batch by batch: the batch's number, then the order within it, is the order of one cursor
        // alone.
        _slots = [.. Enumerable.Range(0, rows)];
        Array.Sort(places, _slots);
    }

    /// <summary>Copies a row out.</summary>
    /// <param name="row">Its number in the view, whichever cursor met it first.</param>
    /// <param name="features">Receives the trace.</param>
    /// <param name="beside">Receives what stands beside it.</param>
    /// <param name="label">Receives the label.</param>
    /// <returns>The samples it has; what follows them is 0.</returns>
    public int Copy(int row, Span<float> features, Span<float> beside, Span<float> label)
    {
        var slot = _slots[row];
        Trace(slot).CopyTo(features);
        _numbers.AsSpan(slot * _beside, _beside).CopyTo(beside);
        _labels.AsSpan(slot * _label, _label).CopyTo(label);
        return _lengths[slot];
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_traces);

    private Span<float> Trace(int slot) => new(_traces + ((long)slot * _features), _features);
}

/// <summary>A cursor over traces and labels that checks what it reads.</summary>
internal sealed class TraceCursor : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly TrainingColumns _columns;
    private readonly ValueGetter<VBuffer<float>> _getFeatures,
        _getLabel;
    private readonly ValueGetter<VBuffer<float>>? _getBeside;
    private readonly int _channels;
    private VBuffer<float> _features,
        _label,
        _beside;

    public TraceCursor(DataViewRowCursor cursor, TrainingColumns columns, int channels)
    {
        (_cursor, _columns, _channels) = (cursor, columns, channels);
        _getFeatures = cursor.GetGetter<VBuffer<float>>(columns.Features);
        _getLabel = cursor.GetGetter<VBuffer<float>>(columns.Label);
        _getBeside = columns.Beside is { } beside ? cursor.GetGetter<VBuffer<float>>(beside) : null;
    }

    /// <summary>Rows read so far.</summary>
    public long RowsRead => _cursor.Position + 1;

    public static InvalidDataException OtherCount(long found, long expected) =>
        new($"found {found} rows in the data view; expected {expected}, as it said before");

    public bool MoveNext() => _cursor.MoveNext();

    /// <summary>Reads the current row.</summary>
    /// <returns>The samples it has; what follows them is set to 0.</returns>
    /// <exception cref="InvalidDataException">The trace is empty, or holds NaN or infinity before its end.</exception>
    public int Read(Span<float> features, Span<float> beside, Span<float> label)
    {
        _getFeatures(ref _features);
        _features.CopyTo(features);
        if (_getBeside is not null)
        {
            _getBeside(ref _beside);
            _beside.CopyTo(beside);
            Check(beside, _columns.Beside!.Value.Name);
        }

        _getLabel(ref _label);
        _label.CopyTo(label);

        var length = features.Length;
        while (length > 0 && float.IsNaN(features[length - 1]))
            length--;
        features[length..].Clear();
        Check(features[..length], _columns.Features.Name);
        Check(label, _columns.Label.Name);
        return length / _channels;
    }

    public void Dispose() => _cursor.Dispose();

    private void Check(ReadOnlySpan<float> values, string column)
    {
        if (values.IsEmpty)
            throw new InvalidDataException($"row {_cursor.Position} of column '{column}': found no samples; expected at least one");
        // A sum is finite unless a value is not, or many large ones overflow; only then is it worth looking at each.
        if (float.IsFinite(TensorPrimitives.Sum(values)))
            return;
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw new InvalidDataException(
                    Invariant.Text(
                        $"row {_cursor.Position} of column '{column}': found {values[i]} at value {i}; "
                            + $"expected finite numbers (spike_cuts: drop or fill, or a block-reduce step, removes NaN)"
                    )
                );
            }
        }
    }
}

/// <summary>The columns of a view that training reads.</summary>
/// <param name="Features">The trace.</param>
/// <param name="Label">The label.</param>
/// <param name="Beside">Numbers beside the trace, for the read-out; null: none.</param>
internal readonly record struct TrainingColumns(DataViewSchema.Column Features, DataViewSchema.Column Label, DataViewSchema.Column? Beside)
{
    /// <summary>All of them.</summary>
    public DataViewSchema.Column[] All => Beside is { } beside ? [Features, Label, beside] : [Features, Label];

    /// <summary>The columns of these names in a view.</summary>
    public static TrainingColumns Of(DataViewSchema schema, TrainerColumns names) =>
        new(schema[names.Features], schema[names.Label], names.Beside is { } beside ? schema[beside] : null);
}
