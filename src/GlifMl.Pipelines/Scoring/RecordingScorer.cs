using GlifMl.Onnx;

namespace GlifMl;

/// <summary>Scores recordings: each sweep becomes a model's input, or a row that says why it is none.</summary>
internal sealed class RecordingScorer(OnnxModel model, AnswerCheck check, RecordingOptions options, SweepReading reading)
{
    private readonly RecordingPreparer _preparer = new(model.Info);

    /// <summary>Scores the sweeps of one file, one in memory at a time.</summary>
    /// <param name="source">The file's name.</param>
    /// <param name="open">Opens it.</param>
    public IEnumerable<ScoredTrace> Score(string source, Func<RecordingFile> open)
    {
        RecordingFile file;
        IReadOnlyList<RecordedSweep> sweeps;
        ScoredTrace? failed = null;
        try
        {
            file = open();
        }
        catch (Exception e) when (TraceScorer.IsOfTheInput(e))
        {
            failed = TraceScorer.Failed(model, source, e);
            file = null!;
        }
        if (failed is not null)
        {
            yield return failed;
            yield break;
        }
        using (file)
        {
            try
            {
                sweeps = file.Select(reading.Sweeps);
            }
            catch (InvalidDataException e)
            {
                failed = TraceScorer.Failed(model, source, e);
                sweeps = [];
            }
            if (failed is not null)
            {
                yield return failed;
                yield break;
            }
            string[] left = reading.Sweeps.IsGiven ? [] : [.. Left(file)];
            foreach (var sweep in sweeps)
            {
                yield return Row(file, sweep, left);
                left = [];
            }
        }
    }

    // Of the sweeps that nobody asked for by number what is left out is said once.
    private static IEnumerable<string> Left(RecordingFile file) =>
        file
            .Sweeps.Where(sweep => sweep.Refusal is not null)
            .GroupBy(sweep => sweep.Refusal!)
            .Select(group => $"{(group.Count() == 1 ? $"sweep {group.First().Number}" : $"{group.Count()} sweeps")} left out: {group.Key}");

    private ScoredTrace Row(RecordingFile file, RecordedSweep recorded, string[] notes)
    {
        SweepMeasures? measures = null;
        try
        {
            var sweep = reading.Repair.Apply(recorded.Load());
            measures = SweepMeasures.Of(sweep);
            // Recorders write sweeps without a stimulus between the others; who did not ask for one by number has lost nothing.
            var isBlank = sweep.CurrentPa is not null && measures.OnsetSeconds is null;
            return isBlank && !reading.Sweeps.IsGiven && file.Sweeps.Count > 1 && file.Format != "text"
                ? Blank(sweep, measures)
                : Row(sweep, measures, notes);
        }
        catch (Exception e) when (TraceScorer.IsOfTheInput(e))
        {
            var place = file.Sweeps.Count > 1 ? $"{file.Path}, sweep {recorded.Number}" : file.Path;
            var worded = e.Message.StartsWith(file.Path, StringComparison.Ordinal)
                ? e
                : new InvalidDataException($"{place}: {e.Message}", e);
            return TraceScorer.Failed(model, file.Path, worded, recorded.Number) with { Stimulus = recorded.Stimulus, Measures = measures };
        }
    }

    private ScoredTrace Blank(Sweep sweep, SweepMeasures measures)
    {
        float[] nothing = [.. model.Info.Parameters.Select(_ => float.NaN)];
        return new ScoredTrace(
            sweep.Source,
            sweep.Number,
            new CheckedAnswer(AnswerStatus.NotRead, nothing, ["found no change of the current; expected a stimulus"])
        )
        {
            Stimulus = sweep.Stimulus,
            Measures = measures,
        };
    }

    private ScoredTrace Row(Sweep sweep, SweepMeasures measures, string[] notes)
    {
        // A model whose training traces had no cuts has not learnt what one is.
        var cuts = model.Info.SpikeCuts != SpikeCutHandling.None;
        var cut = cuts ? RecordedSpikes.Cut(sweep, measures, reading.Spikes) : sweep;
        var recording = new Recording(cut.SamplingIntervalSeconds, cut.VoltageMv, cut.CurrentPa, cut.IsAbsolute)
        {
            StartSeconds = cut.StartSeconds,
        };
        var prepared = _preparer.Prepare(recording, options);
        if (ReferenceEquals(cut, sweep) && measures.Spikes.Count > 0)
        {
            var why = cuts ? "as asked for" : "because the training traces had none";
            prepared = prepared with { Doubts = [.. prepared.Doubts, $"{measures.Spikes.Count} spikes left in, {why}"] };
        }
        float[] known = [.. model.Info.Known.Select(k => Known(k.Name, prepared))];
        var rows = model.ScoreRows(prepared.VoltageMv, model.Info.ReadsStimulus ? prepared.StimulusPa : default, known);
        return TraceScorer.Row(model, check, sweep.Source, sweep.Number, OnnxModel.Row(rows, 0), prepared) with
        {
            Stimulus = sweep.Stimulus,
            Measures = measures,
            Notes = [.. notes, .. cut.Notes, .. prepared.Notes],
            OutOfRange = prepared.OutOfRange,
        };
    }

    private float Known(string name, PreparedRecording prepared) =>
        options.Known.TryGetValue(name, out var said) ? (float)said
        : name == GlifParameter.TimeStep ? (float)prepared.SamplingIntervalSeconds
        : throw new InvalidDataException($"recording: found no {name}, which the model is told; expected it from --known {name}=VALUE");
}

/// <summary>Which sweeps of a recording are scored, and what becomes of their spikes.</summary>
public sealed record SweepReading
{
    /// <summary>The sweeps. Default: all that can be used.</summary>
    public SweepSelection Sweeps { get; init; } = SweepSelection.Usable;

    /// <summary>What is mended in each before it is looked at. Default: nothing.</summary>
    public SweepRepair Repair { get; init; } = SweepRepair.None;

    /// <summary>
    /// What becomes of their spikes, where the model was trained on traces with spike cuts. Default: cut, as a GLIF does.
    /// </summary>
    public SpikeCutOptions Spikes { get; init; } = new();
}
