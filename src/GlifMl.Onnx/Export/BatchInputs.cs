using Microsoft.ML;

namespace GlifMl.Onnx;

/// <summary>
/// The input columns of several rows as dense Single numbers, in the order the transformer names them.
/// The memory is valid until the next rows are read.
/// </summary>
public sealed class BatchInputs
{
    private readonly DataViewRowCursor _cursor;
    private readonly DataViewSchema.Column[] _columns;
    private readonly int[] _sizes;
    private readonly RowInputs _row;
    private readonly float[][] _rows;

    internal BatchInputs(DataViewRowCursor cursor, DataViewSchema.Column[] columns, int[] sizes, int capacity)
    {
        _cursor = cursor;
        _columns = columns;
        _sizes = sizes;
        _row = new RowInputs(cursor, columns);
        _rows = Array.ConvertAll(sizes, size => new float[checked(size * capacity)]);
    }

    /// <summary>How many columns there are.</summary>
    public int Count => _rows.Length;

    /// <summary>How many rows there are, at least one.</summary>
    public int Rows { get; private set; }

    /// <summary>The numbers of one column, row-major <c>[rows, size]</c>.</summary>
    /// <param name="index">The column's place among the transformer's inputs.</param>
    public ReadOnlyMemory<float> this[int index] => _rows[index].AsMemory(0, Rows * _sizes[index]);

    /// <summary>Reads the next rows of the cursor, as many as there are and fit.</summary>
    internal void Read(int capacity)
    {
        for (Rows = 0; Rows < capacity && _cursor.MoveNext(); Rows++)
        {
            _row.Read();
            for (var i = 0; i < _rows.Length; i++)
            {
                var values = _row[i];
                var size = _sizes[i];
                if (values.Length != size)
                    throw new InvalidDataException(
                        $"column '{_columns[i].Name}', row {_cursor.Position}: expected {size} numbers, found {values.Length}"
                    );
                values.CopyTo(_rows[i].AsSpan(Rows * size, size));
            }
        }
    }
}
