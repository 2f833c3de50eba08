using GlifMl.Datasets;
using GlifMl.Onnx;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines;

/// <summary>Scores files of traces with an exported model: shards as they are, recordings after preparation.</summary>
public static class TraceScorer
{
    /// <summary>Scores files, one after the other.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Shards (.parquet), folders of shards, and recordings (.csv).</param>
    /// <param name="options">How recordings are prepared; null: as the model was trained.</param>
    /// <param name="cancellation">Stops between traces.</param>
    /// <returns>One entry a trace, in the order of the files and of the traces in them.</returns>
    /// <exception cref="InvalidDataException">A file is not what it should be, or does not suit the model.</exception>
    /// <exception cref="FileNotFoundException">A file is not there.</exception>
    public static IEnumerable<ScoredTrace> Score(
        OnnxModel model,
        IEnumerable<string> inputs,
        RecordingOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        foreach (var input in inputs)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!File.Exists(input) && !Directory.Exists(input))
                throw new FileNotFoundException(
                    $"{input}: found no such file; expected a shard, a folder of shards, or a CSV recording",
                    input
                );
            var rows =
                Directory.Exists(input) || input.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
                    ? Shards(model, input, cancellation)
                    : [Recording(model, input, options)];
            foreach (var row in rows)
                yield return row;
        }
    }

    private static ScoredTrace Recording(OnnxModel model, string path, RecordingOptions? options)
    {
        var recording = Recordings.Load(path)[0];
        PreparedRecording prepared;
        try
        {
            prepared = new RecordingPreparer(model.Info).Prepare(
                new Recording(recording.SamplingIntervalSeconds, recording.VoltageMv, recording.CurrentPa),
                options
            );
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }

        var stimulus = model.Info.ReadsStimulus ? prepared.StimulusPa : default;
        var scores = model.Score(prepared.VoltageMv, stimulus);
        return new ScoredTrace(
            path,
            0,
            [.. Enumerable.Range(0, scores.GetLength(1)).Select(k => scores[0, k])],
            prepared.Notes,
            prepared.OutOfRange
        );
    }

    private static IEnumerable<ScoredTrace> Shards(OnnxModel model, string path, CancellationToken cancellation)
    {
        var shards = ShardDataView.Open(path, cancellationToken: cancellation);
        if (shards.ShardSchema.Samples != model.Info.Samples)
            throw new InvalidDataException(
                $"{path}: found traces of {shards.ShardSchema.Samples} samples; expected {model.Info.Samples}, which the model reads"
            );
        if (model.Info.ReadsStimulus && !shards.ShardSchema.HasStimulus)
            throw new InvalidDataException(
                $"{path}: found traces without {ShardSchema.StimulusColumn}; expected a stimulus, which the model reads"
            );

        var scored = model.Transform(shards);
        var (id, parameters) = (scored.Schema[ShardSchema.TraceIdColumn], scored.Schema[OnnxModelInfo.ParametersColumn]);
        using var cursor = scored.GetRowCursor([id, parameters]);
        var (getId, getParameters) = (cursor.GetGetter<long>(id), cursor.GetGetter<VBuffer<float>>(parameters));
        var (trace, values) = (0L, default(VBuffer<float>));
        var notes = shards.Notes;
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            getId(ref trace);
            getParameters(ref values);
            yield return new ScoredTrace(path, trace, values.DenseValues().ToArray(), notes, []);
            notes = [];
        }
    }
}

/// <summary>What a model reads out of one trace.</summary>
/// <param name="Source">The file it comes from.</param>
/// <param name="Trace">Its number in the file; 0 for a recording.</param>
/// <param name="Parameters">The parameters in the model's order, SI units.</param>
/// <param name="Notes">
/// What was done to a recording to make it the model's input; with the first trace of shards, what there is to say of these.
/// </param>
/// <param name="OutOfRange">How a recording compares with the training traces.</param>
public sealed record ScoredTrace(
    string Source,
    long Trace,
    IReadOnlyList<float> Parameters,
    IReadOnlyList<string> Notes,
    IReadOnlyList<RangeMeasure> OutOfRange
);
