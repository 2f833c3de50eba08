using GlifMl.Onnx;
using static GlifMl.Cli.Inspected;

namespace GlifMl.Cli;

/// <summary>What <c>inspect</c> says of recordings: what each sweep is, and what it tells before any model reads it.</summary>
internal static class InspectedRecording
{
    /// <param name="path">The recording.</param>
    /// <param name="selection">Which sweeps; where nothing is said all, those too that cannot be used.</param>
    public static Inspected Of(string path, SweepSelection selection)
    {
        using var file = RecordingFile.Open(path);
        var chosen = selection.IsGiven ? file.Select(selection) : file.Sweeps;
        // One sweep in memory at a time.
        Entry[] sweeps = [.. chosen.Select(Entry.Of)];
        if (Array.TrueForAll(sweeps, sweep => sweep.Damage is not null))
            throw sweeps[0].Damage!;
        return new(
            [
                .. file.Format == "text" ? [] : new[] { Fact("format", file.Format) },
                .. sweeps.Length == 1 ? Facts(sweeps[0]) : [Fact("sweeps", [$"{sweeps.Length}", .. sweeps.Select(Line)])],
            ],
            new
            {
                kind = "recording",
                path,
                format = file.Format,
                sweeps = sweeps.Select(Json),
            }
        );
    }

    private static IEnumerable<KeyValuePair<string, string[]>> Facts(Entry entry)
    {
        var (sweep, tells) = (entry.Recorded, entry.Measures);
        if (sweep.Stimulus.Length > 0)
            yield return Fact("stimulus", sweep.Stimulus);
        if (entry.Refusal is { } refusal)
            yield return Fact("cannot be used", refusal);
        if (tells is null)
            yield break;
        yield return Fact("samples", $"{sweep.Samples}");
        yield return Fact("sampling interval", $"{sweep.SamplingIntervalSeconds:G6} s");
        yield return Fact("duration", $"{sweep.Samples * sweep.SamplingIntervalSeconds:G6} s from {sweep.StartSeconds:G10} s on");
        yield return Fact("voltage", entry.Voltage);
        yield return Fact("missing voltages", $"{entry.Missing}");
        yield return Fact("current", entry.Current ?? "none");
        if (tells.HoldingPa is not null and not 0)
            yield return Fact("holding current", $"{tells.HoldingPa:G5} pA");
        if (tells.RestMv is not null)
            yield return Fact("rest", $"{tells.RestMv:G5} mV before the current changes at {tells.OnsetSeconds:G6} s");
        if (tells.NoiseMv is not null)
            yield return Fact("noise", $"{tells.NoiseMv:G3} mV, sample to sample");
        if (tells.DriftMv is not null)
            yield return Fact("drift", $"{tells.DriftMv:G3} mV from beginning to end");
        if (tells.TestPulse is { } pulse)
        {
            yield return Fact(
                "test pulse",
                $"{pulse.Picoamperes:G4} pA for {pulse.Seconds * 1e3:G4} ms at {pulse.StartSeconds:G6} s: {pulse.Millivolts:G4} mV; "
                    + $"the current changes again at {pulse.NextSeconds:G6} s"
            );
        }
        if (sweep.IsAbsolute)
            yield return Fact("spikes", Spikes(tells));
        if (sweep.Notes.Count > 0)
            yield return Fact("notes", [.. sweep.Notes]);
    }

    private static string Spikes(SweepMeasures tells) =>
        tells.Spikes.Count switch
        {
            0 => "0",
            1 => $"1, threshold {tells.FirstThresholdMv:G4} mV",
            var count => $"{count}, threshold {tells.ThresholdMv:G4} mV, of the first {tells.FirstThresholdMv:G4} mV",
        };

    private static string Line(Entry entry)
    {
        var (sweep, tells) = (entry.Recorded, entry.Measures);
        var name = sweep.Stimulus.Length > 0 ? $"{sweep.Number} {sweep.Stimulus}" : $"{sweep.Number}";
        if (entry.Refusal is not null || tells is null)
            return $"{name}: {entry.Refusal}";
        var rate = 1 / sweep.SamplingIntervalSeconds;
        string[] parts =
        [
            $"{sweep.Samples} samples at {rate:G6} Hz",
            .. tells.RestMv is { } rest ? [$"rest {rest:G4} mV"] : Array.Empty<string>(),
            $"{tells.Spikes.Count} {(tells.Spikes.Count == 1 ? "spike" : "spikes")}",
            tells.PeakPa is { } peak ? $"peak {peak:G4} pA" : "no current",
            .. sweep.Notes,
        ];
        return $"{name}: {string.Join(", ", parts)}";
    }

    private static object Json(Entry entry)
    {
        var (sweep, tells) = (entry.Recorded, entry.Measures);
        return new
        {
            number = sweep.Number,
            stimulus = sweep.Stimulus,
            refusal = entry.Refusal,
            startSeconds = sweep.StartSeconds,
            fromRest = !sweep.IsAbsolute,
            notes = sweep.Notes,
            samples = sweep.Samples,
            samplingIntervalSeconds = sweep.SamplingIntervalSeconds,
            durationSeconds = sweep.Samples * sweep.SamplingIntervalSeconds,
            voltageMv = entry.VoltageStatistics,
            missingVoltages = entry.Missing,
            currentPa = entry.CurrentStatistics,
            restMv = tells?.RestMv,
            holdingPa = tells?.HoldingPa,
            onsetSeconds = tells?.OnsetSeconds,
            noiseMv = tells?.NoiseMv,
            driftMv = tells?.DriftMv,
            testPulse = tells?.TestPulse,
            peakPa = tells?.PeakPa,
            thresholdMv = tells?.ThresholdMv,
            firstThresholdMv = tells?.FirstThresholdMv,
            spikes = tells?.Spikes,
        };
    }

    /// <summary>A sweep and what its samples tell, which are not kept.</summary>
    private sealed record Entry(RecordedSweep Recorded)
    {
        public string? Refusal { get; private init; }
        public Exception? Damage { get; private init; }
        public SweepMeasures? Measures { get; private init; }
        public TraceStatistics? VoltageStatistics { get; private init; }
        public TraceStatistics? CurrentStatistics { get; private init; }
        public int Missing { get; private init; }
        public string Voltage { get; private init; } = "";
        public string? Current { get; private init; }

        public static Entry Of(RecordedSweep recorded)
        {
            if (recorded.Refusal is { } refusal)
                return new Entry(recorded) { Refusal = refusal };
            Sweep sweep;
            try
            {
                sweep = recorded.Load();
            }
            catch (InvalidDataException e) when (e.Message.StartsWith(recorded.Source, StringComparison.Ordinal))
            {
                // One bad sweep loses no other.
                return new Entry(recorded) { Refusal = e.Message[(recorded.Source.Length + 1)..].TrimStart(), Damage = e };
            }
            return new Entry(recorded)
            {
                Measures = SweepMeasures.Of(sweep),
                VoltageStatistics = TraceStatistics.Of(sweep.VoltageMv),
                CurrentStatistics = sweep.CurrentPa is { } pa ? TraceStatistics.Of(pa) : null,
                Missing = sweep.VoltageMv.Count(float.IsNaN),
                Voltage = Range(sweep.VoltageMv, "mV"),
                Current = sweep.CurrentPa is { } current ? Range(current, "pA") : null,
            };
        }
    }
}
