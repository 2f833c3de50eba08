using GlifMl.Datasets;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// A sweep that a cell is read from: its features, its spikes, and its stimulus with what surrounds it, thinned to the step that the neuron
/// is simulated at, so that all sweeps of a cell fit into memory.
/// </summary>
/// <param name="File">The file it comes from.</param>
/// <param name="Number">Its number there.</param>
/// <param name="Stimulus">What the file calls its stimulus.</param>
/// <param name="Features">What it tells.</param>
internal sealed record FittedSweep(string File, long Number, string Stimulus, SweepFeatures Features)
{
    // The published models' step; a recording that is sampled more coarsely keeps its own.
    private const double FinestSeconds = 5e-5;
    private const double BeforeSeconds = 0.5,
        AfterSeconds = 0.5;
    private const double LongestSeconds = 60;
    private const double LongestCutSeconds = 0.02;

    /// <summary>The simulation's step, s.</summary>
    public required double DtSeconds { get; init; }

    /// <summary>Recorded samples a step.</summary>
    public required int Factor { get; init; }

    /// <summary>Membrane potential above the baseline, mV; NaN where it is missing.</summary>
    public required float[] VoltageMv { get; init; }

    /// <summary>Current above the holding current, pA.</summary>
    public required float[] CurrentPa { get; init; }

    /// <summary>Spikes, s from the first kept sample.</summary>
    public required double[] SpikeSeconds { get; init; }

    /// <summary>When the stimulus begins and ends, s from the first kept sample.</summary>
    public required (double From, double To) StimulusSeconds { get; init; }

    /// <summary>Whether its spikes are in it; else potentials are missing in their place.</summary>
    public required bool HasSpikes { get; init; }

    /// <summary>How long a spike of the cell lasts as a GLIF cuts it, s; null without spikes.</summary>
    public double? SpikeCutSeconds { get; init; }

    /// <summary>How long it is, s.</summary>
    public double DurationSeconds => VoltageMv.Length * DtSeconds;

    /// <summary>The current in A.</summary>
    public double[] Amperes() => Array.ConvertAll(CurrentPa, pa => pa * 1e-12);

    /// <summary>Makes one of a sweep.</summary>
    /// <exception cref="InvalidDataException">It cannot be used; the message says why, without the place.</exception>
    public static FittedSweep Of(Sweep sweep)
    {
        var dt = sweep.SamplingIntervalSeconds;
        if (sweep.CurrentPa is not { } current)
            throw new InvalidDataException("found no current; expected one (--repair step=PA@FROM-TO)");
        var form = StimulusForm.Of(current, dt);
        var all = SweepSpike.Of(sweep.VoltageMv, dt, sweep.IsAbsolute);
        var hasSpikes = sweep.IsAbsolute;
        // Where potentials are missing in place of spikes, as a simulated GLIF's are, or someone has cut them out.
        if (
            sweep.IsAbsolute
            && all.Count == 0
            && SweepSpike.Of(sweep.VoltageMv, dt, isAbsolute: false).FindAll(cut => (cut.Peak - cut.Start) * dt <= LongestCutSeconds)
                is { Count: > 0 } cuts
        )
            (all, hasSpikes) = (cuts, false);
        var features = SweepMeasuring.Of(sweep.VoltageMv, current, dt, form, all);
        SweepPlausibility.Require(sweep, features);
        var from = Math.Max(0, form.First - (int)(BeforeSeconds / dt));
        var to = Math.Min(sweep.VoltageMv.Length, form.End + (int)(AfterSeconds / dt));
        to = (int)Math.Min(to, from + (long)(LongestSeconds / dt));
        double[] spikes = [.. all.Where(spike => spike.Start >= from && spike.Start < to).Select(spike => (spike.Start - from) * dt)];
        var factor = Math.Max(1, (int)Math.Floor((FinestSeconds / dt) + 1e-6));
        var steps = (to - from) / factor;
        var (voltage, thinned) = (new float[steps], new float[steps]);
        for (var n = 0; n < steps; n++)
        {
            voltage[n] = (float)(sweep.VoltageMv[from + (n * factor)] - features.BaselineMv);
            var mean = SweepStatistics.Mean(current.AsSpan(from + (n * factor), factor)) - features.HoldingPa;
            thinned[n] = double.IsFinite(mean) ? (float)mean : 0;
        }
        return new FittedSweep(sweep.Source, sweep.Number, sweep.Stimulus, features)
        {
            DtSeconds = dt * factor,
            Factor = factor,
            VoltageMv = voltage,
            CurrentPa = thinned,
            SpikeSeconds = spikes,
            HasSpikes = hasSpikes,
            StimulusSeconds = ((form.First - from) * dt, (Math.Min(form.End, to) - from) * dt),
            SpikeCutSeconds = spikes.Length > 0 ? CutSeconds(sweep, all, hasSpikes) : null,
        };
    }

    // A simulated GLIF's spikes are its cuts.
    private static double? CutSeconds(Sweep sweep, List<SweepSpike> spikes, bool hasSpikes)
    {
        var dt = sweep.SamplingIntervalSeconds;
        return hasSpikes
            ? SpikeCutLength.Of(
                [.. spikes.Select(s => new RecordedSpike(s.Start, s.Start * dt, s.ThresholdMv, s.Peak * dt, s.PeakMv, 0))],
                sweep
            )
            : (spikes[0].Peak - spikes[0].Start - 1) * dt;
    }
}

/// <summary>Whether a sweep can be one of a cell in current clamp at all.</summary>
internal static class SweepPlausibility
{
    private const double LowestRestMv = -120,
        HighestRestMv = -20;
    private const double HighestPeakMv = 90;
    private const double MostMissing = 0.05;

    // Of a deflection, which noise alone does not make.
    private const double LeastDeflectionMv = 1;

    /// <exception cref="InvalidDataException">It cannot; the message says why.</exception>
    public static void Require(Sweep sweep, SweepFeatures features)
    {
        if (features.Kind == SweepKind.Rest)
            throw new InvalidDataException("found no change of the current; expected a stimulus");
        if (double.IsNaN(features.BaselineMv))
            throw new InvalidDataException("found nothing before the stimulus; expected a baseline");
        if (!sweep.IsAbsolute)
            return;
        var missing = sweep.VoltageMv.Count(v => !float.IsFinite(v)) / (double)sweep.VoltageMv.Length;
        if (missing > MostMissing)
            throw new InvalidDataException(
                Invariant.Text($"found {missing:P0} of its voltages missing; expected at most {MostMissing:P0} (--repair nan-tail)")
            );
        if (features.BaselineMv is < LowestRestMv or > HighestRestMv)
        {
            throw new InvalidDataException(
                Invariant.Text(
                    $"found {features.BaselineMv:G4} mV before the stimulus; "
                        + $"expected {LowestRestMv} to {HighestRestMv} mV: is its unit right? (--repair voltage-unit)"
                )
            );
        }
        if (features.BaselineMv + features.PeakMv > HighestPeakMv)
        {
            throw new InvalidDataException(
                Invariant.Text(
                    $"found spikes up to {features.BaselineMv + features.PeakMv:F0} mV; "
                        + $"expected at most {HighestPeakMv}: is its gain right? (--repair voltage-gain=FACTOR)"
                )
            );
        }
        var deflection = double.IsNaN(features.DeflectionMv) ? features.LateMeanMv : features.DeflectionMv;
        if (deflection * features.StepPa < 0 && Math.Abs(deflection) > LeastDeflectionMv)
        {
            throw new InvalidDataException(
                Invariant.Text(
                    $"found {deflection:+0.0;-0.0} mV under {features.StepPa:+0;-0} pA; "
                        + $"expected the voltage to follow the current (--repair current-gain=-1)"
                )
            );
        }
    }
}
