using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>What a fit is worth, in plain words.</summary>
internal static class FitVerdict
{
    // Half of the published GLIF1 models explain more under noise; under steps few do.
    private const double GoodVariance = 0.5;
    private const double CloseCount = 0.25;

    /// <summary>The verdict.</summary>
    public static string Of(CellFit fit)
    {
        var (reading, published) = (fit.Reading!, fit.Published!);
        var kinds = string.Join(", ", reading.Kinds.Order().Select(Word));
        var sweeps = fit.Sweeps!.Used.Count;
        var text = Invariant.Text(
            $"Read from {sweeps} {(sweeps == 1 ? "sweep" : "sweeps")} ({kinds}): C to {Percent(CellReading.Capacitance)}, "
                + $"R to {Percent(CellReading.Resistance)}, threshold to {Percent(CellReading.Threshold)} (one standard deviation). "
        );
        if (fit.Reasons.Count > 0)
            text = $"Not to be relied on: {string.Join("; ", fit.Reasons)}. {text}";
        return text + Spikes(fit, published);

        string Percent(int parameter) => Invariant.Text($"{100 * (Math.Exp(reading.Deviations[parameter]) - 1):F0} %");
    }

    /// <summary>What a kind of sweep is called.</summary>
    public static string Word(SweepKind kind) => kind == SweepKind.Waveform ? "noise" : kind.ToString().ToLowerInvariant();

    private static string Spikes(CellFit fit, NeuronOnSweeps published)
    {
        if (fit.SpikesRecorded == 0)
            return "No spike was recorded, so nothing tells how well it fires.";
        var does = Invariant.Text(
            $"Under the cell’s own currents this neuron fires {published.Spikes} spikes where the cell fired {fit.SpikesRecorded}, "
                + $"and explains {published.ExplainedVariance:F2} of their times: "
        );
        var close = Math.Abs(published.Spikes - fit.SpikesRecorded) <= CloseCount * fit.SpikesRecorded;
        if (published.ExplainedVariance >= GoodVariance && close)
            return does + "good enough to stand for the cell’s spikes.";
        var why =
            close ? "about as often, but not when the cell does"
            : published.Spikes < fit.SpikesRecorded ? "too rarely"
            : "too often";
        return does
            + $"{why}. A GLIF1 under a constant current is periodic; the neuron that reproduces these very spikes is another"
            + (
                fit.Refined is { } refined
                    ? Invariant.Text($" (below: GLIF{refined.Level}, {refined.Best.Spikes} spikes, {refined.Best.ExplainedVariance:F2}).")
                    : " (--refine --level 3)."
            );
    }
}
