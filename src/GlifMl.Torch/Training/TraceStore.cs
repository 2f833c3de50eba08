using System.Diagnostics;
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
    private readonly float* _cache;
    private readonly float[] _labels;

    /// <summary>Opens the view and reads it once: into memory if it fits, otherwise only to count it.</summary>
    /// <param name="view">Rows of a feature vector and a label vector, both Single.</param>
    /// <param name="features">The feature column: samples, or samples x channels.</param>
    /// <param name="label">The label column.</param>
    /// <param name="seed">Seeds the order of the rows, with the epoch.</param>
    /// <param name="budgetBytes">Bytes of native memory the features may take.</param>
    /// <exception cref="InvalidDataException">The view has no rows, or a trace holds NaN or infinity.</exception>
    public TraceStore(IDataView view, string features, string label, int seed, long budgetBytes)
    {
        (_view, _seed) = (view, seed);
        (_features, _label) = (view.Schema[features], view.Schema[label]);
        (FeatureLength, LabelLength) = (VectorSize(_features), VectorSize(_label));
        Count = view.GetRowCount() ?? CountRows();
        if (Count == 0)
            throw new InvalidDataException($"the data view has no rows; expected at least one trace to train on (column '{features}')");

        _labels = new float[checked((int)(Count * LabelLength))];
        if (Count * FeatureLength * sizeof(float) > budgetBytes)
            return;
        _cache = (float*)NativeMemory.AlignedAlloc(checked((nuint)(Count * FeatureLength * sizeof(float))), 64);
        using var rows = new Rows(this, random: null);
        for (long row = 0; row < Count; row++)
            rows.Next(new Span<float>(_cache + (row * FeatureLength), FeatureLength), _labels.AsSpan((int)row * LabelLength, LabelLength));
    }

    /// <summary>Rows in the view.</summary>
    public long Count { get; }

    /// <summary>Values of a row's features: samples x channels.</summary>
    public int FeatureLength { get; }

    /// <summary>Values of a row's label.</summary>
    public int LabelLength { get; }

    /// <summary>Whether the traces are in memory.</summary>
    public bool IsCached => _cache != null;

    /// <summary>Seconds spent reading rows so far, the first reading included.</summary>
    public double ReadSeconds { get; private set; }

    /// <summary>One pass over all rows.</summary>
    /// <param name="epoch">Shuffles by the store's seed and this number; null: in the view's order.</param>
    public Pass Begin(int? epoch) => new(this, epoch);

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_cache);

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

        public void Next(Span<float> features, Span<float> label)
        {
            var start = Stopwatch.GetTimestamp();
            if (!_cursor.MoveNext())
                throw new InvalidDataException($"the data view ended after {_cursor.Position + 1} rows; expected {_store.Count}, as it said before");
            Read(_getFeatures, ref _features, features, _store._features.Name);
            Read(_getLabel, ref _label, label, _store._label.Name);
            _store.ReadSeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        public void Dispose() => _cursor.Dispose();

        private void Read(ValueGetter<VBuffer<float>> getter, ref VBuffer<float> buffer, Span<float> destination, string column)
        {
            getter(ref buffer);
            buffer.CopyTo(destination);
            if (float.IsFinite(System.Numerics.Tensors.TensorPrimitives.Sum<float>(destination)))
                return;
            var bad = 0;
            while (bad < destination.Length && float.IsFinite(destination[bad]))
                bad++;
            if (bad < destination.Length)
            {
                throw new InvalidDataException(
                    $"row {_cursor.Position} of column '{column}' holds {destination[bad]} at value {bad}; expected finite numbers (spike_cuts: drop or fill, or a scale-trace step, removes NaN)");
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

        /// <summary>Copies the next rows: as many as <paramref name="labels"/> holds.</summary>
        public void Next(Span<float> features, Span<float> labels)
        {
            var (f, l) = (_store.FeatureLength, _store.LabelLength);
            for (var i = 0; i < labels.Length / l; i++, _next++)
            {
                var (feature, label) = (features.Slice(i * f, f), labels.Slice(i * l, l));
                if (_order is null)
                {
                    _rows!.Next(feature, label);
                    continue;
                }

                var row = _order[_next];
                new ReadOnlySpan<float>(_store._cache + ((long)row * f), f).CopyTo(feature);
                _store._labels.AsSpan(row * l, l).CopyTo(label);
            }
        }

        public void Dispose() => _rows?.Dispose();

        // System.HashCode is seeded anew in each process; this is the same on every machine.
        private static int HashCode(int seed, int epoch) => unchecked((seed * 397) ^ (epoch * (int)2654435761u));
    }
}
