using Microsoft.ML;
using Microsoft.ML.Data;

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
                        $"column '{_columns[i].Name}', row {_cursor.Position}: found {values.Length} numbers; expected {size}"
                    );
                values.CopyTo(_rows[i].AsSpan(Rows * size, size));
            }
        }
    }
}

/// <summary>Computes several rows of a transformer's output. One cursor owns it, so it may keep buffers of its own.</summary>
/// <param name="inputs">The rows' input columns.</param>
/// <param name="output">Where the output goes, row-major <c>[rows, size]</c>; its old content is arbitrary.</param>
public delegate void BatchMap(BatchInputs inputs, Span<float> output);

/// <summary>What a view needs to compute a vector column many rows at a time.</summary>
/// <param name="Inputs">The source's columns to read.</param>
/// <param name="InputSizes">How many numbers each has in a row.</param>
/// <param name="OutputSize">How many numbers the computed column has in a row.</param>
/// <param name="BatchRows">How many rows are computed together.</param>
/// <param name="CreateMap">Creates the computation for one cursor.</param>
internal sealed record BatchPlan(DataViewSchema.Column[] Inputs, int[] InputSizes, int OutputSize, int BatchRows, Func<BatchMap> CreateMap);

/// <summary>Reads rows ahead from a cursor of its own and computes a column for them, a batch at a time.</summary>
internal sealed class BatchReader : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly BatchPlan _plan;
    private readonly BatchInputs _inputs;
    private readonly BatchMap _map;
    private readonly float[] _outputs;
    private int _row = -1;
    private long _passedOver;

    public BatchReader(DataViewRowCursor cursor, BatchPlan plan)
    {
        _cursor = cursor;
        _plan = plan;
        _inputs = new BatchInputs(cursor, plan.Inputs, plan.InputSizes, plan.BatchRows);
        _map = plan.CreateMap();
        _outputs = new float[plan.OutputSize * plan.BatchRows];
    }

    /// <summary>Goes on to the next row; nothing is computed until <see cref="Get"/> asks for it.</summary>
    public void MoveNext()
    {
        if (_row < _inputs.Rows)
            _row++;
        if (_row >= _inputs.Rows)
            _passedOver++;
    }

    public void Get(ref VBuffer<float> value)
    {
        if (_row >= _inputs.Rows)
            Fill();
        var editor = VBufferEditor.Create(ref value, _plan.OutputSize);
        _outputs.AsSpan(_row * _plan.OutputSize, _plan.OutputSize).CopyTo(editor.Values);
        value = editor.Commit();
    }

    public void Dispose() => _cursor.Dispose();

    // Rows that were passed over without being asked for are passed over here too, unread.
    private void Fill()
    {
        for (; _passedOver > 1; _passedOver--)
            _cursor.MoveNext();
        _passedOver = 0;
        _row = 0;
        _inputs.Read(_plan.BatchRows);
        _map(_inputs, _outputs.AsSpan(0, _inputs.Rows * _plan.OutputSize));
    }
}
