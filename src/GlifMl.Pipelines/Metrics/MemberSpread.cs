namespace GlifMl.Pipelines;

/// <summary>
/// Sums up how far the networks of an ensemble lie apart, trace by trace, and how wide the posteriors of each of them are without that.
/// </summary>
/// <remarks>
/// The variance of a mixture is the mean of its parts' variances and the variance of their means, so that what the networks' own posteriors
/// have is what is left of the ensemble's. Where posteriors are cut at the design's ends this is so but for the cut.
/// </remarks>
internal sealed class MemberSpread
{
    private readonly OnnxModelInfo _info;
    private readonly double[] _between,
        _within;
    private long _rows;

    /// <param name="info">The model; it has several members.</param>
    public MemberSpread(OnnxModelInfo info)
    {
        _info = info;
        (_between, _within) = (new double[info.Parameters.Count], new double[info.Parameters.Count]);
    }

    /// <summary>Adds a trace.</summary>
    /// <param name="answers">All outputs of the model; the last are the deviations between its networks.</param>
    /// <param name="posterior">The ensemble's posterior; null of a model without.</param>
    public void Add(ReadOnlySpan<float> answers, Posterior? posterior)
    {
        var spreads = answers[^_between.Length..];
        for (var k = 0; k < _between.Length; k++)
        {
            double spread = spreads[k];
            _between[k] += spread;
            if (posterior is not null)
                _within[k] += Math.Sqrt(Math.Max(0, Square(posterior.Deviations[k]) - Between(spread)));
        }

        _rows++;
    }

    /// <summary>The metrics of the same traces, with the means over them.</summary>
    public SplitMetrics Complete(SplitMetrics metrics) =>
        metrics with
        {
            Parameters = _info
                .Parameters.Index()
                .ToDictionary(
                    p => p.Item.Name,
                    p =>
                        metrics.Parameters[p.Item.Name] with
                        {
                            MemberSpread = _between[p.Index] / _rows,
                            MemberWidth = _info.Posterior is null ? null : _within[p.Index] / _rows,
                        }
                ),
        };

    // The spread is a sample's deviation, over one less than there are networks; a mixture's variance is over all of them.
    private double Between(double spread) => Square(spread) * (_info.Members - 1) / _info.Members;

    private static double Square(double x) => x * x;
}
