using System.Globalization;

namespace GlifMl.Onnx;

/// <summary>
/// Makes recordings into a model's input, the way its training traces were made: begun at the stimulus onset, measured from
/// rest, sampled at the model's interval, missing samples treated as the spike cuts were, cut to the model's length.
/// </summary>
/// <remarks>
/// <para>A recording whose interval lies in the range of the training intervals keeps it; another is resampled to the nearer
/// end of that range: to a shorter interval by linear interpolation, to a longer one by the mean over each new interval
/// (a box filter against aliasing). Both change a straight line nowhere but at the trace's ends.</para>
/// <para>Samples without current before the onset are dropped, as the case study's generator drops them; later ones stay.</para>
/// </remarks>
public sealed class RecordingPreparer
{
    // Above the median refractory period of mouse GLIF models (3.8 ms), below the 5th percentile of their membrane time constants
    // (6.8 ms): across such a gap a straight line is close to what the membrane did.
    private const double LongestInterpolatedGapSeconds = 5e-3;

    private readonly OnnxModelInfo _info;

    /// <summary>Creates a preparer for one model.</summary>
    /// <param name="info">What the model reads.</param>
    public RecordingPreparer(OnnxModelInfo info) => _info = info;

    /// <summary>Makes a recording into the model's input.</summary>
    /// <param name="recording">The recording; it is left as it is.</param>
    /// <param name="options">Where to start and what rest is; both found from the recording when left out.</param>
    /// <returns>The input, what was done to the recording, and where it lies against the training data.</returns>
    /// <exception cref="InvalidDataException">
    /// The recording is too short, lacks current or rest that the model needs, or has a gap that it cannot read.
    /// </exception>
    public PreparedRecording Prepare(Recording recording, RecordingOptions? options = null)
    {
        options ??= new RecordingOptions();
        Check(recording);
        var notes = new List<string>();
        var onset = Onset(recording);
        var start = Start(recording, options, onset, notes);
        var rest = Rest(recording, options, onset ?? start, notes);
        var voltage = Array.ConvertAll(recording.VoltageMv, v => (float)(v - (rest ?? 0)));
        if (_info.SpikeCuts == SpikeCutHandling.None)
            voltage = InterpolateGaps(voltage, recording.SamplingIntervalSeconds, start, notes);
        var prepared = Sample(voltage, recording, start, notes);
        return prepared with { RestMv = rest, Notes = notes, OutOfRange = Measure(prepared) };
    }

    private void Check(Recording recording)
    {
        var (interval, voltage, current) = (recording.SamplingIntervalSeconds, recording.VoltageMv, recording.CurrentPa);
        if (!(interval > 0 && double.IsFinite(interval)))
            throw new InvalidDataException(Line($"recording: expected a positive sampling interval, found {interval} s"));
        if (Array.FindIndex(voltage, float.IsInfinity) is >= 0 and var infinite)
            throw new InvalidDataException(
                Line($"recording: expected a finite voltage or NaN, found {voltage[infinite]} at sample {infinite}")
            );
        if (Array.TrueForAll(voltage, float.IsNaN))
            throw new InvalidDataException(Line($"recording: expected voltage, found none in {voltage.Length} samples"));
        if (current is null)
        {
            if (_info.ReadsStimulus)
                throw new InvalidDataException("recording: the model reads the stimulus; expected the injected current, found none");
            return;
        }

        if (current.Length != voltage.Length)
            throw new InvalidDataException(
                Line($"recording: expected as much current as voltage ({voltage.Length} samples), found {current.Length}")
            );
        if (Array.FindIndex(current, c => !float.IsFinite(c)) is >= 0 and var missing)
            throw new InvalidDataException(Line($"recording: expected a finite current, found {current[missing]} at sample {missing}"));
    }

    private static int? Onset(Recording recording)
    {
        if (recording.CurrentPa is not { } current)
            return null;
        var onset = Array.FindIndex(current, c => c != 0);
        return onset >= 0
            ? onset
            : throw new InvalidDataException(
                Line(
                    $"recording: expected a stimulus, found no current in {current.Length * recording.SamplingIntervalSeconds:G6} s ({current.Length} samples)"
                )
            );
    }

    private static int Start(Recording recording, RecordingOptions options, int? onset, List<string> notes)
    {
        var interval = recording.SamplingIntervalSeconds;
        if (options.StartSeconds is { } seconds)
        {
            var start = Math.Round(seconds / interval);
            if (!(start >= 0 && start < recording.VoltageMv.Length))
                throw new InvalidDataException(
                    Line($"recording: expected a start within its {recording.VoltageMv.Length * interval:G6} s, found {seconds:G6} s")
                );
            notes.Add(Line($"begun at {start * interval:G6} s, as asked for"));
            return (int)start;
        }

        if (onset is null)
            notes.Add("begun at the first sample, because the current is not known");
        else
            notes.Add(Line($"begun at the stimulus onset, {onset * interval:G6} s: {onset} samples without current before it dropped"));
        return onset ?? 0;
    }

    // The resting membrane potential to subtract: given, or the median voltage before the stimulus.
    private double? Rest(Recording recording, RecordingOptions options, int stimulusStart, List<string> notes)
    {
        if (_info.VoltageReference == VoltageReference.Absolute)
        {
            return recording.IsAbsolute
                ? null
                : throw new InvalidDataException("recording: the model reads absolute voltages; found voltages measured from rest");
        }

        if (!recording.IsAbsolute)
            return null;
        if (options.RestMv is { } given)
        {
            if (!double.IsFinite(given))
                throw new InvalidDataException(Line($"recording: expected a finite resting potential, found {given} mV"));
            notes.Add(Line($"voltages measured from the given resting potential, {given:G6} mV"));
            return given;
        }

        float[] before = [.. recording.VoltageMv.Take(stimulusStart).Where(v => !float.IsNaN(v)).Order()];
        if (before.Length == 0)
        {
            throw new InvalidDataException(
                Line(
                    $"recording: the model reads voltages measured from rest; expected samples before the stimulus to find rest from, or the resting potential, found a stimulus from {stimulusStart * recording.SamplingIntervalSeconds:G6} s on"
                )
            );
        }

        var rest = ((double)before[(before.Length - 1) / 2] + before[before.Length / 2]) / 2;
        notes.Add(Line($"voltages measured from rest, {rest:G6} mV: the median of {before.Length} samples before the stimulus"));
        return rest;
    }

    // For a model that reads no NaN: short gaps among the samples it will see become straight lines, and the recording ends
    // with its last sample that is there.
    private float[] InterpolateGaps(float[] voltage, double interval, int start, List<string> notes)
    {
        var length = Array.FindLastIndex(voltage, v => !float.IsNaN(v)) + 1;
        if (length < voltage.Length)
            notes.Add(Line($"{voltage.Length - length} missing samples at the end left out"));
        var step = ModelInterval(interval) / interval;
        var first = (int)Math.Max(0, Math.Floor(start - step));
        var last = (int)Math.Min(length, Math.Ceiling(start + (_info.Samples + 1) * step));
        var (gaps, samples) = (0, 0);
        for (var i = first; i < last; i++)
        {
            if (!float.IsNaN(voltage[i]))
                continue;
            var before = Array.FindLastIndex(voltage, i, v => !float.IsNaN(v));
            var after = Array.FindIndex(voltage, i, v => !float.IsNaN(v));
            var missing = after - before - 1;
            if (before < 0 || missing * interval > LongestInterpolatedGapSeconds * (1 + 1e-9))
            {
                throw new InvalidDataException(
                    Line(
                        $"recording: expected gaps of at most {LongestInterpolatedGapSeconds} s between samples, found {missing * interval:G6} s ({missing} samples) without voltage from {(before + 1) * interval:G6} s on"
                    )
                );
            }

            double left = voltage[before],
                slope = (voltage[after] - left) / (after - before);
            for (var j = before + 1; j < after; j++)
                voltage[j] = (float)(left + (j - before) * slope);
            (gaps, samples) = (gaps + 1, samples + missing);
        }

        if (gaps > 0)
            notes.Add(Line($"{samples} missing samples interpolated, in {gaps} places"));
        return voltage[..length];
    }

    private PreparedRecording Sample(float[] voltage, Recording recording, int start, List<string> notes)
    {
        var interval = ModelInterval(recording.SamplingIntervalSeconds);
        var step = interval / recording.SamplingIntervalSeconds;
        if (step != 1)
        {
            var how = step < 1 ? "linear interpolation" : "mean over each new interval";
            notes.Add(Line($"resampled from {recording.SamplingIntervalSeconds:G6} s to {interval:G6} s a sample ({how})"));
        }

        var voltages = new Resampler(voltage, step);
        var currents = recording.CurrentPa is null ? null : new Resampler(recording.CurrentPa, step);
        var inputs = (Voltage: new float[_info.Samples], Stimulus: currents is null ? null : new float[_info.Samples]);
        var available = Math.Max(0, voltages.CountFrom(start));
        var (taken, count, missing) = (0, 0, 0);
        for (; count < _info.Samples && taken < available; taken++)
        {
            var place = start + taken * step;
            var value = voltages[place];
            if (float.IsNaN(value))
            {
                missing++;
                if (_info.SpikeCuts == SpikeCutHandling.Drop)
                    continue;
                if (_info.SpikeCuts == SpikeCutHandling.Fill)
                    value = (float)_info.SpikeCutFillMv;
            }

            inputs.Voltage[count] = value;
            if (inputs.Stimulus is not null)
                inputs.Stimulus[count] = currents![place];
            count++;
        }

        if (count < _info.Samples)
        {
            throw new InvalidDataException(
                Line(
                    $"recording: expected {_info.Samples * interval:G6} s ({_info.Samples} samples of {interval:G6} s) from the start at {start * recording.SamplingIntervalSeconds:G6} s, found {count * interval:G6} s ({count} samples)"
                )
            );
        }

        if (missing > 0)
        {
            notes.Add(
                _info.SpikeCuts switch
                {
                    SpikeCutHandling.Drop => Line($"{missing} missing samples dropped, as spike cuts were in training"),
                    SpikeCutHandling.Fill => Line(
                        $"{missing} missing samples set to {_info.SpikeCutFillMv:G6} mV, as spike cuts were in training"
                    ),
                    _ => Line($"{missing} missing samples kept, as spike cuts were in training"),
                }
            );
        }

        if (available > taken)
            notes.Add(Line($"{(available - taken) * interval:G6} s after the model's {_info.Samples} samples not used"));
        return new PreparedRecording(inputs.Voltage, inputs.Stimulus, interval, null, [], []);
    }

    private double ModelInterval(double recorded)
    {
        // Intervals are often rounded where they are written down: 1e-6 of one is no difference.
        var (shortest, longest) = (_info.SamplingIntervalMinimumSeconds, _info.SamplingIntervalMaximumSeconds);
        if (recorded < shortest * (1 - 1e-6))
            return shortest;
        return recorded > longest * (1 + 1e-6) ? longest : recorded;
    }

    private List<RangeMeasure> Measure(PreparedRecording prepared)
    {
        var measures = new List<RangeMeasure>();
        Add("voltage", "mV", prepared.VoltageMv, _info.VoltageRanges);
        Add("current", "pA", prepared.StimulusPa, _info.StimulusRanges);
        return measures;

        void Add(string of, string unit, float[]? trace, TraceRanges? ranges)
        {
            if (trace is null || ranges is null)
                return;
            var statistics = TraceStatistics.Of(trace);
            measures.Add(new RangeMeasure("mean " + of, unit, statistics.Mean, ranges.Mean));
            measures.Add(new RangeMeasure("standard deviation of " + of, unit, statistics.StandardDeviation, ranges.StandardDeviation));
            measures.Add(new RangeMeasure("smallest " + of, unit, statistics.Minimum, ranges.Minimum));
            measures.Add(new RangeMeasure("largest " + of, unit, statistics.Maximum, ranges.Maximum));
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
