using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>
/// Features and labels of all training or validation rows in memory, so that costly features are computed once and not once a label and
/// pass.
/// </summary>
internal sealed class TrainingTable
{
    public const string FeaturesColumn = TraceColumns.Features,
        LabelColumn = TraceColumns.Label;

    private readonly List<float[]> _features = [];
    private readonly List<float[]> _labels = [];
    private readonly int _size;

    /// <exception cref="InvalidDataException">There are no rows, more than fit, or a feature or label is not finite.</exception>
    public TrainingTable(IDataView view, string features, string label, int mebibytes)
    {
        _size = LabelledRows.Size(view, features);
        Outputs = LabelledRows.Size(view, label);
        var mostRows = ((long)mebibytes << 20) / (sizeof(float) * (_size + (long)Outputs));
        RequireFit(view.GetRowCount() ?? 0, mostRows, mebibytes);
        LabelledRows.Read(
            view,
            features,
            label,
            (row, x, y) =>
            {
                RequireFit(row + 1, mostRows, mebibytes);
                RequireFinite(features, row, x, "; trace-features and block-reduce give numbers whatever the trace holds");
                RequireFinite(label, row, y, "");
                _features.Add(x.ToArray());
                _labels.Add(y.ToArray());
            }
        );
    }

    /// <summary>Numbers in a label.</summary>
    public int Outputs { get; }

    /// <summary>The features of each row.</summary>
    public IReadOnlyList<float[]> Features => _features;

    /// <summary>The label of each row.</summary>
    public IReadOnlyList<float[]> Labels => _labels;

    /// <summary>Replaces the features by ones standardised over these rows.</summary>
    /// <returns>Mean and one over the standard deviation of each.</returns>
    public (float[] Mean, float[] Inverse) Standardise()
    {
        var (mean, inverse) = (new float[_size], new float[_size]);
        for (var i = 0; i < _size; i++)
        {
            var m = _features.Average(x => (double)x[i]);
            var variance = _features.Average(x => (x[i] - m) * (x[i] - m));
            (mean[i], inverse[i]) = ((float)m, variance > 0 ? (float)(1 / Math.Sqrt(variance)) : 0);
        }

        Standardise(mean, inverse);
        return (mean, inverse);
    }

    /// <summary>Replaces the features by ones standardised as other rows were.</summary>
    public void Standardise(float[] mean, float[] inverse)
    {
        var scale = new StandardisedModel(new LinearModel([], []), mean, inverse);
        foreach (var row in _features)
            scale.Standardise(row, row);
    }

    /// <summary>The features beside one slot of the label, as scalar columns of ML.NET.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="output">The slot.</param>
    /// <param name="features">The name of the features' column.</param>
    /// <param name="type">Its type; null for a plain vector.</param>
    public IDataView View(MLContext ml, int output, string features = FeaturesColumn, DataViewType? type = null)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        var column = schema[nameof(Row.Features)];
        (column.ColumnName, column.ColumnType) = (features, type ?? new VectorDataViewType(NumberDataViewType.Single, _size));
        return ml.Data.LoadFromEnumerable(_features.Zip(_labels, (x, y) => new Row { Features = x, Label = y[output] }).ToArray(), schema);
    }

    private void RequireFit(long rows, long mostRows, int mebibytes)
    {
        if (rows > mostRows)
        {
            throw new InvalidDataException(
                $"found more than {mostRows} training rows of {_size} features; expected at most {mebibytes} MiB of them: "
                    + "shorten the trace with trace-features or block-reduce, or raise cache_mebibytes"
            );
        }
    }

    private static void RequireFinite(string column, long row, ReadOnlySpan<float> values, string advice)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new InvalidDataException(
                    Invariant.Text($"column '{column}', row {row}: found {values[i]} in slot {i}; expected finite numbers{advice}")
                );
        }
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}

/// <summary>Reads feature and label vectors off a view for the trainers that fit in one go.</summary>
internal static class LabelledRows
{
    public delegate void Visit(long row, ReadOnlySpan<float> features, ReadOnlySpan<float> label);

    /// <summary>Goes through the rows once, in their order.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="InvalidDataException">There are none.</exception>
    public static long Read(IDataView view, string features, string label, Visit visit)
    {
        var (x, y) = (view.Schema[features], view.Schema[label]);
        using var cursor = view.GetRowCursor([x, y]);
        var (getX, getY) = (cursor.GetGetter<VBuffer<float>>(x), cursor.GetGetter<VBuffer<float>>(y));
        VBuffer<float> xs = default,
            ys = default;
        long rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            getX(ref xs);
            getY(ref ys);
            visit(rows, Dense(xs), Dense(ys));
        }

        return rows > 0 ? rows : throw new InvalidDataException($"column '{label}': found no training rows; expected some");
    }

    /// <summary>The size of a vector column.</summary>
    /// <exception cref="ArgumentException">The column is no vector of Single of known size.</exception>
    public static int Size(IDataView view, string column) => TraceShape.Of(view.Schema[column]).Type.Size;

    private static ReadOnlySpan<float> Dense(in VBuffer<float> buffer) =>
        buffer.IsDense ? buffer.GetValues() : buffer.DenseValues().ToArray();
}
