using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

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
