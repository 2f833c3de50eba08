namespace GlifMl.Onnx;

/// <summary>What a recording was like before its stimulus: the current it was held with, and where the stimulus begins.</summary>
/// <param name="HoldingPa">The steady current before the stimulus, in pA; 0 where there was none.</param>
/// <param name="Onset">The first sample of the stimulus; <see langword="null"/> where the current is not known.</param>
/// <param name="Threshold">How far from the holding current a sample must be to be stimulus, in pA.</param>
internal sealed record RecordingBaseline(double HoldingPa, int? Onset, double Threshold = 0)
{
    // Rest of a living neuron: mouse GLIF models have -81 to -64 mV (5th to 95th percentile).
    private const double LowestRestMv = -120;
    public const double HighestRestMv = -20;

    // Beyond it a given rest is no rest of this recording: no cell is held that far from it.
    private const double LargestRestErrorMv = 50;

    // No membrane goes further, but for an artefact of the pipette.
    private const double LowestMv = -200;
    private const double HighestMv = 100;

    // Currents that reach one neuron without killing it, and are more than a pipette's leak.
    private const double SmallestStimulusPa = 0.5;
    private const double LargestStimulusPa = 20_000;

    // A given rest this near the median under the holding current was measured under it; 1 mV is what a rest is known to.
    private const double SameRestMv = 1;

    /// <summary>Finds the baseline.</summary>
    /// <exception cref="InvalidDataException">The current never changes: there is no stimulus.</exception>
    public static RecordingBaseline Of(Recording recording)
    {
        if (recording.CurrentPa is not { } current)
            return new RecordingBaseline(0, null);
        var (holding, threshold) = recording.IsAbsolute ? SteadyCurrent.Of(current, recording.SamplingIntervalSeconds) : (0, 0);
        var onset = SteadyCurrent.Onset(current, holding, threshold);
        if (onset >= 0)
            return new RecordingBaseline(holding, onset, threshold);
        var seconds = current.Length * recording.SamplingIntervalSeconds;
        var steady = holding == 0 ? "no current" : Invariant.Text($"a steady current of {holding:G6} pA");
        throw RecordingPreparer.Fault($"found {steady} in {seconds:G6} s ({current.Length} samples); expected a stimulus");
    }

    /// <summary>
    /// The resting membrane potential to subtract from the voltage (null: none), and the holding current to subtract from the current.
    /// </summary>
    /// <exception cref="InvalidDataException">There is none, and the model needs it; or it is no neuron's.</exception>
    public (double? RestMv, double HoldingPa) Rest(
        Recording recording,
        RecordingOptions options,
        VoltageReference reference,
        int start,
        List<string> notes,
        List<string> doubts
    )
    {
        if (reference == VoltageReference.Absolute)
        {
            return recording.IsAbsolute
                ? (null, 0)
                : throw RecordingPreparer.Fault($"found voltages measured from rest; expected absolute ones, which the model reads");
        }

        if (!recording.IsAbsolute)
            return (null, 0);
        var measured = Median([.. recording.VoltageMv.Take(Onset ?? start).Where(v => !float.IsNaN(v))], out var samples);
        if (options.RestMv is { } given)
        {
            if (!double.IsFinite(given))
                throw RecordingPreparer.Fault($"found a resting potential of {given} mV; expected a finite one");
            notes.Add(Invariant.Text($"voltages measured from the given resting potential, {given:G6} mV"));
            if (Math.Abs(given - measured) > LargestRestErrorMv)
                doubts.Add(Invariant.Text($"the given rest, {given:G6} mV, is far from the median before the stimulus, {measured:G6} mV"));
            if (HoldingPa == 0)
                return (given, 0);
            if (Math.Abs(given - measured) > SameRestMv)
            {
                notes.Add(
                    Invariant.Text(
                        $"the holding current of {HoldingPa:G6} pA stays in the current: "
                            + $"under it the median was {measured:G6} mV, not the given rest"
                    )
                );
                return (given, 0);
            }
        }
        else if (samples == 0)
        {
            throw RecordingPreparer.Fault(
                $"found a stimulus from {recording.TimeOf(Onset ?? start):G10} s on; expected samples before it to find rest from, "
                    + $"or the resting potential, because the model reads voltages measured from rest"
            );
        }
        else if (!(measured >= LowestRestMv && measured <= HighestRestMv))
        {
            throw RecordingPreparer.Fault(
                $"found a rest of {measured:G6} mV (the median before the stimulus); expected {LowestRestMv} to {HighestRestMv} mV: "
                    + $"is the voltage in another unit, or measured from rest already (then give a rest of 0)?"
            );
        }
        else
        {
            notes.Add(
                Invariant.Text($"voltages measured from rest, {measured:G6} mV: the median of {samples} samples before the stimulus")
            );
        }
        if (HoldingPa != 0)
            notes.Add(Invariant.Text($"current measured from the holding current, {HoldingPa:G6} pA, under which that rest was"));
        return (options.RestMv ?? measured, HoldingPa);
    }

    /// <summary>Says where the largest current is none that a neuron is given, or a voltage none that it has.</summary>
    public void Question(Recording recording, List<string> doubts)
    {
        if (recording.IsAbsolute && TraceStatistics.Of(recording.VoltageMv) is var v && (v.Minimum < LowestMv || v.Maximum > HighestMv))
            doubts.Add(Invariant.Text($"voltages of {v.Minimum:G4} to {v.Maximum:G4} mV: is the gain right?"));
        if (recording.CurrentPa is not { } current)
            return;
        var largest = current.Where(c => !float.IsNaN(c)).Max(c => Math.Abs(c - HoldingPa));
        if (largest is < SmallestStimulusPa or > LargestStimulusPa)
            doubts.Add(Invariant.Text($"largest current {largest:G4} pA: is it in another unit?"));
    }

    private static double Median(float[] values, out int count)
    {
        count = values.Length;
        if (count == 0)
            return double.NaN;
        Array.Sort(values);
        return ((double)values[(count - 1) / 2] + values[count / 2]) / 2;
    }
}
