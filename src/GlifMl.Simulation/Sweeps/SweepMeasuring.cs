namespace GlifMl.Simulation;

/// <summary>Measures the features of a sweep.</summary>
internal static class SweepMeasuring
{
    private const double BaselineSeconds = 0.1;
    private const double LongestRestSeconds = 2;
    private const double PulseAftermathSeconds = 0.1;
    private const double DriftSeconds = 0.05;
    private const double SmoothSeconds = 5e-3;
    private const double AtMs = 10;

    // Where a cell fires evenly: 730 to 930 ms of one second.
    private const double LateFrom = 0.73,
        LateTo = 0.93;
    private const double BeforeSpikeSeconds = 1e-3,
        AfterSpikeSeconds = 5e-3;

    private const double LongEnoughSeconds = 1;

    // 1 - exp(-3) = 95 %.
    private const int WayInTimeConstants = 3;

    // Above rest, until a spike says where it is: the population's threshold.
    private const double LikelyThresholdMv = 33;

    /// <summary>Measures one; see <see cref="SweepFeatures.Of"/>.</summary>
    /// <param name="voltage">Membrane potential, mV.</param>
    /// <param name="current">Current, pA.</param>
    /// <param name="dt">The sampling interval, s.</param>
    /// <param name="form">The current's form.</param>
    /// <param name="all">The spikes.</param>
    public static SweepFeatures Of(
        ReadOnlySpan<float> voltage,
        ReadOnlySpan<float> current,
        double dt,
        StimulusForm form,
        List<SweepSpike> all
    )
    {
        if (form.Shape == StimulusShape.None)
            return AtRest(voltage, dt, all.Count) with { HoldingPa = form.HoldingPa };
        var before = Before(voltage, form.ChangeSample, dt);
        var rest = SweepStatistics.Median(before);
        var baseline = Baseline(voltage, form, rest, dt);
        var spikes = all.FindAll(spike => spike.Start >= form.First && spike.Start < form.End);
        var kind = Kind(form, spikes.Count);
        var features = new SweepFeatures
        {
            Kind = kind,
            RestMv = rest,
            BaselineMv = baseline,
            NoiseMv = SweepStatistics.Noise(before),
            DriftMv = Drift(voltage, form, rest, dt),
            HoldingPa = form.HoldingPa,
            StepPa = form.AmplitudePa,
            StepMs = (form.End - form.First) * dt * 1e3,
            SpikeCount = spikes.Count,
        };
        features = TestPulse(features, voltage, current, form, rest, dt);
        if (double.IsNaN(baseline))
            return features;
        if (spikes.Count > 0)
            features = Spiking(features, voltage, spikes, form, baseline, dt);
        return kind switch
        {
            SweepKind.Firing or SweepKind.Depolarising or SweepKind.Hyperpolarising => Step(features, voltage, spikes, form, baseline, dt),
            SweepKind.Ramp => features with { Regression = Regression(voltage, current, spikes, form, baseline, dt) },
            SweepKind.Waveform => features with
            {
                Regression = Regression(voltage, current, spikes, form, baseline, dt),
                Counted = CountedThreshold.Of(current[form.First..form.End], form.HoldingPa, dt, spikes.Count),
            },
            _ => features,
        };
    }

    private static SweepKind Kind(StimulusForm form, int spikes) =>
        form.Shape switch
        {
            StimulusShape.Pulse => SweepKind.Pulse,
            StimulusShape.Ramp => SweepKind.Ramp,
            StimulusShape.Waveform => SweepKind.Waveform,
            _ when spikes > 0 => SweepKind.Firing,
            _ => form.AmplitudePa > 0 ? SweepKind.Depolarising : SweepKind.Hyperpolarising,
        };

    private static SweepFeatures AtRest(ReadOnlySpan<float> voltage, double dt, int spikes)
    {
        var before = voltage[..Math.Min(voltage.Length, (int)(LongestRestSeconds / dt))];
        var rest = SweepStatistics.Median(before);
        return new SweepFeatures
        {
            Kind = SweepKind.Rest,
            RestMv = rest,
            BaselineMv = rest,
            NoiseMv = SweepStatistics.Noise(before),
            SpikeCount = spikes,
        };
    }

    private static ReadOnlySpan<float> Before(ReadOnlySpan<float> voltage, int change, double dt)
    {
        var most = (int)(LongestRestSeconds / dt);
        return voltage[Math.Max(0, change - most)..Math.Max(0, change)];
    }

    // After a test pulse the membrane is on its way back for a while.
    private static double Baseline(ReadOnlySpan<float> voltage, StimulusForm form, double rest, double dt)
    {
        var samples = (int)(BaselineSeconds / dt);
        var earliest = form.First > form.ChangeSample ? form.ChangeSample + (int)(PulseAftermathSeconds / dt) : 0;
        var from = Math.Max(form.First - samples, earliest);
        return from < form.First ? SweepStatistics.Median(voltage[from..form.First]) : rest;
    }

    private static double Drift(ReadOnlySpan<float> voltage, StimulusForm form, double rest, double dt)
    {
        var samples = (int)(DriftSeconds / dt);
        return voltage.Length - form.End < 2 * samples ? double.NaN : SweepStatistics.Median(voltage[^samples..]) - rest;
    }

    private static SweepFeatures TestPulse(
        SweepFeatures features,
        ReadOnlySpan<float> voltage,
        ReadOnlySpan<float> current,
        StimulusForm form,
        double rest,
        double dt
    )
    {
        if (form.ChangeSample >= form.First)
            return features;
        var end = form.ChangeSample;
        while (end < form.First && Math.Abs(current[end] - current[form.ChangeSample]) < Math.Abs(current[end] - form.HoldingPa))
            end++;
        var last = Math.Max(1, (int)(2e-4 / dt));
        return features with
        {
            TestPulsePa = SweepStatistics.Median(current[form.ChangeSample..end]) - form.HoldingPa,
            TestPulseMs = (end - form.ChangeSample) * dt * 1e3,
            TestPulseMv = SweepStatistics.Mean(voltage[Math.Max(form.ChangeSample, end - last)..end]) - rest,
        };
    }

    private static SweepFeatures Spiking(
        SweepFeatures features,
        ReadOnlySpan<float> voltage,
        List<SweepSpike> spikes,
        StimulusForm form,
        double baseline,
        double dt
    )
    {
        var thresholds = spikes.ConvertAll(spike => spike.ThresholdMv - baseline);
        var troughs = new List<double>();
        for (var k = 0; k + 1 < spikes.Count; k++)
            troughs.Add(Lowest(voltage[spikes[k].Peak..Math.Max(spikes[k].Peak + 1, spikes[k + 1].Start)]) - baseline);
        return features with
        {
            LatencyMs = (spikes[0].Start - form.First) * dt * 1e3,
            FirstIntervalMs = spikes.Count > 1 ? Interval(1) : double.NaN,
            LastIntervalMs = spikes.Count > 1 ? Interval(spikes.Count - 1) : double.NaN,
            MeanIntervalMs = spikes.Count > 1 ? (spikes[^1].Start - spikes[0].Start) * dt * 1e3 / (spikes.Count - 1) : double.NaN,
            FirstThresholdMv = thresholds[0],
            ThresholdMv = SweepStatistics.Median(thresholds.Skip(spikes.Count > 1 ? 1 : 0)),
            PeakMv = spikes.Average(spike => spike.PeakMv) - baseline,
            TroughMv = troughs.Count > 0 ? troughs.Average() : double.NaN,
        };

        double Interval(int second) => (spikes[second].Start - spikes[second - 1].Start) * dt * 1e3;
    }

    private static SweepFeatures Step(
        SweepFeatures features,
        ReadOnlySpan<float> voltage,
        List<SweepSpike> spikes,
        StimulusForm form,
        double baseline,
        double dt
    )
    {
        var length = form.End - form.First;
        var late = (From: form.First + (int)(LateFrom * length), To: form.First + (int)(LateTo * length));
        var onsetEnd = spikes.Count > 0 ? spikes[0].Start - (int)Math.Round(BeforeSpikeSeconds / dt) : form.End;
        var threshold = spikes.Count > 0 ? features.FirstThresholdMv : LikelyThresholdMv;
        var at = form.First + (int)Math.Round(AtMs * 1e-3 / dt);
        var around = Math.Max(0, (int)(1e-4 / dt));
        features = features with
        {
            LateMeanMv = SweepStatistics.Mean(voltage[late.From..late.To]) - baseline,
            At10Ms =
                at + around < Math.Min(onsetEnd, form.End)
                    ? SweepStatistics.Mean(voltage[(at - around)..(at + around + 1)]) - baseline
                    : double.NaN,
            BetweenSpikesMv = spikes.Count > 0 ? Between(voltage, spikes, late.From, late.To, dt) - baseline : double.NaN,
            Onset =
                onsetEnd > form.First
                    ? OnsetFit.Of(voltage[form.First..onsetEnd], baseline, features.StepPa, dt, features.NoiseMv, Math.Max(threshold, 5))
                    : OnsetFit.None,
        };
        return spikes.Count > 0 ? features : Settling(features, voltage[form.First..form.End], baseline, dt);
    }

    // A step without spikes: where it ends, how far it goes, how fast.
    private static SweepFeatures Settling(SweepFeatures features, ReadOnlySpan<float> step, double baseline, double dt)
    {
        var samples = Math.Max(1, (int)(SmoothSeconds / dt));
        var (sign, deflection, at) = (Math.Sign(features.StepPa), 0.0, 0);
        for (var first = 0; first + samples <= step.Length; first += samples)
        {
            var mean = SweepStatistics.Mean(step.Slice(first, samples)) - baseline;
            if (mean * sign <= deflection * sign)
                continue;
            (deflection, at) = (mean, first);
        }
        var steady = SweepStatistics.Mean(step[(int)(0.8 * step.Length)..]) - baseline;
        return features with
        {
            SteadyMv = steady,
            DeflectionMv = deflection,
            TimeConstantMs = TimeConstant(step[..Math.Min(step.Length, at + samples)], baseline, deflection, dt) * 1e3,
        };
    }

    // Least squares of the logarithm of what is left to go, between a tenth and 95 % of the way, for as long as a membrane takes for that:
    // of a small step the largest deflection is one of slow noise, and the rest of the step lies a little below it.
    private static double TimeConstant(ReadOnlySpan<float> way, double baseline, double deflection, double dt)
    {
        double n = 0,
            t = 0,
            y = 0,
            tt = 0,
            ty = 0;
        var samples = Math.Max(1, (int)(2e-4 / dt));
        var end = way.Length;
        for (var first = 0; first + samples <= end; first += samples)
        {
            var left = 1 - ((SweepStatistics.Mean(way.Slice(first, samples)) - baseline) / deflection);
            if (n > 0 && left < 0.05)
                break;
            if (left < 1 / Math.E && end == way.Length)
                end = Math.Min(way.Length, WayInTimeConstants * (first + samples));
            if (!(left is < 0.9 and > 0.05))
                continue;
            // The logarithm's variance goes with 1 / left squared.
            var (weight, x, l) = (left * left, (first + (samples / 2.0)) * dt, Math.Log(left));
            (n, t, y, tt, ty) = (n + weight, t + (weight * x), y + (weight * l), tt + (weight * x * x), ty + (weight * x * l));
        }
        var slope = ((n * ty) - (t * y)) / ((n * tt) - (t * t));
        return slope < 0 ? -1 / slope : double.NaN;
    }

    // Up to the first spike where that is long, because a spike leaves currents behind that are not in the regression.
    private static NoiseRegression Regression(
        ReadOnlySpan<float> voltage,
        ReadOnlySpan<float> current,
        List<SweepSpike> spikes,
        StimulusForm form,
        double baseline,
        double dt
    )
    {
        var (end, rest) = (form.End, (baseline, form.HoldingPa));
        if (form.Shape == StimulusShape.Ramp)
        {
            end = spikes.Count > 0 ? spikes[0].Start : end;
            return NoiseRegression.OfRamp(voltage[form.First..end], current[form.First..end], rest, dt);
        }
        if (spikes.Count > 0 && (spikes[0].Start - form.First) * dt >= LongEnoughSeconds)
            end = spikes[0].Start;
        int[] within = [.. spikes.Where(spike => spike.Start < end).Select(spike => spike.Start - form.First)];
        return NoiseRegression.Of(voltage[form.First..end], current[form.First..end], rest, dt, within);
    }

    private static double Between(ReadOnlySpan<float> voltage, List<SweepSpike> spikes, int from, int to, double dt)
    {
        var (before, after) = ((int)(BeforeSpikeSeconds / dt), (int)(AfterSpikeSeconds / dt));
        var (sum, count, next) = (0.0, 0, 0);
        for (var i = from; i < to; i++)
        {
            while (next < spikes.Count && spikes[next].Start + after < i)
                next++;
            if ((next < spikes.Count && spikes[next].Start - before <= i) || !float.IsFinite(voltage[i]))
                continue;
            sum += voltage[i];
            count++;
        }
        return count > 0 ? sum / count : double.NaN;
    }

    private static double Lowest(ReadOnlySpan<float> voltage)
    {
        var lowest = double.NaN;
        foreach (var v in voltage)
            lowest = float.IsFinite(v) && !(v >= lowest) ? v : lowest;
        return lowest;
    }
}
