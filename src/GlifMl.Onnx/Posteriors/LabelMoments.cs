using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>Mean and standard deviation of each slot of the training labels: what is known before a trace is seen.</summary>
/// <param name="Means">The means.</param>
/// <param name="Deviations">The standard deviations.</param>
internal sealed record LabelMoments(double[] Means, double[] Deviations)
{
    /// <summary>The moments of a column.</summary>
    /// <param name="rows">Training rows; the label column alone is read.</param>
    /// <param name="label">The label column.</param>
    public static LabelMoments Of(IDataView rows, string label)
    {
        var column = rows.Schema[label];
        var targets = ((VectorDataViewType)column.Type).Size;
        var (count, means, squares) = (0L, new double[targets], new double[targets]);
        using var cursor = rows.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> buffer = default;
        while (cursor.MoveNext())
        {
            getter(ref buffer);
            count++;
            foreach (var (i, value) in buffer.Items(all: true))
            {
                // Welford 1962: one pass, without cancellation.
                var before = means[i];
                means[i] += (value - before) / count;
                squares[i] += (value - before) * (value - means[i]);
            }
        }

        return new LabelMoments(means, Array.ConvertAll(squares, sum => Math.Sqrt(sum / count)));
    }
}
