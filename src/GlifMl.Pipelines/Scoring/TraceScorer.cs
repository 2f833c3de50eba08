using GlifMl.Datasets;
using GlifMl.Onnx;
using GlifMl.Pipelines;

namespace GlifMl;

/// <summary>Scores files of traces with an exported model: shards as they are, recordings after preparation.</summary>
public static class TraceScorer
{
    /// <summary>The input that stands for standard input.</summary>
    public const string StandardInput = "-";

    private const string StandardInputName = "standard input";

    /// <summary>Scores files, one after the other.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Shards (.parquet), recordings, folders of either, and <see cref="StandardInput"/> for a recording.</param>
    /// <param name="options">How recordings are prepared; null: as the model was trained.</param>
    /// <param name="reading">Which sweeps of recordings, and what becomes of their spikes; null: all that can be used, spikes cut.</param>
    /// <param name="cancellation">Stops between traces.</param>
    /// <param name="progress">Told how much of all inputs is done, 0 to 1; null: nobody.</param>
    /// <returns>
    /// One entry a trace, in the order of the files and of the traces in them. A file or sweep that cannot be used is an entry too, with
    /// <see cref="ScoredTrace.Failure"/>, and what follows it is scored.
    /// </returns>
    public static IEnumerable<ScoredTrace> Score(
        OnnxModel model,
        IReadOnlyCollection<string> inputs,
        RecordingOptions? options = null,
        SweepReading? reading = null,
        CancellationToken cancellation = default,
        Action<double>? progress = null
    )
    {
        if (model.Info.Readings is not null && inputs.FirstOrDefault(input => !IsShards(input)) is { } recording)
        {
            throw new InvalidDataException(
                $"{recording}: found a model that reads what the sweeps of a cell tell; "
                    + "expected one that reads traces (glifml fit reads recordings with this one)"
            );
        }
        var check = new AnswerCheck(model);
        var recordings = new RecordingScorer(model, check, options ?? new RecordingOptions(), reading ?? new SweepReading());
        foreach (var (number, input) in inputs.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            void OfAll(double fraction) => progress?.Invoke((number + fraction) / inputs.Count);
            foreach (var row in Rows(model, check, recordings, input, OfAll, cancellation))
                yield return row;
            OfAll(1);
        }
    }

    private static bool IsShards(string input) =>
        Directory.Exists(input)
            ? Directory.EnumerateFiles(input, "*.parquet").Any()
            : input.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<ScoredTrace> Rows(
        OnnxModel model,
        AnswerCheck check,
        RecordingScorer recordings,
        string input,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        if (input == StandardInput)
            return recordings.Score(StandardInputName, () => RecordingFile.Open(Console.OpenStandardInput(), StandardInputName));
        if (S3Address.Is(input))
            return Guarded(model, input, Remote(model, check, recordings, input, progress, cancellation));
        if (Directory.Exists(input) && !IsShards(input))
        {
            var files = Recordings.Files(input);
            return files.Count > 0
                ? files.SelectMany(file => recordings.Score(file, () => RecordingFile.Open(file)))
                : [Failed(model, input, new InvalidDataException($"{input}: found neither shards nor recordings; expected some"))];
        }
        if (IsShards(input))
            return Guarded(model, input, Shards(model, check, input, progress, cancellation));
        return recordings.Score(input, () => RecordingFile.Open(input));
    }

    /// <summary>Files in S3, a file at a time: none is longer on this machine than it is read.</summary>
    private static IEnumerable<ScoredTrace> Remote(
        OnnxModel model,
        AnswerCheck check,
        RecordingScorer recordings,
        string input,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        var files = S3Inputs.Of(input);
        foreach (var (number, file) in files.Index())
        {
            using var folder = TemporaryFolder.Create("s3");
            var path = S3Inputs.Fetch(file, folder.Path);
            // As of a folder of this machine: of shards the folder is named, of recordings the file.
            var source = IsShards(path) ? input : file.ToString();
            void OfAll(double fraction) => progress?.Invoke((number + fraction) / files.Count);
            foreach (var row in Rows(model, check, recordings, path, OfAll, cancellation))
            {
                var failure = row.Failure is { } fault ? S3Inputs.Renamed(fault, path, file) : null;
                yield return failure is null ? row with { Source = source } : Failed(model, source, failure, row.Trace);
            }
        }
    }

    /// <summary>A row of all the model's outputs, checked.</summary>
    internal static ScoredTrace Row(
        OnnxModel model,
        AnswerCheck check,
        string source,
        long trace,
        ReadOnlySpan<float> row,
        PreparedRecording? prepared = null
    ) =>
        new(source, trace, check.Check(row[..model.Info.Parameters.Count].ToArray(), prepared))
        {
            Posterior = model.Info.Posterior is null ? null : new Posterior(model.Info, row),
            Spread = model.Info.Members > 1 ? row[^model.Info.Parameters.Count..].ToArray() : null,
        };

    private static IEnumerable<ScoredTrace> Shards(
        OnnxModel model,
        AnswerCheck check,
        string path,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new FileNotFoundException($"{path}: found no such file; expected a shard, a recording, or a folder of either", path);
        var shards = ShardRows.Open(path, cancellation);
        if (shards.ShardSchema.Samples != model.Info.Samples)
            throw new InvalidDataException(
                $"{path}: found traces of {shards.ShardSchema.Samples} samples; expected {model.Info.Samples}, which the model reads"
            );
        if (model.Info.ReadsStimulus && !shards.ShardSchema.HasStimulus)
            throw new InvalidDataException(
                $"{path}: found no stimulus ({ShardSchema.StimulusColumn}); expected one, which the model reads"
            );

        var notes = shards.Notes;
        long done = 0;
        string[] columns = [.. model.Info.GraphInputs, ShardSchema.TraceIdColumn];
        foreach (var rows in ShardRows.Map(shards, columns, Checked, model.Options.Threads, cancellation))
        {
            foreach (var row in rows)
            {
                yield return row with
                {
                    Notes = notes,
                };
                notes = [];
            }

            done += rows.Length;
            progress?.Invoke((double)done / shards.Rows);
        }

        ScoredTrace[] Checked(TraceBatch batch)
        {
            var (scores, rows) = (ShardRows.Score(model, batch), new ScoredTrace[batch.Rows]);
            for (var row = 0; row < rows.Length; row++)
                rows[row] = Row(model, check, path, batch.TraceIds[row], OnnxModel.Row(scores, row));
            return rows;
        }
    }

    // The rows up to the one that cannot be read, which becomes an entry of its own.
    private static IEnumerable<ScoredTrace> Guarded(OnnxModel model, string source, IEnumerable<ScoredTrace> rows)
    {
        using var each = rows.GetEnumerator();
        while (true)
        {
            ScoredTrace row;
            try
            {
                if (!each.MoveNext())
                    yield break;
                row = each.Current;
            }
            catch (Exception e) when (IsOfTheInput(e))
            {
                row = Failed(model, source, e);
            }
            yield return row;
            if (row.Failure is not null)
                yield break;
        }
    }

    internal static bool IsOfTheInput(Exception e) => e is InvalidDataException or IOException or UnauthorizedAccessException;

    internal static ScoredTrace Failed(OnnxModel model, string source, Exception e, long trace = 0)
    {
        float[] nothing = [.. model.Info.Parameters.Select(_ => float.NaN)];
        return new ScoredTrace(source, trace, new CheckedAnswer(AnswerStatus.NotRead, nothing, [e.Message])) { Failure = e };
    }
}

/// <summary>What a model reads out of one trace.</summary>
/// <param name="Source">The file it comes from.</param>
/// <param name="Trace">Its number in the file: of a recording its sweep's, 0 where there is one.</param>
/// <param name="Answer">The parameters in the model's order, SI units, and what they are worth.</param>
public sealed record ScoredTrace(string Source, long Trace, CheckedAnswer Answer)
{
    /// <summary>
    /// What was done to a recording to make it the model's input; with the first trace of shards what there is to say of these. Default:
    /// nothing.
    /// </summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How a recording compares with the training traces. Default: nothing known.</summary>
    public IReadOnlyList<RangeMeasure> OutOfRange { get; init; } = [];

    /// <summary>What the model knows of the parameters; null where it has no posterior, or could not be asked. Default: null.</summary>
    public Posterior? Posterior { get; init; }

    /// <summary>
    /// The standard deviation of each parameter over the networks of an ensemble, SI units; null where there is one network, or it could
    /// not be asked. Default: null.
    /// </summary>
    public IReadOnlyList<float>? Spread { get; init; }

    /// <summary>What the file calls the stimulus of a recording. Default: empty.</summary>
    public string Stimulus { get; init; } = "";

    /// <summary>What a recording tells before the model reads it; null of a trace that is none. Default: null.</summary>
    public SweepMeasures? Measures { get; init; }

    /// <summary>Why the file or sweep could not be used; null where it could. Default: null.</summary>
    public Exception? Failure { get; init; }
}
