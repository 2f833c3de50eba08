using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>
/// The input columns of one row as dense Single numbers, in the order the transformer names them; a scalar is a span of one.
/// The spans are valid until the next row is read.
/// </summary>
public sealed class RowInputs
{
    private readonly ColumnReader[] _columns;

    internal RowInputs(DataViewRow source, IEnumerable<DataViewSchema.Column> columns) =>
        _columns = [.. columns.Select(c => new ColumnReader(source, c))];

    /// <summary>How many columns there are.</summary>
    public int Count => _columns.Length;

    /// <summary>The numbers of one column in the current row.</summary>
    /// <param name="index">The column's place among the transformer's inputs.</param>
    public ReadOnlySpan<float> this[int index] => _columns[index].Values;

    internal void Read()
    {
        foreach (var column in _columns)
            column.Read();
    }
}

/// <summary>Computes one row of a transformer's output. One cursor owns it, so it may keep buffers of its own.</summary>
/// <param name="inputs">The row's input columns.</param>
/// <param name="output">Where the output goes, as long as the output column; its old content is arbitrary.</param>
public delegate void RowMap(RowInputs inputs, Span<float> output);

/// <summary>Reads one column of a cursor as dense Single numbers, into buffers that are kept from row to row.</summary>
internal sealed class ColumnReader
{
    private readonly ReadInto _read;
    private VBuffer<float> _buffer;
    private float[] _dense = [];

    public ColumnReader(DataViewRow source, DataViewSchema.Column column) => _read = Reader(source, source.Schema[column.Index]);

    private delegate void ReadInto(ref VBuffer<float> buffer);

    /// <summary>The numbers read last; a scalar is a span of one.</summary>
    public ReadOnlySpan<float> Values => _buffer.IsDense ? _buffer.GetValues() : _dense.AsSpan(0, _buffer.Length);

    public void Read()
    {
        _read(ref _buffer);
        if (_buffer.IsDense)
            return;
        if (_dense.Length < _buffer.Length)
            _dense = new float[_buffer.Length];
        _buffer.CopyTo(_dense);
    }

    private static ReadInto Reader(DataViewRow source, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
        {
            var vector = source.GetGetter<VBuffer<float>>(column);
            return (ref VBuffer<float> buffer) => vector(ref buffer);
        }

        if (column.Type == NumberDataViewType.Single)
        {
            var single = source.GetGetter<float>(column);
            return (ref VBuffer<float> buffer) =>
            {
                var editor = VBufferEditor.Create(ref buffer, 1);
                single(ref editor.Values[0]);
                buffer = editor.Commit();
            };
        }

        var wide = source.GetGetter<double>(column);
        return (ref VBuffer<float> buffer) =>
        {
            var value = 0d;
            wide(ref value);
            var editor = VBufferEditor.Create(ref buffer, 1);
            editor.Values[0] = (float)value;
            buffer = editor.Commit();
        };
    }
}

/// <summary>Which columns can enter a graph: numbers, and vectors of Single.</summary>
internal static class ColumnTypes
{
    public static OnnxElementType ElementType(DataViewSchema.Column column)
    {
        var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        if (item == NumberDataViewType.Single)
            return OnnxElementType.Single;
        if (column.Type == NumberDataViewType.Double)
            return OnnxElementType.Double;
        throw new ArgumentException(
            $"column '{column.Name}': found {column.Type}; expected Single, Double or a vector of Single",
            nameof(column)
        );
    }

    /// <summary>A vector's length; one of unknown size has a length of its own at run time.</summary>
    public static OnnxDim Length(string name, VectorDataViewType vector) => vector.Size > 0 ? vector.Size : name + "_length";
}
