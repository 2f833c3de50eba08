using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

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

        return rows > 0 ? rows : throw new InvalidDataException($"column '{label}': expected training rows, found none");
    }

    /// <summary>The size of a vector column.</summary>
    /// <exception cref="ArgumentException">The column is no vector of Single of known size.</exception>
    public static int Size(IDataView view, string column) => TraceShape.Of(view.Schema[column]).Type.Size;

    private static ReadOnlySpan<float> Dense(in VBuffer<float> buffer) =>
        buffer.IsDense ? buffer.GetValues() : buffer.DenseValues().ToArray();
}
