using GlifMl.Torch;

namespace GlifMl;

/// <summary>What is measured on the validation rows after each epoch, for <see cref="EpochRecord.Metrics"/>.</summary>
public interface ITrainingMetric
{
    /// <summary>Its name there.</summary>
    string Name { get; }

    /// <summary>Measures.</summary>
    /// <param name="scores">What the module gave for all validation rows, row by row.</param>
    /// <param name="labels">Their labels, row by row.</param>
    /// <param name="targets">Numbers a row.</param>
    double Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, int targets);
}

/// <summary>The coefficient of determination, as the mean over the targets.</summary>
public sealed record R2Metric : ITrainingMetric
{
    /// <inheritdoc/>
    public string Name => "r2";

    /// <inheritdoc/>
    public double Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, int targets)
    {
        var total = 0.0;
        for (var k = 0; k < targets; k++)
        {
            var (sum, squares, errors) = (0.0, 0.0, 0.0);
            for (var i = k; i < labels.Length; i += targets)
            {
                var (label, error) = ((double)labels[i], (double)labels[i] - scores[i]);
                (sum, squares, errors) = (sum + label, squares + (label * label), errors + (error * error));
            }

            var rows = labels.Length / targets;
            total += 1 - (errors / (squares - (sum * sum / rows)));
        }

        return total / targets;
    }
}

/// <summary>The mean absolute error over all targets, in label units.</summary>
public sealed record MeanAbsoluteErrorMetric : ITrainingMetric
{
    /// <inheritdoc/>
    public string Name => "meanAbsoluteError";

    /// <inheritdoc/>
    public double Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels, int targets)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
            sum += Math.Abs((double)labels[i] - scores[i]);
        return sum / labels.Length;
    }
}
