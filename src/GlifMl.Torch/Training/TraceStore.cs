using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Torch.Training;

/// <summary>
/// The training traces of a data view, given out in batches: decoded once into native memory where they fit the budget,
/// read again from the view each epoch where they do not.
/// </summary>
/// <remarks>
/// Rows are read on the training thread, between steps: no other thread allocates managed memory while libtorch runs.
/// </remarks>
internal sealed unsafe class TraceStore : IDisposable
{
    private readonly IDataView _view;
    private readonly DataViewSchema.Column _features, _label;
    private readonly int _seed;
    private readonly int _channels;
    private readonly float* _cache;
    private readonly float[] _labels = [];
    private readonly int[] _lengths = [];

    /// <summary>Opens the view and reads it once: into memory if it fits, otherwise only to count it.</summary>
    /// <param name="view">Rows of a feature vector and a label vector, both Single.</param>
    /// <param name="features">The feature column: samples, or samples x channels. NaN at the end of a trace is padding: it has no sample there.</param>
    /// <param name="label">The label column.</param>
    /// <param name="seed">Seeds the order of the rows, with the epoch.</param>
    /// <param name="budgetBytes">Bytes of native memory the features may take.</param>
    /// <exception cref="InvalidDataException">The view has no rows, or a trace is empty, or holds NaN or infinity before its end.</exception>
    public TraceStore(IDataView view, string features, string label, int seed, long budgetBytes)
    {
        (_view, _seed) = (view, seed);
        (_features, _label) = (view.Schema[features], view.Schema[label]);
        (FeatureLength, LabelLength) = (VectorSize(_features), VectorSize(_label));
        _channels = ((VectorDataViewType)_features.Type).Dimensions is [_, var channels] ? channels : 1;
        Count = view.GetRowCount() ?? CountRows();
        if (Count == 0)
            throw new InvalidDataException($"the data view has no rows; expected at least one trace to train on (column '{features}')");

        if (Count * FeatureLength * sizeof(float) > budgetBytes)
            return;
        (_labels, _lengths) = (new float[checked((int)(Count * LabelLength))], new int[Count]);
        _cache = (float*)NativeMemory.AlignedAlloc(checked((nuint)(Count * FeatureLength * sizeof(float))), 64);
        using var rows = new Rows(this, random: null);
        for (var row = 0; row < Count; row++)
            _lengths[row] = rows.Next(Cached(row), _labels.AsSpan(row * LabelLength, LabelLength));
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

    /// <summary>Seconds spent reading rows so far, the first reading included.</summary>
    public double ReadSeconds { get; private set; }

    /// <summary>One pass over all rows.</summary>
    /// <param name="epoch">Shuffles by the store's seed and this number; null: in the view's order.</param>
    public Pass Begin(int? epoch) => new(this, epoch);

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_cache);

    private Span<float> Cached(int row) => new(_cache + ((long)row * FeatureLength), FeatureLength);

    private static int VectorSize(DataViewSchema.Column column) =>
        column.Type is VectorDataViewType { ItemType: NumberDataViewType item, Size: > 0 } vector && item == NumberDataViewType.Single
            ? vector.Size
            : throw new ArgumentException($"column '{column.Name}' is {column.Type}; expected a vector of Single of known size");

    private long CountRows()
    {
        long count = 0;
        using var cursor = _view.GetRowCursor([]);
        while (cursor.MoveNext())
            count++;
        return count;
    }

    /// <summary>A cursor over the view that checks what it reads.</summary>
    private sealed class Rows : IDisposable
    {
        private readonly TraceStore _store;
        private readonly DataViewRowCursor _cursor;
        private readonly ValueGetter<VBuffer<float>> _getFeatures, _getLabel;
        private VBuffer<float> _features, _label;

        public Rows(TraceStore store, Random? random)
        {
            _store = store;
            _cursor = store._view.GetRowCursor([store._features, store._label], random);
            _getFeatures = _cursor.GetGetter<VBuffer<float>>(store._features);
            _getLabel = _cursor.GetGetter<VBuffer<float>>(store._label);
        }

        /// <summary>Reads the next row.</summary>
        /// <returns>The samples it has; what follows them is set to 0.</returns>
        public int Next(Span<float> features, Span<float> label)
        {
            var start = Stopwatch.GetTimestamp();
            if (!_cursor.MoveNext())
                throw new InvalidDataException($"the data view ended after {_cursor.Position + 1} rows; expected {_store.Count}, as it said before");
            _getFeatures(ref _features);
            _features.CopyTo(features);
            _getLabel(ref _label);
            _label.CopyTo(label);

            var length = features.Length;
            while (length > 0 && float.IsNaN(features[length - 1]))
                length--;
            features[length..].Clear();
            Check(features[..length], _store._features.Name);
            Check(label, _store._label.Name);
            var samples = length / _store._channels;
            _store.HasShortTraces |= samples * _store._channels < features.Length;
            _store.ReadSeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
            return samples;
        }

        public void Dispose() => _cursor.Dispose();

        private void Check(ReadOnlySpan<float> values, string column)
        {
            if (values.IsEmpty)
                throw new InvalidDataException($"row {_cursor.Position} of column '{column}' has no samples; expected at least one");
            // A sum is finite unless a value is not, or many large ones overflow; only then is it worth looking at each.
            if (float.IsFinite(TensorPrimitives.Sum(values)))
                return;
            for (var i = 0; i < values.Length; i++)
            {
                if (!float.IsFinite(values[i]))
                {
                    throw new InvalidDataException(
                        $"row {_cursor.Position} of column '{column}' holds {values[i]} at value {i}; expected finite numbers (spike_cuts: drop or fill, or a block-reduce step, removes NaN)");
                }
            }
        }
    }

    /// <summary>One pass over the rows of a <see cref="TraceStore"/>.</summary>
    internal sealed class Pass : IDisposable
    {
        private readonly TraceStore _store;
        private readonly int[]? _order;
        private readonly Rows? _rows;
        private int _next;

        public Pass(TraceStore store, int? epoch)
        {
            _store = store;
            var random = epoch is { } e ? new Random(HashCode(store._seed, e)) : null;
            if (!store.IsCached)
            {
                _rows = new Rows(store, store._view.CanShuffle ? random : null);
                return;
            }

            _order = new int[store.Count];
            for (var i = 0; i < _order.Length; i++)
                _order[i] = i;
            random?.Shuffle(_order);
        }

        /// <summary>Rows still to come.</summary>
        public long Remaining => _store.Count - _next;

        /// <summary>The next row.</summary>
        /// <returns>The samples it has; what follows them is 0.</returns>
        public int Next(Span<float> features, Span<float> label)
        {
            if (_order is null)
            {
                _next++;
                return _rows!.Next(features, label);
            }

            var row = _order[_next++];
            _store.Cached(row).CopyTo(features);
            _store._labels.AsSpan(row * label.Length, label.Length).CopyTo(label);
            return _store._lengths[row];
        }

        public void Dispose() => _rows?.Dispose();

        // System.HashCode is seeded anew in each process; this is the same on every machine.
        private static int HashCode(int seed, int epoch) => unchecked((seed * 397) ^ (epoch * (int)2654435761u));
    }
}
