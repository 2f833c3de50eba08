using GlifMl.Onnx;

namespace GlifMl;

/// <summary>
/// How unlike the training traces a trace is: the Mahalanobis distance of its features from theirs. It travels in a model's metadata, its
/// limit set by the test split, traces of the same kind that the model never saw.
/// </summary>
/// <param name="Mean">The mean of each feature over the training traces.</param>
/// <param name="Deviation">Its standard deviation, kept from 0 where the training traces do not differ.</param>
/// <param name="Precision">The inverse of the features' correlation matrix.</param>
/// <param name="Limit">What nearly all test traces are within; <see langword="null"/> until the model has been evaluated.</param>
public sealed record TraceBelonging(double[] Mean, double[] Deviation, double[][] Precision, double? Limit = null)
{
    // One test trace in two hundred is beyond the limit.
    private const double Within = 0.995;

    // A feature in which training traces do not differ by more than this, relative to its size, is a constant.
    private const double LeastDeviation = 1e-2;

    // Features that say nearly the same, as do a mean and a median, would make differences of rounding count.
    private const double Ridge = 1e-2;

    /// <summary>Whether it can be measured with; a file may say anything.</summary>
    internal bool IsSound =>
        (Mean.Length == TraceBelongingFeatures.OfVoltage || Mean.Length == TraceBelongingFeatures.Names.Length)
        && Deviation.Length == Mean.Length
        && Precision.Length == Mean.Length
        && Precision.All(row => row?.Length == Mean.Length && row.All(double.IsFinite))
        && Mean.All(double.IsFinite)
        && Deviation.All(deviation => deviation > 0 && double.IsFinite(deviation))
        && (Limit is null || (Limit >= 0 && double.IsFinite(Limit.Value)));

    /// <summary>The features of some training traces.</summary>
    /// <param name="traces">The features of each, <see cref="TraceBelongingFeatures"/>; at least two traces.</param>
    internal static TraceBelonging Of(IReadOnlyList<double[]> traces)
    {
        var size = traces[0].Length;
        var mean = new double[size];
        var deviation = new double[size];
        for (var k = 0; k < size; k++)
        {
            mean[k] = traces.Average(t => t[k]);
            var variance = traces.Average(t => (t[k] - mean[k]) * (t[k] - mean[k]));
            deviation[k] = Math.Max(Math.Sqrt(variance), LeastDeviation * (1 + Math.Abs(mean[k])));
        }
        var correlation = new double[size, size];
        foreach (var trace in traces)
        {
            for (var j = 0; j < size; j++)
            {
                for (var k = 0; k <= j; k++)
                    correlation[j, k] += (trace[j] - mean[j]) / deviation[j] * ((trace[k] - mean[k]) / deviation[k]) / traces.Count;
            }
        }
        for (var j = 0; j < size; j++)
        {
            // A constant has no correlation, and counts with its own deviation.
            correlation[j, j] = Math.Max(correlation[j, j], 1) + Ridge;
            for (var k = 0; k < j; k++)
                correlation[k, j] = correlation[j, k];
        }
        return new TraceBelonging(mean, deviation, Inverse(correlation, size));
    }

    /// <summary>The same with the limit that some traces of the same kind set.</summary>
    /// <param name="traces">Their features, at least one; gone through once, and not kept.</param>
    /// <param name="count">How many there are.</param>
    internal TraceBelonging LimitedBy(IEnumerable<double[]> traces, long count)
    {
        // The limit is the smallest of the largest one in two hundred.
        var beyond = (int)(count - (long)Math.Ceiling(Within * (count - 1)));
        var largest = new PriorityQueue<double, double>(beyond + 1);
        foreach (var distance in traces.Select(Distance))
        {
            largest.Enqueue(distance, distance);
            if (largest.Count > beyond)
                largest.Dequeue();
        }

        return this with
        {
            Limit = largest.Peek(),
        };
    }

    /// <summary>The distance of a trace's features from those of the training traces, in standard deviations of one feature.</summary>
    internal double Distance(double[] features)
    {
        var sum = 0.0;
        for (var j = 0; j < Mean.Length; j++)
            sum += Deviations(features, j) * Weighted(features, j);
        return Math.Sqrt(Math.Max(0, sum) / Mean.Length);
    }

    /// <summary>The feature that most of the distance is due to.</summary>
    internal int Furthest(double[] features) =>
        Enumerable.Range(0, Mean.Length).MaxBy(j => Deviations(features, j) * Weighted(features, j));

    /// <summary>What speaks against a trace; null where it is within the limit, or where that is not known.</summary>
    internal string? Doubt(float[] voltageMv, float[]? stimulusPa)
    {
        // One that was trained without currents has no features of them.
        var features = TraceBelongingFeatures.Of(voltageMv, Mean.Length == TraceBelongingFeatures.OfVoltage ? null : stimulusPa);
        if (Limit is not { } limit || features.Length != Mean.Length)
            return null;
        var distance = Distance(features);
        if (distance <= limit)
            return null;
        var furthest = Furthest(features);
        return Invariant.Text(
            $"unlike the training traces: {distance:G3} from them, test traces up to {limit:G3}; "
                + $"most by {TraceBelongingFeatures.Names[furthest]} ({Deviations(features, furthest):+0.0;-0.0} sd)"
        );
    }

    private double Deviations(double[] features, int j) => (features[j] - Mean[j]) / Deviation[j];

    private double Weighted(double[] features, int j)
    {
        var sum = 0.0;
        for (var k = 0; k < Mean.Length; k++)
            sum += Precision[j][k] * Deviations(features, k);
        return sum;
    }

    // Gauss and Jordan; a correlation matrix with a ridge needs no pivots.
    private static double[][] Inverse(double[,] matrix, int size)
    {
        var inverse = new double[size][];
        for (var j = 0; j < size; j++)
        {
            inverse[j] = new double[size];
            inverse[j][j] = 1;
        }
        for (var pivot = 0; pivot < size; pivot++)
        {
            var scale = 1 / matrix[pivot, pivot];
            for (var k = 0; k < size; k++)
            {
                matrix[pivot, k] *= scale;
                inverse[pivot][k] *= scale;
            }
            for (var row = 0; row < size; row++)
            {
                var factor = row == pivot ? 0 : matrix[row, pivot];
                for (var k = 0; k < size; k++)
                {
                    matrix[row, k] -= factor * matrix[pivot, k];
                    inverse[row][k] -= factor * inverse[pivot][k];
                }
            }
        }
        return inverse;
    }
}
