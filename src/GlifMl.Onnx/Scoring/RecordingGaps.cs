namespace GlifMl.Onnx;

/// <summary>What becomes of the samples that a recording lacks, but for the spike cuts that a model reads.</summary>
internal static class RecordingGaps
{
    // Above the median refractory period of mouse GLIF models (3.8 ms), below the 5th percentile of their membrane time constants (6.8 ms):
    // across such a gap a straight line is close to what the membrane did.
    private const double LongestSeconds = 5e-3;

    // One sample of exactly nothing is a coincidence.
    private const int FewestZeros = 2;

    /// <summary>Leaves out what follows the last sample: nothing at all, or the exact zeros that a file is filled up with.</summary>
    public static Recording WithoutEnd(Recording recording, RecordingOptions options, List<string> notes)
    {
        var (voltage, current) = (recording.VoltageMv, recording.CurrentPa);
        var length = voltage.Length;
        while (length > 0 && float.IsNaN(voltage[length - 1]) && (current is null || float.IsNaN(current[length - 1])))
            length--;
        // Where the current is not known, a missing voltage at the end may be a spike cut's.
        if (current is null)
            length = voltage.Length;
        else if (length < voltage.Length)
            notes.Add(Invariant.Text($"{voltage.Length - length} samples without voltage and current at the end left out"));
        // Where rest is 0 mV, zeros are rest.
        var isZeroNoVoltage = recording.IsAbsolute && options.RestMv is not > RecordingBaseline.HighestRestMv;
        var zeros = length;
        while (isZeroNoVoltage && zeros > 0 && voltage[zeros - 1] == 0 && (current is null || current[zeros - 1] == 0))
            zeros--;
        if (zeros > 0 && length - zeros >= FewestZeros)
        {
            notes.Add(
                Invariant.Text(
                    $"{length - zeros} samples of exactly 0 at the end left out: the recording stopped at {recording.TimeOf(zeros):G10} s"
                )
            );
            length = zeros;
        }
        return length == voltage.Length ? recording : recording with { VoltageMv = voltage[..length], CurrentPa = current?[..length] };
    }

    /// <summary>
    /// Fills short gaps of lost samples, which lack voltage and current alike, and of missing current: with straight lines, or with the
    /// current on both sides where that is the same. The recording's arrays are its own by now.
    /// </summary>
    public static Recording Filled(Recording recording, List<string> notes)
    {
        if (recording.CurrentPa is not { } current)
            return recording;
        var (voltage, lost) = (recording.VoltageMv, (Samples: 0, Gaps: 0));
        foreach (var (first, end) in Gaps(current, 0, current.Length))
        {
            if (first == 0 || end == current.Length || IsLong(end - first, recording))
                continue;
            Line(current, first, end);
            for (var i = first; i < end; i++)
            {
                // Within a spike cut the voltage is missing because there is none.
                if (!float.IsNaN(voltage[i]) || float.IsNaN(voltage[first - 1]) || float.IsNaN(voltage[end]))
                    continue;
                var (from, to) = (i, Array.FindIndex(voltage, i, end - i, v => !float.IsNaN(v)) is >= 0 and var there ? there : end);
                Line(voltage, from, to);
            }
            lost = (lost.Samples + end - first, lost.Gaps + 1);
        }
        if (lost.Gaps > 0)
            notes.Add(Invariant.Text($"{lost.Samples} lost samples interpolated, in {lost.Gaps} places"));
        return recording;
    }

    /// <summary>
    /// For a model that reads no NaN: short gaps among the samples that it will see become straight lines, and the recording ends with its
    /// last sample that is there.
    /// </summary>
    /// <exception cref="InvalidDataException">A gap is too long.</exception>
    public static Recording WithoutCuts(Recording recording, double from, double to, List<string> notes)
    {
        var voltage = recording.VoltageMv;
        var length = Array.FindLastIndex(voltage, v => !float.IsNaN(v)) + 1;
        if (length < voltage.Length)
            notes.Add(Invariant.Text($"{voltage.Length - length} missing samples at the end left out"));
        var (gaps, samples) = (0, 0);
        foreach (var (first, end) in Gaps(voltage, (int)Math.Floor(from), (int)Math.Min(length, Math.Ceiling(to))))
        {
            if (first == 0 || IsLong(end - first, recording))
                throw TooLong(recording, voltage, first, "voltage");
            Line(voltage, first, end);
            (gaps, samples) = (gaps + 1, samples + end - first);
        }
        if (gaps > 0)
            notes.Add(Invariant.Text($"{samples} missing samples interpolated, in {gaps} places"));
        return recording with { VoltageMv = voltage[..length], CurrentPa = recording.CurrentPa?[..length] };
    }

    /// <summary>The fault of a gap that cannot be bridged.</summary>
    public static InvalidDataException TooLong(Recording recording, float[] values, int within, string of)
    {
        var first = Array.FindLastIndex(values, within, v => !float.IsNaN(v)) + 1;
        var samples = values.Skip(first).TakeWhile(float.IsNaN).Count();
        return RecordingPreparer.Fault(
            $"found {samples * recording.SamplingIntervalSeconds:G6} s ({samples} samples) without {of} "
                + $"from {recording.TimeOf(first):G10} s on; expected gaps of at most {LongestSeconds} s between samples"
        );
    }

    private static bool IsLong(int samples, Recording recording) =>
        samples * recording.SamplingIntervalSeconds > LongestSeconds * (1 + 1e-9);

    // Gaps that reach into a stretch: the first missing sample, and the first that is there again (the array's end where none is).
    private static IEnumerable<(int First, int End)> Gaps(float[] values, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (!float.IsNaN(values[i]))
                continue;
            var first = Array.FindLastIndex(values, i, v => !float.IsNaN(v)) + 1;
            var end = Array.FindIndex(values, i, v => !float.IsNaN(v)) is >= 0 and var there ? there : values.Length;
            yield return (first, end);
            i = end;
        }
    }

    private static void Line(float[] values, int first, int end)
    {
        double left = values[first - 1],
            slope = (values[end] - left) / (end - first + 1);
        for (var i = first; i < end; i++)
            values[i] = (float)(left + ((i - first + 1) * slope));
    }
}
