namespace GlifMl.Simulation;

/// <summary>
/// What a cell's sweeps tell, as the numbers that a network reads: a sweep that the cell fires under, a depolarising and a hyperpolarising
/// one below threshold, each there or not. What is not told is NaN; what is has a size of about 1.
/// </summary>
internal static class CellVector
{
    private const double Fewest = 1e-3;

    private static readonly Entry[] Firing =
    [
        new("step", f => Ln(f.StepPa, 150)),
        new("rate", f => Ln(1e3 * f.SpikeCount / f.StepMs, 16)),
        new("latency", f => Ln(f.LatencyMs, 35)),
        new("at 10 ms", f => Ln(f.At10Ms, 16)),
        new("trough", f => (f.TroughMv - 23) / 8),
        new("late mean", f => Ln(f.LateMeanMv, 30)),
        new("peak", f => (f.PeakMv - 105) / 15),
        new("late mean / step", f => Ln(1e3 * f.LateMeanMv / f.StepPa, 190)),
    ];

    // What no table of features has, and a trace does.
    private static readonly Entry[] FiringTrace =
    [
        new("threshold", f => Ln(f.ThresholdMv, 40)),
        new("first threshold", f => Ln(f.FirstThresholdMv, 36)),
        new("between spikes", f => Ln(f.BetweenSpikesMv, 28)),
        new("first / mean interval", f => Ln(f.FirstIntervalMs / f.MeanIntervalMs, 1)),
        .. Onset,
    ];

    private static readonly Entry[] Depolarising =
    [
        new("steady / step", f => Ln(1e3 * f.SteadyMv / f.StepPa, 200)),
        new("time constant", f => Ln(f.TimeConstantMs, 17)),
    ];

    private static readonly Entry[] DepolarisingTrace = [new("step", f => Ln(f.StepPa, 100)), .. Onset];

    private static readonly Entry[] Hyperpolarising =
    [
        new("deflection / step", f => Ln(1e3 * f.DeflectionMv / f.StepPa, 170)),
        new("time constant", f => Ln(f.TimeConstantMs, 17)),
    ];

    private static readonly Entry[] HyperpolarisingTrace = [new("steady / deflection", f => (f.SteadyMv / f.DeflectionMv) - 0.9), .. Onset];

    private static IEnumerable<Entry> Onset =>
        [
            new("onset R", f => Ln(f.Onset.ResistanceMegaohms, 190)),
            new("onset C", f => Ln(f.Onset.CapacitancePicofarads, 90)),
            new("onset R sd", f => 4 * f.Onset.ResistanceDeviation),
            new("onset C sd", f => 4 * f.Onset.CapacitanceDeviation),
            new("onset dendrite", f => 2 * (f.Onset.DendriteShare - 0.5)),
        ];

    /// <summary>Names of the numbers, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Firing.Concat(FiringTrace).Select(entry => $"firing: {entry.Name}"),
        .. Depolarising.Concat(DepolarisingTrace).Select(entry => $"depolarising: {entry.Name}"),
        .. Hyperpolarising.Concat(HyperpolarisingTrace).Select(entry => $"hyperpolarising: {entry.Name}"),
    ];

    /// <summary>How many numbers there are.</summary>
    public static int Length => Names.Count;

    /// <summary>The numbers of a cell.</summary>
    /// <param name="firing">A sweep that it fires under; null: none.</param>
    /// <param name="depolarising">A depolarising step below threshold; null: none.</param>
    /// <param name="hyperpolarising">A hyperpolarising step; null: none.</param>
    /// <param name="hasTrace">Whether there is more than tables of features have. Default: true.</param>
    public static float[] Of(SweepFeatures? firing, SweepFeatures? depolarising, SweepFeatures? hyperpolarising, bool hasTrace = true) =>
        [
            .. Values(Firing, firing),
            .. Values(FiringTrace, hasTrace ? firing : null),
            .. Values(Depolarising, depolarising),
            .. Values(DepolarisingTrace, hasTrace ? depolarising : null),
            .. Values(Hyperpolarising, hyperpolarising),
            .. Values(HyperpolarisingTrace, hasTrace ? hyperpolarising : null),
        ];

    /// <summary>What tables of features have too, out of a cell's numbers.</summary>
    /// <param name="vector">A cell's numbers.</param>
    public static (SweepFeatures Firing, SweepFeatures? Hyperpolarising) Measured(ReadOnlySpan<float> vector)
    {
        var firing = new SweepFeatures
        {
            Kind = SweepKind.Firing,
            StepPa = 150 * Exp(vector[0]),
            StepMs = 1e3,
            SpikeCount = float.IsNaN(vector[1]) ? 0 : (int)Math.Round(16 * Exp(vector[1])),
            LatencyMs = 35 * Exp(vector[2]),
            At10Ms = 16 * Exp(vector[3]),
            TroughMv = 23 + (8 * vector[4]),
            LateMeanMv = 30 * Exp(vector[5]),
            PeakMv = 105 + (15 * vector[6]),
        };
        var place = Firing.Length + FiringTrace.Length + Depolarising.Length + DepolarisingTrace.Length;
        return float.IsNaN(vector[place])
            ? (firing, null)
            : (
                firing,
                new SweepFeatures
                {
                    Kind = SweepKind.Hyperpolarising,
                    StepPa = -100,
                    StepMs = 1e3,
                    DeflectionMv = -0.1 * 170 * Exp(vector[place]),
                    TimeConstantMs = 17 * Exp(vector[place + 1]),
                }
            );
    }

    private static IEnumerable<float> Values(Entry[] entries, SweepFeatures? sweep) =>
        entries.Select(entry => sweep is null ? float.NaN : (float)entry.Of(sweep));

    // Twice: spreads of cells are about a half.
    private static double Ln(double value, double typical) => 2 * Math.Log(Math.Max(value / typical, Fewest));

    private static double Exp(float value) => Math.Exp(value / 2.0);

    private sealed record Entry(string Name, Func<SweepFeatures, double> Of);
}
