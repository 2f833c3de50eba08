namespace GlifMl.Onnx;

/// <summary>
/// Makes recordings into a model's input, the way its training traces were made: begun at the stimulus onset, measured from rest, sampled
/// at the model's interval, missing samples treated as the spike cuts were, cut to the model's length.
/// </summary>
/// <remarks>
/// <para>A recording whose interval lies in the range of the training intervals keeps it; another is resampled to the nearer end of that
/// range: to a shorter interval by linear interpolation, to a longer one by the mean over each new interval (a box filter against
/// aliasing). Both change a straight line nowhere but at the trace's ends.</para>
/// <para>Samples before the onset are dropped, as the case study's generator drops those without current; later ones stay.</para>
/// <para>A sample that lacks both voltage and current was lost by the recorder, not cut by a spike: short gaps of them become straight
/// lines.</para>
/// </remarks>
public sealed class RecordingPreparer
{
    // An interval this near the range of the training intervals is in it: a resampled trace is further from the recording than that.
    private const double IntervalTolerance = 0.01;

    // Beyond it an interval is more likely in another unit than in need of resampling...
    private const double LargestIntervalRatio = 10;

    // ...unless it is finer: amplifiers do record at 200 kHz what a model reads at 10.
    private const double LargestFineness = 100;

    private readonly OnnxModelInfo _info;

    /// <summary>Creates a preparer for one model.</summary>
    /// <param name="info">What the model reads.</param>
    public RecordingPreparer(OnnxModelInfo info) => _info = info;

    /// <summary>Makes a recording into the model's input.</summary>
    /// <param name="recording">The recording; it is left as it is.</param>
    /// <param name="options">Where to start and what rest is; both found from the recording when left out.</param>
    /// <returns>The input, what was done to the recording, and how it compares with the training data.</returns>
    /// <exception cref="InvalidDataException">
    /// The recording is too short, lacks current or rest that the model needs, has a gap that it
    /// cannot read, or seems to be in other units.
    /// </exception>
    public PreparedRecording Prepare(Recording recording, RecordingOptions? options = null)
    {
        options ??= new RecordingOptions();
        Check(recording);
        var (notes, doubts) = (new List<string>(), new List<string>());
        var interval = ModelInterval(recording.SamplingIntervalSeconds, doubts);
        recording = RecordingGaps.WithoutEnd(recording, options, notes);
        var baseline = RecordingBaseline.Of(recording);
        var start = Start(recording, options, baseline, _info.Samples * interval, notes);
        var (rest, holding) = baseline.Rest(recording, options, _info.VoltageReference, start, notes, doubts);
        baseline.Question(recording, doubts);
        recording = recording with
        {
            VoltageMv = Array.ConvertAll(recording.VoltageMv, v => (float)(v - (rest ?? 0))),
            CurrentPa = recording.CurrentPa is { } current ? Array.ConvertAll(current, c => (float)(c - holding)) : null,
        };
        recording = RecordingGaps.Filled(recording, notes);
        if (_info.SpikeCuts == SpikeCutHandling.None)
        {
            var step = interval / recording.SamplingIntervalSeconds;
            recording = RecordingGaps.WithoutCuts(recording, Math.Max(0, start - step), start + ((_info.Samples + 1) * step), notes);
        }
        var prepared = Sample(recording, start, interval, notes);
        if (_info.Belonging?.Doubt(prepared.VoltageMv, prepared.StimulusPa) is { } doubt)
            doubts.Add(doubt);
        return prepared with { RestMv = rest, HoldingPa = holding, Notes = notes, Doubts = doubts, OutOfRange = Measure(prepared) };
    }

    /// <summary>An error of a recording.</summary>
    internal static InvalidDataException Fault(Invariant.Handler text) => new("recording: " + Invariant.Text(text));

    private void Check(Recording recording)
    {
        var (interval, voltage, current) = (recording.SamplingIntervalSeconds, recording.VoltageMv, recording.CurrentPa);
        if (!(interval > 0 && double.IsFinite(interval)))
            throw Fault($"found a sampling interval of {interval} s; expected a positive one");
        if (Array.FindIndex(voltage, float.IsInfinity) is >= 0 and var infinite)
            throw Fault($"found {voltage[infinite]} at sample {infinite}; expected a finite voltage or NaN");
        if (Array.TrueForAll(voltage, float.IsNaN))
            throw Fault($"found no voltage in {voltage.Length} samples; expected some");
        if (current is null)
        {
            if (_info.ReadsStimulus)
                throw Fault($"found no injected current; expected it, because the model reads the stimulus");
            return;
        }

        if (current.Length != voltage.Length)
            throw Fault($"found {current.Length} samples of current; expected as many as of voltage, {voltage.Length}");
        if (Array.FindIndex(current, float.IsInfinity) is >= 0 and var unbounded)
            throw Fault($"found {current[unbounded]} at sample {unbounded}; expected a finite current or NaN");
    }

    private static int Start(Recording recording, RecordingOptions options, RecordingBaseline baseline, double seen, List<string> notes)
    {
        if (options.StartSeconds is { } seconds)
        {
            var start = Math.Round((seconds - recording.StartSeconds) / recording.SamplingIntervalSeconds);
            var last = recording.VoltageMv.Length - 1;
            if (!(start >= 0 && start <= last))
                throw Fault(
                    $"found a start at {seconds:G10} s; expected one from {recording.TimeOf(0):G10} to {recording.TimeOf(last):G10} s"
                );
            notes.Add(Invariant.Text($"begun at {recording.TimeOf(start):G10} s, as asked for"));
            return (int)start;
        }

        if (baseline.Onset is not { } onset)
        {
            notes.Add("begun at the first sample, because the current is not known");
            return 0;
        }
        var sampling = recording.SamplingIntervalSeconds;
        // A model that would see nothing but the pulse begins with what follows it; one that sees both was trained on such pulses.
        if (
            SteadyCurrent.TestPulse(recording.CurrentPa!, sampling, baseline.HoldingPa, baseline.Threshold, onset) is (_, var next)
            && (next - onset) * sampling >= seen
        )
        {
            notes.Add(
                Invariant.Text(
                    $"begun where the current changes after the test pulse, {recording.TimeOf(next):G10} s: "
                        + $"the model sees {seen:G4} s, and the pulse is {(next - onset) * sampling:G4} s before"
                )
            );
            return next;
        }
        var before = baseline.HoldingPa == 0 ? "samples without current" : "samples under the holding current";
        notes.Add(Invariant.Text($"begun at the stimulus onset, {recording.TimeOf(onset):G10} s: {onset} {before} before it dropped"));
        return onset;
    }

    private PreparedRecording Sample(Recording recording, int start, double interval, List<string> notes)
    {
        var step = interval / recording.SamplingIntervalSeconds;
        if (step != 1)
        {
            var how = step < 1 ? "linear interpolation" : "mean over each new interval";
            notes.Add(Invariant.Text($"resampled from {recording.SamplingIntervalSeconds:G6} s to {interval:G6} s a sample ({how})"));
        }

        var voltages = new Resampler(recording.VoltageMv, step);
        var currents = recording.CurrentPa is null ? null : new Resampler(recording.CurrentPa, step);
        var inputs = (Voltage: new float[_info.Samples], Stimulus: currents is null ? null : new float[_info.Samples]);
        var available = Math.Max(0, voltages.CountFrom(start));
        var (taken, count, missing) = (0, 0, 0);
        for (; count < _info.Samples && taken < available; taken++)
        {
            var place = start + taken * step;
            var value = voltages[place];
            var current = currents?[place];
            if (current is float.NaN && (_info.ReadsStimulus || float.IsNaN(value)))
                throw RecordingGaps.TooLong(
                    recording,
                    recording.CurrentPa!,
                    (int)place,
                    float.IsNaN(value) ? "voltage and current" : "current"
                );
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
                inputs.Stimulus[count] = current!.Value;
            count++;
        }

        if (count < _info.Samples)
        {
            throw Fault(
                $"found {count * interval:G6} s ({count} samples) from {recording.TimeOf(start):G10} s on; "
                    + $"expected {_info.Samples * interval:G6} s ({_info.Samples} samples of {interval:G6} s)"
            );
        }

        if (missing > 0)
        {
            notes.Add(
                _info.SpikeCuts switch
                {
                    SpikeCutHandling.Drop => Invariant.Text($"{missing} missing samples dropped, as spike cuts were in training"),
                    SpikeCutHandling.Fill => Invariant.Text(
                        $"{missing} missing samples set to {_info.SpikeCutFillMv:G6} mV, as spike cuts were in training"
                    ),
                    _ => Invariant.Text($"{missing} missing samples kept, as spike cuts were in training"),
                }
            );
        }

        if (available > taken)
            notes.Add(Invariant.Text($"{(available - taken) * interval:G6} s after the model's {_info.Samples} samples not used"));
        return new PreparedRecording(inputs.Voltage, inputs.Stimulus, interval, null, [], []);
    }

    private double ModelInterval(double recorded, List<string> doubts)
    {
        var (shortest, longest) = (_info.SamplingIntervalMinimumSeconds, _info.SamplingIntervalMaximumSeconds);
        if (recorded > longest * LargestIntervalRatio || recorded < shortest / LargestFineness)
        {
            throw Fault(
                $"found a sampling interval of {recorded:G6} s; expected at most {LargestIntervalRatio} times the model's, "
                    + $"{shortest:G6} to {longest:G6} s: are the times in another unit?"
            );
        }
        if (recorded < shortest / LargestIntervalRatio)
            doubts.Add(
                Invariant.Text(
                    $"sampling interval {recorded:G6} s, {shortest / recorded:G3} times as fine as the model's: "
                        + $"are the times in another unit?"
                )
            );
        if (recorded < shortest * (1 - IntervalTolerance))
            return shortest;
        return recorded > longest * (1 + IntervalTolerance) ? longest : recorded;
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
}
