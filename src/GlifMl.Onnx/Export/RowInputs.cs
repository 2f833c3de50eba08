using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>
/// The input columns of one row as dense Single numbers, in the order the transformer names them; a scalar is a span of one.
/// The spans are valid until the next row is read.
/// </summary>
public sealed class RowInputs
{
    private readonly Column[] _columns;

    internal RowInputs(Column[] columns) => _columns = columns;

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

    /// <summary>One column of a cursor, read into buffers that are kept from row to row.</summary>
    internal sealed class Column
    {
        private readonly ReadInto _read;
        private VBuffer<float> _buffer;
        private float[] _dense = [];

        public Column(ReadInto read) => _read = read;

        public delegate void ReadInto(ref VBuffer<float> buffer);

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
    }
}
