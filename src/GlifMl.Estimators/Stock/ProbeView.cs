using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>Rows of numbers as columns of any type that ML.NET computes with: what a step is asked, in process and as a graph.</summary>
internal sealed class ProbeView : IDataView
{
    private readonly IReadOnlyList<float[][]> _rows;

    /// <summary>Creates a view.</summary>
    /// <param name="columns">The columns; types and annotations are kept, so that a step takes the view for what it was fitted on.</param>
    /// <param name="rows">The numbers: rows, then columns.</param>
    public ProbeView(IEnumerable<DataViewSchema.Column> columns, IReadOnlyList<float[][]> rows)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var column in columns)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        (Schema, _rows) = (builder.ToSchema(), rows);
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => _rows.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(ProbeView view) : DataViewRowCursor
    {
        private long _position = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext() => ++_position < view._rows.Count;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            (ValueGetter<TValue>)
                NumberColumn.Of(column.Type).Getter(column.Type is VectorDataViewType, () => view._rows[(int)_position][column.Index]);
    }
}

/// <summary>A column's numbers as Single, whatever its type: a truth value is 0 or 1, a key its place from 1, and 0 for none.</summary>
internal abstract class NumberColumn
{
    /// <summary>The item types of columns that hold numbers.</summary>
    private static readonly Dictionary<Type, NumberColumn> Known = new()
    {
        [typeof(float)] = new Typed<float>(v => v, v => v),
        [typeof(double)] = new Typed<double>(v => v, v => (float)v),
        [typeof(bool)] = new Typed<bool>(v => v > 0, v => v ? 1 : 0),
        [typeof(byte)] = new Typed<byte>(v => (byte)v, v => v),
        [typeof(ushort)] = new Typed<ushort>(v => (ushort)v, v => v),
        [typeof(uint)] = new Typed<uint>(v => (uint)v, v => v),
        [typeof(ulong)] = new Typed<ulong>(v => (ulong)v, v => v),
        [typeof(short)] = new Typed<short>(v => (short)v, v => v),
        [typeof(int)] = new Typed<int>(v => (int)v, v => v),
        [typeof(long)] = new Typed<long>(v => (long)v, v => v),
    };

    /// <summary>Whether the column holds numbers, of which a vector has a known count.</summary>
    public static bool Handles(DataViewType type) =>
        type is not VectorDataViewType { Size: 0 } && Known.ContainsKey(Item(type).RawType) && type is not TextDataViewType;

    /// <summary>How to read and give the numbers of a type.</summary>
    public static NumberColumn Of(DataViewType type) => Known[Item(type).RawType];

    /// <summary>The numbers in a row.</summary>
    public static int Size(DataViewType type) => type is VectorDataViewType vector ? vector.Size : 1;

    /// <summary>The type of one number.</summary>
    public static DataViewType Item(DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;

    /// <summary>Reads a column, row by row.</summary>
    public static List<float[]> Read(IDataView view, string name)
    {
        var column = view.Schema[name];
        using var cursor = view.GetRowCursor([column]);
        var read = Of(column.Type).Reader(cursor, column);
        var rows = new List<float[]>();
        while (cursor.MoveNext())
            rows.Add(read());
        return rows;
    }

    /// <summary>A getter of the type, for a column of it.</summary>
    public abstract Delegate Getter(bool isVector, Func<float[]> row);

    /// <summary>Reads a column's row.</summary>
    public abstract Func<float[]> Reader(DataViewRow row, DataViewSchema.Column column);

    private sealed class Typed<T>(Func<float, T> to, Func<T, float> from) : NumberColumn
    {
        public override Delegate Getter(bool isVector, Func<float[]> row)
        {
            if (!isVector)
                return (ValueGetter<T>)((ref T value) => value = to(row()[0]));
            return (ValueGetter<VBuffer<T>>)(
                (ref VBuffer<T> value) =>
                {
                    var numbers = row();
                    var editor = VBufferEditor.Create(ref value, numbers.Length);
                    for (var i = 0; i < numbers.Length; i++)
                        editor.Values[i] = to(numbers[i]);
                    value = editor.Commit();
                }
            );
        }

        public override Func<float[]> Reader(DataViewRow row, DataViewSchema.Column column)
        {
            if (column.Type is not VectorDataViewType)
            {
                var scalar = row.GetGetter<T>(column);
                T one = default!;
                return () =>
                {
                    scalar(ref one);
                    return [from(one)];
                };
            }

            var vector = row.GetGetter<VBuffer<T>>(column);
            VBuffer<T> buffer = default;
            return () =>
            {
                vector(ref buffer);
                return [.. buffer.DenseValues().Select(from)];
            };
        }
    }
}
