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
    private readonly List<(Posterior Posterior, double[] Truth)> _rows = [];
    private double[]? _joint;

    /// <param name="targets">Allen keys of the parameters, in the order of the rows.</param>
    /// <param name="info">What the model says of its posterior.</param>
    /// <param name="priors">What is known of each parameter before a trace is seen; null of one for which there is no log score.</param>
    public Calibration(IReadOnlyList<string> targets, PosteriorInfo info, IReadOnlyList<PriorRange?> priors) =>
        (_targets, _info, _priors) = (targets, info, priors);

    /// <summary>Adds a trace.</summary>
    /// <param name="posterior">Its posterior.</param>
    /// <param name="truth">The parameters it was made with, SI units.</param>
    public void Add(Posterior posterior, ReadOnlySpan<double> truth) => _rows.Add((posterior, truth.ToArray()));

    /// <summary>The metrics of a split with what the posteriors are worth.</summary>
    /// <param name="metrics">Of the same traces.</param>
    public SplitMetrics Complete(SplitMetrics metrics)
    {
        var parameters = new Dictionary<string, ParameterMetrics>();
        foreach (var (k, target) in _targets.Index())
        {
            var ranks = Ranks(k);
            parameters[target] = metrics.Parameters[target] with
            {
                Coverage = Levels.ToDictionary(Percent, level => ranks.Average(rank => Math.Abs(rank - 0.5) <= level / 2 ? 1.0 : 0)),
                SbcP = UniformityTest.P(ranks),
                LogScore = _priors[k] is { } prior ? _rows.Average(row => Gain(row.Posterior, row.Truth[k], k, prior)) : null,
                Told = _rows.Average(row => row.Posterior.Told[k]),
            };
        }

        return metrics with
        {
            Parameters = parameters,
            Posterior = new JointMetrics(UniformityTest.P(JointRanks())),
        };
    }

    /// <summary>The ranks of all traces.</summary>
    public CalibrationFile ToFile()
    {
        var joint = JointRanks();
        return new CalibrationFile(
            _targets,
            [
                .. _rows.Select(
                    (row, i) =>
                        new TraceCalibration(
                            [.. _targets.Select((_, k) => Rank(row.Posterior, row.Truth[k], k))],
                            [.. row.Posterior.Told],
                            joint[i]
                        )
                ),
            ]
        );
    }

    private double[] Ranks(int parameter) => [.. _rows.Select(row => Rank(row.Posterior, row.Truth[parameter], parameter))];

    private static double Rank(Posterior posterior, double truth, int parameter) => posterior.Probability(parameter, truth);

    // Of the posterior's density over the prior's, at the truth: the same in whatever coordinate the parameter is.
    private double Gain(Posterior posterior, double truth, int parameter, PriorRange prior)
    {
        var density = posterior.LogDensity(parameter, posterior.ToCoordinate(parameter, truth));
        return density - prior.LogDensity(truth) - (_info.Logarithmic[parameter] ? Math.Log(truth) : 0);
    }

    private double[] JointRanks() => _joint ??= DrawJointRanks();

    private double[] DrawJointRanks()
    {
        var random = new Random(1);
        // The reference of a trace is another trace's truth.
        var shift = _rows.Count / 2;
        var ranks = new double[_rows.Count];
        var draw = new double[_targets.Count];
        for (var i = 0; i < ranks.Length; i++)
        {
            var (posterior, own) = (_rows[i].Posterior, _rows[i].Truth);
            var (truth, reference) = (Coordinates(own), Coordinates(_rows[(i + shift) % ranks.Length].Truth));
            var (distance, nearer) = (Distance(truth, reference), 0);
            for (var n = 0; n < Draws; n++)
            {
                posterior.DrawCoordinates(random, draw);
                if (Distance(draw, reference) < distance)
                    nearer++;
            }

            ranks[i] = (nearer + random.NextDouble()) / (Draws + 1);

            double[] Coordinates(double[] parameters) => [.. parameters.Select((value, k) => posterior.ToCoordinate(k, value))];
        }

        return ranks;
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

/// <summary>Whether numbers are spread evenly from 0 to 1: Kolmogorov and Smirnov's test.</summary>
internal static class UniformityTest
{
    /// <summary>The probability of numbers at least as uneven where they are even.</summary>
    public static double P(IReadOnlyCollection<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        var distance = 0.0;
        for (var i = 0; i < sorted.Length; i++)
            distance = Math.Max(distance, Math.Max(sorted[i] - ((double)i / sorted.Length), ((i + 1.0) / sorted.Length) - sorted[i]));
        // Stephens 1970: with this the limit's distribution holds for few numbers too.
        var root = Math.Sqrt(sorted.Length);
        var x = (root + 0.12 + (0.11 / root)) * distance;
        if (x < 0.2)
            return 1;
        var sum = 0.0;
        for (var j = 1; j <= 100; j++)
            sum += (j % 2 == 1 ? 2 : -2) * Math.Exp(-2.0 * j * j * x * x);
        return Math.Clamp(sum, 0, 1);
    }
}
