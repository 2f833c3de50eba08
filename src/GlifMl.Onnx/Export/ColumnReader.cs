using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

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
