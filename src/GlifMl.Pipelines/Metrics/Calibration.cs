namespace GlifMl.Pipelines;

/// <summary>Gathers posteriors and the truth behind their traces, and tells whether the ones hold what they say of the others.</summary>
/// <remarks>
/// The rank of the truth in a posterior, the probability that the posterior gives to what is below it, is uniform over traces where the
/// posterior is right (Talts et al. 2018, arXiv:1804.06788, with the rank among endless draws); how often a central interval holds the
/// truth follows from it. For all parameters together: the share of draws that are nearer than the truth to a point that does not depend on
/// it (Lemos et al. 2023, arXiv:2302.03026), which is uniform too.
/// </remarks>
internal sealed class Calibration
{
    // Of each posterior: a rank among them is good to one in two hundred, below what a thousand traces can show.
    private const int Draws = 200;

    private static readonly double[] Levels = [0.5, 0.8, 0.9, 0.95];

    private readonly IReadOnlyList<string> _targets;
    private readonly PosteriorInfo _info;
    private readonly IReadOnlyList<PriorRange?> _priors;
    private readonly Random _random = new(1);
    private readonly double[] _draw;
    private readonly Uniformity[] _ranks;
    private readonly Uniformity _jointRanks = new();
    private readonly long[,] _held;
    private readonly double[] _gain;
    private readonly double[] _told;
    private long _rows;

    /// <param name="targets">Allen keys of the parameters, in the order of the rows.</param>
    /// <param name="info">What the model says of its posterior.</param>
    /// <param name="priors">What is known of each parameter before a trace is seen; null of one for which there is no log score.</param>
    public Calibration(IReadOnlyList<string> targets, PosteriorInfo info, IReadOnlyList<PriorRange?> priors)
    {
        (_targets, _info, _priors) = (targets, info, priors);
        _draw = new double[targets.Count];
        _ranks = [.. targets.Select(_ => new Uniformity())];
        _held = new long[targets.Count, Levels.Length];
        (_gain, _told) = (new double[targets.Count], new double[targets.Count]);
    }

    /// <summary>
    /// The truth of other traces, one a trace, each as far behind it as half of them are: the points that ranks are about.
    /// </summary>
    /// <param name="truth">Goes through the truth of all traces.</param>
    /// <param name="rows">How many there are.</param>
    public static IEnumerable<double[]> References(Func<IEnumerable<double[]>> truth, int rows) =>
        truth().Skip(rows / 2).Concat(truth().Take(rows / 2));

    /// <summary>Adds a trace. None is kept.</summary>
    /// <param name="posterior">Its posterior.</param>
    /// <param name="truth">The parameters it was made with, SI units.</param>
    /// <param name="reference">Parameters that do not depend on them, another trace's.</param>
    /// <returns>Where the truth lies in the posterior.</returns>
    public TraceCalibration Add(Posterior posterior, double[] truth, double[] reference)
    {
        var row = new TraceCalibration(
            [.. truth.Select((value, k) => posterior.Probability(k, value))],
            [.. posterior.Told],
            JointRank(posterior, truth, reference)
        );
        for (var k = 0; k < truth.Length; k++)
        {
            _ranks[k].Add(row.Ranks[k]);
            for (var level = 0; level < Levels.Length; level++)
                _held[k, level] += Math.Abs(row.Ranks[k] - 0.5) <= Levels[level] / 2 ? 1 : 0;
            if (_priors[k] is { } prior)
                _gain[k] += Gain(posterior, truth[k], k, prior);
            _told[k] += row.Told[k];
        }

        _jointRanks.Add(row.JointRank);
        _rows++;
        return row;
    }

    /// <summary>The metrics of a split with what the posteriors are worth.</summary>
    /// <param name="metrics">Of the same traces.</param>
    public SplitMetrics Complete(SplitMetrics metrics)
    {
        var parameters = new Dictionary<string, ParameterMetrics>();
        foreach (var (k, target) in _targets.Index())
        {
            parameters[target] = metrics.Parameters[target] with
            {
                Coverage = Levels.Index().ToDictionary(level => Percent(level.Item), level => (double)_held[k, level.Index] / _rows),
                SbcP = _ranks[k].P(),
                LogScore = _priors[k] is null ? null : _gain[k] / _rows,
                Told = _told[k] / _rows,
            };
        }

        return metrics with
        {
            Parameters = parameters,
            Posterior = new JointMetrics(_jointRanks.P()),
        };
    }

    // Of the posterior's density over the prior's, at the truth: the same in whatever coordinate the parameter is.
    private double Gain(Posterior posterior, double truth, int parameter, PriorRange prior)
    {
        var density = posterior.LogDensity(parameter, posterior.ToCoordinate(parameter, truth));
        return density - prior.LogDensity(truth) - (_info.Logarithmic[parameter] ? Math.Log(truth) : 0);
    }

    private double JointRank(Posterior posterior, double[] truth, double[] reference)
    {
        var (point, nearer) = (Coordinates(reference), 0);
        var distance = Distance(Coordinates(truth), point);
        for (var n = 0; n < Draws; n++)
        {
            posterior.DrawCoordinates(_random, _draw);
            if (Distance(_draw, point) < distance)
                nearer++;
        }

        return (nearer + _random.NextDouble()) / (Draws + 1);

        double[] Coordinates(double[] parameters) => [.. parameters.Select((value, k) => posterior.ToCoordinate(k, value))];
    }

    private double Distance(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var k = 0; k < a.Length; k++)
        {
            var apart = (a[k] - b[k]) / _info.PriorDeviations[k];
            sum += apart * apart;
        }

        return sum;
    }

    private static string Percent(double level) => Invariant.Text($"{100 * level:F0}");
}

/// <summary>What is known of a parameter before a trace is seen: that it lies in a range, evenly by value or by ratio.</summary>
/// <param name="Minimum">The range's start, SI units.</param>
/// <param name="Maximum">Its end.</param>
/// <param name="ByRatio">Whether its logarithm is even.</param>
internal sealed record PriorRange(double Minimum, double Maximum, bool ByRatio)
{
    /// <summary>
    /// The prior of a definition's parameter: its design's range; of a grid the span of its values; null where it does not vary.
    /// </summary>
    public static PriorRange? Of(ParametersDefinition design, ModelParameter parameter)
    {
        var prior =
            design.Ranges.TryGetValue(parameter.Name, out var range) ? new(range.Min, range.Max, range.IsRatio)
            : parameter.TrainingRange is { } values ? new PriorRange(values.Minimum, values.Maximum, ByRatio: false)
            : null;
        return prior is { } known && known.Minimum < known.Maximum ? known : null;
    }

    /// <summary>The log of the density at a value.</summary>
    public double LogDensity(double value) =>
        ByRatio ? -Math.Log(value) - Math.Log(Math.Log(Maximum / Minimum)) : -Math.Log(Maximum - Minimum);
}
