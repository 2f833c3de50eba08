using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Torch;

/// <summary>
/// The training traces of a data view, given out in batches: decoded once into native memory where they fit the budget,
/// read again from the view each epoch where they do not.
/// </summary>
/// <remarks>
/// The first reading uses every core, before training starts; later ones happen on the training thread, between steps, because no other
/// thread may allocate managed memory while libtorch runs.
/// </remarks>
internal sealed unsafe class TraceStore : IDisposable
{
    private readonly IDataView _view;
    private readonly DataViewSchema.Column _features,
        _label;
    private readonly int _seed;
    private readonly int _channels;
    private readonly float* _cache;
    private readonly float[] _labels = [];
    private readonly int[] _lengths = [];
    private readonly int[] _slots = [];
    private long _readTicks;

    /// <summary>Opens the view and reads it once: into memory if it fits, otherwise only to count it.</summary>
    /// <param name="view">Rows of a feature vector and a label vector, both Single.</param>
    /// <param name="features">
    /// The feature column: samples, or samples x channels. NaN at the end of a trace is padding: it has no sample there.
    /// </param>
    /// <param name="label">The label column.</param>
    /// <param name="seed">Seeds the order of the rows, with the epoch.</param>
    /// <param name="budgetBytes">Bytes of native memory the features may take.</param>
    /// <exception cref="InvalidDataException">
    /// The view has no rows, or a trace is empty, or holds NaN or infinity before its end.
    /// </exception>
    public TraceStore(IDataView view, string features, string label, int seed, long budgetBytes)
    {
        (_view, _seed) = (view, seed);
        (_features, _label) = (view.Schema[features], view.Schema[label]);
        (FeatureLength, LabelLength) = (VectorSize(_features), VectorSize(_label));
        _channels = ((VectorDataViewType)_features.Type).Dimensions is [_, var channels] ? channels : 1;
        Count = view.GetRowCount() ?? CountRows();
        if (Count == 0)
            throw new InvalidDataException($"column '{features}': found no rows; expected at least one trace to train on");

        if (Count * FeatureLength * sizeof(float) > budgetBytes)
            return;
        (_labels, _lengths) = (new float[checked((int)(Count * LabelLength))], new int[Count]);
        _cache = (float*)NativeMemory.AlignedAlloc(checked((nuint)(Count * FeatureLength * sizeof(float))), 64);
        try
        {
            _slots = Load();
        }
        catch
        {
            NativeMemory.AlignedFree(_cache);
            throw;
        }
    }

    /// <summary>Rows in the view.</summary>
    public long Count { get; }

    /// <summary>Values of a row's features: samples x channels.</summary>
    public int FeatureLength { get; }

    /// <summary>Values of a row's label.</summary>
    public int LabelLength { get; }

    /// <summary>Whether the traces are in memory.</summary>
    public bool IsCached => _cache != null;

    /// <summary>Channels of a sample.</summary>
    public int Channels => _channels;

    /// <summary>Whether a trace read so far is shorter than the others.</summary>
    public bool HasShortTraces { get; private set; }

    /// <summary>Seconds that training has waited for rows so far: the first reading, and each row's way into its batch.</summary>
    public double ReadSeconds => (double)_readTicks / Stopwatch.Frequency;

    /// <summary>One pass over all rows.</summary>
    /// <param name="epoch">Shuffles by the store's seed and this number; null: in the view's order.</param>
    public Pass Begin(int? epoch) => new(this, epoch);

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_cache);

    private Span<float> Cached(int row) => new(_cache + ((long)row * FeatureLength), FeatureLength);

    private static int VectorSize(DataViewSchema.Column column) =>
        column.Type is VectorDataViewType { ItemType: NumberDataViewType item, Size: > 0 } vector && item == NumberDataViewType.Single
            ? vector.Size
            : throw new ArgumentException($"column '{column.Name}': found {column.Type}; expected a vector of Single of known size");

    /// <summary>Reads the view into memory with a cursor a core, each row into the next free slot.</summary>
    /// <returns>The slot of each row, in the view's order, whichever cursor met it first.</returns>
    private int[] Load()
    {
        var start = Stopwatch.GetTimestamp();
        var places = new (long Batch, long Sequence)[Count];
        var next = -1;
        var cursors = _view.GetRowCursorSet([_features, _label], Environment.ProcessorCount);
        try
        {
            Parallel.ForEach(
                cursors,
                cursor =>
                {
                    using var rows = new TraceCursor(cursor, _features, _label, _channels);
                    for (long sequence = 0; rows.MoveNext(); sequence++)
                    {
                        var slot = Interlocked.Increment(ref next);
                        if (slot >= Count)
                            throw TraceCursor.OtherCount(slot + 1, Count);
                        _lengths[slot] = rows.Read(Cached(slot), _labels.AsSpan(slot * LabelLength, LabelLength));
                        places[slot] = (cursor.Batch, sequence);
                    }
                }
            );
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        if (next + 1 != Count)
            throw TraceCursor.OtherCount(next + 1, Count);
        HasShortTraces = Array.Exists(_lengths, l => l * _channels < FeatureLength);
        // The cursors of a set share the rows batch by batch: the batch's number, then the order within it, is the order of one cursor
        // alone.
        var slots = Enumerable.Range(0, (int)Count).ToArray();
        Array.Sort(places, slots);
        _readTicks = Stopwatch.GetTimestamp() - start;
        return slots;
    }

    private int ReadNext(TraceCursor rows, Span<float> features, Span<float> label)
    {
        if (!rows.MoveNext())
            throw TraceCursor.OtherCount(rows.RowsRead, Count);
        var samples = rows.Read(features, label);
        HasShortTraces |= samples * _channels < FeatureLength;
        return samples;
    }

    private int CopyCached(int slot, Span<float> features, Span<float> label)
    {
        Cached(slot).CopyTo(features);
        _labels.AsSpan(slot * label.Length, label.Length).CopyTo(label);
        return _lengths[slot];
    }

    private long CountRows()
    {
        long count = 0;
        using var cursor = _view.GetRowCursor([]);
        while (cursor.MoveNext())
            count++;
        return count;
    }

    /// <summary>One pass over the rows of a <see cref="TraceStore"/>.</summary>
    internal sealed class Pass : IDisposable
    {
        private readonly TraceStore _store;
        private readonly int[]? _order;
        private readonly TraceCursor? _rows;
        private int _next;

        public Pass(TraceStore store, int? epoch)
        {
            _store = store;
            var random = epoch is { } e ? new Random(HashCode(store._seed, e)) : null;
            if (!store.IsCached)
            {
                _rows = new TraceCursor(
                    store._view.GetRowCursor([store._features, store._label], store._view.CanShuffle ? random : null),
                    store._features,
                    store._label,
                    store._channels
                );
                return;
            }

            _order = [.. store._slots];
            random?.Shuffle(_order);
        }

        /// <summary>Rows still to come.</summary>
        public long Remaining => _store.Count - _next;

        /// <summary>The next row.</summary>
        /// <returns>The samples it has; what follows them is 0.</returns>
        public int Next(Span<float> features, Span<float> label)
        {
            var start = Stopwatch.GetTimestamp();
            var row = _next++;
            var samples = _order is null ? _store.ReadNext(_rows!, features, label) : _store.CopyCached(_order[row], features, label);
            _store._readTicks += Stopwatch.GetTimestamp() - start;
            return samples;
        }

        public void Dispose() => _rows?.Dispose();

        // System.HashCode is seeded anew in each process; this is the same on every machine.
        private static int HashCode(int seed, int epoch) => unchecked((seed * 397) ^ (epoch * (int)2654435761u));
    }
}

/// <summary>A cursor over traces and labels that checks what it reads.</summary>
internal sealed class TraceCursor : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly DataViewSchema.Column _featureColumn,
        _labelColumn;
    private readonly ValueGetter<VBuffer<float>> _getFeatures,
        _getLabel;
    private readonly int _channels;
    private VBuffer<float> _features,
        _label;

    public TraceCursor(DataViewRowCursor cursor, DataViewSchema.Column features, DataViewSchema.Column label, int channels)
    {
        (_cursor, _featureColumn, _labelColumn, _channels) = (cursor, features, label, channels);
        _getFeatures = cursor.GetGetter<VBuffer<float>>(features);
        _getLabel = cursor.GetGetter<VBuffer<float>>(label);
    }

    /// <summary>Rows read so far.</summary>
    public long RowsRead => _cursor.Position + 1;

    public static InvalidDataException OtherCount(long found, long expected) =>
        new($"found {found} rows in the data view; expected {expected}, as it said before");

    public bool MoveNext() => _cursor.MoveNext();

    /// <summary>Reads the current row.</summary>
    /// <returns>The samples it has; what follows them is set to 0.</returns>
    /// <exception cref="InvalidDataException">The trace is empty, or holds NaN or infinity before its end.</exception>
    public int Read(Span<float> features, Span<float> label)
    {
        _getFeatures(ref _features);
        _features.CopyTo(features);
        _getLabel(ref _label);
        _label.CopyTo(label);

        var length = features.Length;
        while (length > 0 && float.IsNaN(features[length - 1]))
            length--;
        features[length..].Clear();
        Check(features[..length], _featureColumn.Name);
        Check(label, _labelColumn.Name);
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
