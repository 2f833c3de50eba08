using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>Reads traces ahead from a cursor of its own and scores them a batch at a time.</summary>
internal sealed class BatchScorer : IDisposable
{
    private readonly OnnxModel _model;
    private readonly DataViewRowCursor _cursor;
    private readonly string[] _names;
    private readonly ValueGetter<VBuffer<float>>[] _getters;
    private readonly float[][] _traces;
    private readonly float[] _scores;
    private VBuffer<float> _trace;
    private int _row = -1;
    private int _rows;
    private long _skipped;

    public BatchScorer(OnnxModel model, DataViewRowCursor cursor, DataViewSchema.Column[] inputs)
    {
        _model = model;
        _cursor = cursor;
        _names = [.. inputs.Select(c => c.Name)];
        _getters = [.. inputs.Select(c => cursor.GetGetter<VBuffer<float>>(cursor.Schema[c.Index]))];
        _traces = [.. inputs.Select(_ => new float[model.Options.BatchRows * model.Info.Samples])];
        _scores = new float[model.Options.BatchRows * model.Info.Parameters.Count];
    }

    /// <summary>Goes on to the next row; nothing is scored until <see cref="Get"/> asks for it.</summary>
    public void MoveNext()
    {
        _row++;
        if (_row >= _rows)
            _skipped++;
    }

    public void Get(ref VBuffer<float> value)
    {
        if (_row >= _rows)
            Fill();
        var count = _model.Info.Parameters.Count;
        var editor = VBufferEditor.Create(ref value, count);
        _scores.AsSpan(_row * count, count).CopyTo(editor.Values);
        value = editor.Commit();
    }

    public void Dispose() => _cursor.Dispose();

    // Rows that were passed over without being asked for are passed over here too, unread.
    private void Fill()
    {
        for (; _skipped > 1; _skipped--)
            _cursor.MoveNext();
        _skipped = 0;
        _row = 0;
        for (_rows = 0; _rows < _model.Options.BatchRows && _cursor.MoveNext(); _rows++)
        {
            for (var input = 0; input < _getters.Length; input++)
                Read(input);
        }

        var samples = _rows * _model.Info.Samples;
        _model.Run(
            _traces[0].AsMemory(0, samples),
            _traces.Length > 1 ? _traces[1].AsMemory(0, samples) : default,
            _scores.AsSpan(0, _rows * _model.Info.Parameters.Count));
    }

    private void Read(int input)
    {
        var samples = _model.Info.Samples;
        _getters[input](ref _trace);
        if (_trace.Length != samples)
            throw new InvalidDataException($"column '{_names[input]}', row {_cursor.Position}: expected {samples} samples, found {_trace.Length}");
        _trace.CopyTo(_traces[input].AsSpan(_rows * samples, samples));
    }
}
