using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Torch;

/// <summary>A cursor over traces and labels that checks what it reads.</summary>
internal sealed class TraceCursor : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly DataViewSchema.Column _featureColumn,
        _labelColumn;
    private readonly ValueGetter<VBuffer<float>> _getFeatures,
        _getLabel;
    private readonly int _channels;
    private VBuffer<float> _features,
        _label;

    public TraceCursor(DataViewRowCursor cursor, DataViewSchema.Column features, DataViewSchema.Column label, int channels)
    {
        (_cursor, _featureColumn, _labelColumn, _channels) = (cursor, features, label, channels);
        _getFeatures = cursor.GetGetter<VBuffer<float>>(features);
        _getLabel = cursor.GetGetter<VBuffer<float>>(label);
    }

    /// <summary>Rows read so far.</summary>
    public long RowsRead => _cursor.Position + 1;

    public static InvalidDataException OtherCount(long found, long expected) =>
        new($"the data view has {found} rows; expected {expected}, as it said before");

    public bool MoveNext() => _cursor.MoveNext();

    /// <summary>Reads the current row.</summary>
    /// <returns>The samples it has; what follows them is set to 0.</returns>
    /// <exception cref="InvalidDataException">The trace is empty, or holds NaN or infinity before its end.</exception>
    public int Read(Span<float> features, Span<float> label)
    {
        _getFeatures(ref _features);
        _features.CopyTo(features);
        _getLabel(ref _label);
        _label.CopyTo(label);

        var length = features.Length;
        while (length > 0 && float.IsNaN(features[length - 1]))
            length--;
        features[length..].Clear();
        Check(features[..length], _featureColumn.Name);
        Check(label, _labelColumn.Name);
        return length / _channels;
    }

    public void Dispose() => _cursor.Dispose();

    private void Check(ReadOnlySpan<float> values, string column)
    {
        if (values.IsEmpty)
            throw new InvalidDataException($"row {_cursor.Position} of column '{column}' has no samples; expected at least one");
        // A sum is finite unless a value is not, or many large ones overflow; only then is it worth looking at each.
        if (float.IsFinite(TensorPrimitives.Sum(values)))
            return;
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw new InvalidDataException(
                    $"row {_cursor.Position} of column '{column}' holds {values[i]} at value {i}; expected finite numbers (spike_cuts: drop or fill, or a block-reduce step, removes NaN)"
                );
            }
        }
    }
}
