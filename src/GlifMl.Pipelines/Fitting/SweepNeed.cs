using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>Which other sweep would tell more of a cell, and how much.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Parameter">The Allen key of the parameter that gains most.</param>
/// <param name="Share">What would be left of its interval, 0 to 1.</param>
internal sealed record SweepNeed(SweepKind Kind, string Parameter, double Share)
{
    // Less is not worth an electrode's time.
    private const double LeastGain = 0.9;

    private static readonly string[] Keys = [GlifParameter.InputResistance, GlifParameter.Capacitance, GlifParameter.Threshold];

    /// <summary>In words.</summary>
    public string Text =>
        Invariant.Text($"{What(Kind)} would leave {Share:P0} of the interval of {Parameter}").Replace(" %", " %", StringComparison.Ordinal);

    /// <summary>The sweeps that a reading lacks, the most telling first.</summary>
    /// <param name="reading">The reading, as it is answered.</param>
    /// <param name="sweeps">What it was read from.</param>
    public static IReadOnlyList<SweepNeed> Of(CellReading reading, IReadOnlyList<SweepFeatures> sweeps) =>
        [
            .. Likely(reading)
                .Where(likely => !reading.Kinds.Contains(likely.Kind))
                .Select(likely =>
                {
                    SweepFeatures[] all = [.. sweeps, likely];
                    var more = CellPosterior.Correct(CellReading.Of(all), all);
                    var shares = Enumerable.Range(0, Keys.Length).Select(p => more.Deviations[p] / reading.Deviations[p]).ToArray();
                    var least = Array.IndexOf(shares, shares.Min());
                    return new SweepNeed(likely.Kind, Keys[least], shares[least]);
                })
                .Where(need => need.Share < LeastGain)
                .OrderBy(need => need.Share),
        ];

    // What a cell of that reading would likely show.
    private static SweepFeatures[] Likely(CellReading reading)
    {
        var (r, c, th) = (reading.ResistanceMegaohms, reading.CapacitancePicofarads, reading.ThresholdMv);
        var rheobase = 1e3 * th / r;
        var tau = r * c / 1e3;
        return
        [
            new SweepFeatures
            {
                Kind = SweepKind.Firing,
                StepPa = 1.2 * rheobase,
                SpikeCount = 16,
                LatencyMs = tau,
                At10Ms = 1.34 * th * (1 - Math.Exp(-10 / tau)),
                LateMeanMv = th,
                TroughMv = 0.7 * th,
                ThresholdMv = 1.2 * th,
            },
            Settled(SweepKind.Depolarising, rheobase / 2, 1.1, onset: 0.93),
            Settled(SweepKind.Hyperpolarising, -rheobase / 2, 0.85, onset: 0.72),
            new SweepFeatures { Kind = SweepKind.Waveform, Regression = new NoiseRegression(r, c, 1000) },
        ];

        // As the onsets of simulated cells are in the middle.
        SweepFeatures Settled(SweepKind kind, double pa, double ratio, double onset) =>
            new()
            {
                Kind = kind,
                StepPa = pa,
                SteadyMv = ratio * r * pa / 1e3,
                DeflectionMv = ratio * r * pa / 1e3,
                TimeConstantMs = 1.12 * c * ratio * r / 1e3,
                Onset = new OnsetFit(onset * r, c, 0.04, 0.08, 0.63, 0.35, 0, 0.1, 0.15),
            };
    }

    private static string What(SweepKind kind) =>
        kind switch
        {
            SweepKind.Firing => "a step that it fires under",
            SweepKind.Depolarising => "a depolarising step below threshold",
            SweepKind.Hyperpolarising => "a hyperpolarising step",
            SweepKind.Waveform => "noise below threshold",
            _ => kind.ToString(),
        };
}
