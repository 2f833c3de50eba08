using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Torch;

/// <summary>
/// The training traces of a data view, given out in batches: decoded once into native memory where they fit the budget,
/// read again from the view each epoch where they do not. Or traces without end, other ones in each epoch, or every few epochs.
/// </summary>
/// <remarks>
/// The first reading uses every core, before training starts; later ones happen on the training thread, between steps, because no other
/// thread may allocate managed memory while libtorch runs. Traces without end are made on every core, some hundreds at a time, between two
/// steps, for the same reason; the kernel has every core during a step, so that nothing would be gained beside it.
/// </remarks>
internal sealed class TraceStore : IDisposable
{
    // Enough for every core to have its share; few enough that a run that is stopped stops at once.
    private const long MostEndlessRows = 2048,
        MostEndlessBytes = 64L << 20;

    private readonly IDataView _view;
    private readonly EndlessRows? _endless;
    private readonly TrainerColumns _names;
    private readonly TrainingColumns _columns;
    private readonly int _seed;
    private readonly int _channels;
    private readonly TraceMemory? _memory;
    private bool _hasShortRows;
    private long _readTicks;
    private long _held = -1;

    /// <summary>Opens the view and reads it once: into memory if it fits, otherwise only to count it.</summary>
    /// <param name="view">Rows of a feature vector and a label vector, both Single.</param>
    /// <param name="columns">
    /// Its columns. Features are samples, or samples x channels; NaN at the end of a trace is padding: it has no sample there.
    /// </param>
    /// <param name="seed">Seeds the order of the rows, with the epoch.</param>
    /// <param name="budgetBytes">Bytes of native memory the features may take.</param>
    /// <param name="endless">Where each epoch gets other rows, as many as the view has: whence. Default: the view's, each epoch.</param>
    /// <exception cref="ArgumentException">Rows that several epochs are shown do not fit the budget.</exception>
    /// <exception cref="InvalidDataException">
    /// The view has no rows, or a trace is empty, or holds NaN or infinity before its end.
    /// </exception>
    public TraceStore(IDataView view, TrainerColumns columns, int seed, long budgetBytes, EndlessRows? endless = null)
    {
        (_view, _names, _seed, _endless) = (view, columns, seed, endless);
        _columns = TrainingColumns.Of(view.Schema, columns);
        (FeatureLength, LabelLength) = (VectorSize(_columns.Features), VectorSize(_columns.Label));
        BesideLength = _columns.Beside is { } beside ? VectorSize(beside) : 0;
        _channels = ((VectorDataViewType)_columns.Features.Type).Dimensions is [_, var channels] ? channels : 1;
        Count = view.GetRowCount() ?? CountRows();
        if (Count == 0)
            throw new InvalidDataException($"column '{columns.Features}': found no rows; expected at least one trace to train on");

        var rowBytes = (long)FeatureLength * sizeof(float);
        if (endless is not null)
        {
            var rows =
                endless.Shown > 1
                    ? Kept(rowBytes, budgetBytes)
                    : (int)Math.Clamp(Math.Min(MostEndlessBytes, budgetBytes) / rowBytes, 1, Math.Min(MostEndlessRows, Count));
            _memory = new TraceMemory(rows, FeatureLength, LabelLength, BesideLength, _channels);
            return;
        }

        if (Count * rowBytes > budgetBytes)
            return;
        _memory = new TraceMemory(checked((int)Count), FeatureLength, LabelLength, BesideLength, _channels);
        try
        {
            Load(view, (int)Count);
        }
        catch
        {
            _memory.Dispose();
            throw;
        }
    }

    /// <summary>Rows of an epoch.</summary>
    public long Count { get; }

    /// <summary>Values of a row's features: samples x channels.</summary>
    public int FeatureLength { get; }

    /// <summary>Values of a row's label.</summary>
    public int LabelLength { get; }

    /// <summary>Values beside a row's trace.</summary>
    public int BesideLength { get; }

    /// <summary>Whether the traces are in memory.</summary>
    public bool IsCached => _memory is not null && _endless is null;

    /// <summary>Whether each epoch has traces of its own.</summary>
    public bool IsEndless => _endless is not null;

    /// <summary>Bytes of native memory that the traces take.</summary>
    public long HeldBytes => (_memory?.Capacity ?? 0L) * FeatureLength * sizeof(float);

    /// <summary>Channels of a sample.</summary>
    public int Channels => _channels;

    /// <summary>Whether a trace read so far is shorter than the others.</summary>
    public bool HasShortTraces => _hasShortRows || _memory is { HasShortTraces: true };

    /// <summary>Seconds that training has waited for rows so far: the first reading, and each row's way into its batch.</summary>
    public double ReadSeconds => (double)_readTicks / Stopwatch.Frequency;

    /// <summary>One pass over all rows.</summary>
    /// <param name="epoch">Shuffles by the store's seed and this number; null: in the view's order.</param>
    public Pass Begin(int? epoch) => new(this, epoch);

    /// <inheritdoc/>
    public void Dispose() => _memory?.Dispose();

    // An epoch's traces, until all the epochs that are shown them are over.
    private int Kept(long rowBytes, long budgetBytes)
    {
        if (Count * rowBytes <= budgetBytes)
            return checked((int)Count);
        var (found, most) = (Count * rowBytes >> 20, budgetBytes >> 20);
        throw new ArgumentException(
            $"found {Count} traces an epoch, {found} MiB as they are trained on; expected at most {most} MiB (cache_mebibytes), "
                + "in which they are kept for the epochs that are shown them again"
        );
    }

    private static int VectorSize(DataViewSchema.Column column) =>
        column.Type is VectorDataViewType { ItemType: NumberDataViewType item, Size: > 0 } vector && item == NumberDataViewType.Single
            ? vector.Size
            : throw new ArgumentException($"column '{column.Name}': found {column.Type}; expected a vector of Single of known size");

    // The stretch of an epoch's rows, the first of which is given, that a row of it lies in.
    private void Hold(EndlessRows endless, long epoch, long row)
    {
        var start = row - (row % _memory!.Capacity);
        if (epoch + start == _held)
            return;
        _held = -1;
        var rows = (int)Math.Min(_memory.Capacity, Count - start);
        Load(endless.Rows(epoch + start, rows), rows);
        _held = epoch + start;
    }

    private void Load(IDataView view, int rows)
    {
        var start = Stopwatch.GetTimestamp();
        _memory!.Load(view, TrainingColumns.Of(view.Schema, _names), rows);
        _readTicks += Stopwatch.GetTimestamp() - start;
    }

    private int ReadNext(TraceCursor rows, Span<float> features, Span<float> beside, Span<float> label)
    {
        if (!rows.MoveNext())
            throw TraceCursor.OtherCount(rows.RowsRead, Count);
        var samples = rows.Read(features, beside, label);
        _hasShortRows |= samples * _channels < FeatureLength;
        return samples;
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
        private readonly long _first;
        private long _next;

        public Pass(TraceStore store, int? epoch)
        {
            _store = store;
            var random = epoch is { } e ? new Random(HashCode(store._seed, e)) : null;
            if (store._endless is { } endless)
                _first = ((epoch ?? 1) - 1) / endless.Shown * store.Count;
            // Other traces in each epoch come in no order that would have to be broken.
            if (store.IsCached || store._endless is { Shown: > 1 })
            {
                _order = [.. Enumerable.Range(0, (int)store.Count)];
                random?.Shuffle(_order);
            }
            else if (!store.IsEndless)
            {
                _rows = new TraceCursor(
                    store._view.GetRowCursor(store._columns.All, store._view.CanShuffle ? random : null),
                    store._columns,
                    store._channels
                );
            }
        }

        /// <summary>Rows still to come.</summary>
        public long Remaining => _store.Count - _next;

        /// <summary>The next row.</summary>
        /// <returns>The samples it has; what follows them is 0.</returns>
        public int Next(Span<float> features, Span<float> beside, Span<float> label)
        {
            var row = _next++;
            if (_store._endless is { } endless)
                _store.Hold(endless, _first, row);

            var begin = Stopwatch.GetTimestamp();
            var samples =
                _rows is not null ? _store.ReadNext(_rows, features, beside, label)
                : _order is not null ? _store._memory!.Copy(_order[row], features, beside, label)
                : _store._memory!.Copy((int)(row % _store._memory.Capacity), features, beside, label);
            _store._readTicks += Stopwatch.GetTimestamp() - begin;
            return samples;
        }

        /// <summary>Passes over rows.</summary>
        public void Skip(long rows)
        {
            _next += rows;
            for (; _rows is not null && rows > 0; rows--)
                _rows.MoveNext();
        }

        public void Dispose() => _rows?.Dispose();

        // System.HashCode is seeded anew in each process; this is the same on every machine.
        private static int HashCode(int seed, int epoch) => unchecked((seed * 397) ^ (epoch * (int)2654435761u));
    }
}
