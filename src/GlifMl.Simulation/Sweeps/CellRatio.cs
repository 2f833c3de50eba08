namespace GlifMl.Simulation;

/// <summary>
/// One feature of a sweep over what a cell's published GLIF1 model would show in its place, as a logarithm: where it lies on real cells.
/// </summary>
/// <remarks>
/// The first seven, with their correlations: 60 cells of the Allen Cell Types Database under Long Squares (397 sweeps of 5 to 107 spikes;
/// features by OpenSourceBrain; hyperpolarising ones from Teeter et al. 2018), each beside its published model. The others: medians and
/// spreads found on such cells, taken for independent. (c) 2015 Allen Institute for Brain Science.
/// </remarks>
internal sealed class CellRatio
{
    // Fewer and more spikes than those cells had say no more than theirs.
    private const double FewestSpikes = 4,
        MostSpikes = 110;

    private readonly SweepKind _kind;
    private readonly double _mean;
    private readonly double _slope;
    private readonly double _deviation;
    private readonly Ratio _ratio;

    private CellRatio(string name, SweepKind kind, double mean, double slope, double deviation, Ratio ratio)
    {
        (Name, _kind, _mean, _slope, _deviation, _ratio) = (name, kind, mean, slope, deviation, ratio);
    }

    private delegate double Ratio(SweepFeatures sweep, double megaohms, double picofarads, double thresholdMv);

    /// <summary>All of them, those with correlations first.</summary>
    public static CellRatio[] All { get; } =
    [
        new("mean potential", SweepKind.Firing, -0.006, -0.240, 0.200, (f, r, _, _) => f.LateMeanMv / Steady(f, r)),
        new("potential at 10 ms", SweepKind.Firing, 0.127, 0.030, 0.144, (f, r, c, _) => f.At10Ms / Charged(f, r, c, 10)),
        new("trough", SweepKind.Firing, -0.438, 0.123, 0.320, (f, _, _, th) => f.TroughMv / th),
        new("number of spikes", SweepKind.Firing, -0.134, 0.379, 0.232, (f, r, _, th) => Steady(f, r) / th),
        new("latency", SweepKind.Firing, -0.297, 0.189, 0.195, (f, r, c, th) => Charged(f, r, c, f.LatencyMs) / th),
        new("deflection", SweepKind.Hyperpolarising, -0.165, 0, 0.285, (f, r, _, _) => f.DeflectionMv / Steady(f, r)),
        new("time constant", SweepKind.Hyperpolarising, 0.125, 0, 0.170, (f, _, c, _) => Capacitance(f, f.DeflectionMv) / c),
        new("deflection", SweepKind.Depolarising, 0.095, 0, 0.100, (f, r, _, _) => f.SteadyMv / Steady(f, r)),
        new("time constant", SweepKind.Depolarising, 0.112, 0, 0.190, (f, _, c, _) => Capacitance(f, f.SteadyMv) / c),
        new("spike threshold", SweepKind.Firing, 0.199, 0, 0.170, (f, _, _, th) => f.ThresholdMv / th),
        // Where a spike comes before 10 ms.
        new("onset", SweepKind.Firing, 0, 0, 0.200, (f, _, c, _) => f.At10Ms > 0 ? double.NaN : f.Onset.CapacitancePicofarads / c),
        // The published models' own way, where noise stays below threshold: so far each sweep's lie from what was published of 645 cells.
        new("regression, R", SweepKind.Waveform, 0, 0, 0.050, (f, r, _, _) => f.Regression.ResistanceMegaohms / r),
        new("regression, C", SweepKind.Waveform, 0, 0, 0.060, (f, _, c, _) => f.Regression.CapacitancePicofarads / c),
        new("threshold in noise", SweepKind.Waveform, 0.199, 0, 0.170, (f, _, _, th) => f.ThresholdMv / th),
        // The published thresholds' own way: fitted to when noise makes a GLIF1 fire.
        new("threshold by count", SweepKind.Waveform, 0, 0, 0.100, (f, _, _, th) => f.CountedThresholdMv / th),
        // Of a short square's spike, as the published threshold before its coefficient is.
        new("threshold of a pulse", SweepKind.Pulse, -0.190, 0, 0.240, (f, _, _, th) => f.FirstThresholdMv / th),
        // Near threshold, where the leak has fallen: as simulated cells show it (decision 37).
        new("chord of a ramp", SweepKind.Ramp, 0.270, 0, 0.150, (f, r, _, _) => f.Regression.ResistanceMegaohms / r),
        new("threshold on a ramp", SweepKind.Ramp, 0.100, 0, 0.180, (f, _, _, th) => f.FirstThresholdMv / th),
    ];

    /// <summary>Means of ln R (MΩ), ln C (pF), ln threshold (mV) over mouse cells: medians of Teeter et al. 2018.</summary>
    public static double[] PopulationMean { get; } = [Math.Log(188), Math.Log(89), Math.Log(33.3)];

    /// <summary>Their standard deviations.</summary>
    public static double[] PopulationDeviations { get; } = [0.46, 0.39, 0.295];

    /// <summary>The inverse of their covariance: these spreads; correlations of R with the others -0.31 and -0.24.</summary>
    public static double[,] PopulationPrecision { get; } =
        SmallMatrix.Inverse(
            new[,]
            {
                { 0.2116, -0.0556, -0.0326 },
                { -0.0556, 0.1521, -0.0069 },
                { -0.0326, -0.0069, 0.0870 },
            }
        );

    /// <summary>By how much the normal approximation's deviations fall short on real cells that they were not taken from.</summary>
    public static double[] Widening { get; } = [1.15, 1.05, 1.12];

    // Rest of a recording against El of the published model: a median of 0.3 mV apart.
    public const double RestDeviationMv = 0.6;

    // The lower triangle, of the first seven.
    private static readonly double[][] Correlations =
    [
        [],
        [0.10],
        [0.23, 0.10],
        [-0.59, 0.06, 0.30],
        [-0.10, -0.35, 0.20, 0.49],
        [0.05, 0.14, -0.25, -0.32, -0.47],
        [0.12, 0.15, -0.12, -0.25, -0.34, -0.13],
    ];

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Whether a sweep tells it.</summary>
    public bool IsTold(SweepFeatures sweep) =>
        sweep.Kind == _kind
        && _ratio(sweep, Math.Exp(PopulationMean[0]), Math.Exp(PopulationMean[1]), Math.Exp(PopulationMean[2]))
            is > 0
                and < double.MaxValue;

    /// <summary>How far the ratio is from where it lies on real cells, if a cell has these parameters; a logarithm.</summary>
    /// <param name="sweep">One that tells it.</param>
    /// <param name="log">ln R, ln C, ln threshold.</param>
    public double Off(SweepFeatures sweep, ReadOnlySpan<double> log)
    {
        var spikes = Math.Log(Math.Clamp(sweep.SpikeCount, FewestSpikes, MostSpikes) / 10);
        return Math.Log(_ratio(sweep, Math.Exp(log[0]), Math.Exp(log[1]), Math.Exp(log[2]))) - _mean - (_slope * spikes);
    }

    /// <summary>The covariance of some of them over real cells.</summary>
    /// <param name="of">Their places in <see cref="All"/>.</param>
    public static double[,] Covariance(int[] of)
    {
        var covariance = new double[of.Length, of.Length];
        for (var i = 0; i < of.Length; i++)
        {
            for (var j = 0; j < of.Length; j++)
            {
                var (first, second) = (Math.Max(of[i], of[j]), Math.Min(of[i], of[j]));
                var correlation =
                    first == second ? 1
                    : first < Correlations.Length ? Correlations[first][second]
                    : 0;
                covariance[i, j] = correlation * All[of[i]]._deviation * All[of[j]]._deviation;
            }
        }
        return covariance;
    }

    // mV.
    private static double Steady(SweepFeatures sweep, double megaohms) => megaohms * sweep.StepPa / 1e3;

    private static double Charged(SweepFeatures sweep, double megaohms, double picofarads, double ms) =>
        -Steady(sweep, megaohms) * (Math.Exp(-ms / (megaohms * picofarads / 1e3)) - 1);

    // pF: time constant over resistance.
    private static double Capacitance(SweepFeatures sweep, double deflectionMv) => sweep.TimeConstantMs * sweep.StepPa / deflectionMv;
}
