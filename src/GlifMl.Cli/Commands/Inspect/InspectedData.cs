using GlifMl.Onnx;
using GlifMl.Pipelines;
using static GlifMl.Cli.Inspected;

namespace GlifMl.Cli;

/// <summary>What <c>inspect</c> says of shards, datasets, recordings and stimuli.</summary>
internal static class InspectedData
{
    // Near enough for the extremes of a current, and quick for one that lasts an hour.
    private const double StimulusStepSeconds = 50e-6;
    private const double PicoamperesPerAmpere = 1e12;

    /// <param name="path">A shard or a folder of shards.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static Inspected Shards(string path, CancellationToken cancellation)
    {
        var view = ShardRows.Open(path, cancellation);
        var (schema, metadata) = (view.ShardSchema, view.Metadata);
        return new(
            [
                Fact("shards", $"{view.Files.Count}"),
                Fact("traces", $"{view.Rows}"),
                Fact("row groups", $"{view.RowGroups.Count}"),
                Fact("samples a trace", $"{schema.Samples}"),
                Fact("columns", string.Join(", ", schema.Columns)),
                Fact("split", metadata.Split),
                Fact("sampling rate", metadata.SamplingRate),
                Fact("definition hash", metadata.DefinitionHash),
            ],
            new
            {
                kind = "shards",
                path,
                shards = view.Files.Count,
                traces = view.Rows,
                rowGroups = view.RowGroups.Count,
                samples = schema.Samples,
                columns = schema.Columns.Select(column => column.ToString()),
                split = metadata.Split,
                samplingRate = metadata.SamplingRate,
                definitionHash = metadata.DefinitionHash,
            }
        )
        {
            Notes = view.Notes,
        };
    }

    /// <param name="path">A folder of splits.</param>
    /// <param name="splits">Their names.</param>
    /// <param name="of">What is said of one.</param>
    public static Inspected Dataset(string path, string[] splits, Func<string, Inspected> of)
    {
        Inspected[] inspected = [.. splits.Select(of)];
        return new(
            [.. splits.Zip(inspected, (split, said) => Fact(split, [.. said.Facts.Select(fact => $"{fact.Key}: {fact.Value[0]}")]))],
            new
            {
                kind = "dataset",
                path,
                splits = splits.Zip(inspected).ToDictionary(split => split.First, split => split.Second.Json),
            }
        )
        {
            Notes = [.. inspected.SelectMany(split => split.Notes)],
        };
    }

    public static Inspected Recording(string path, SweepSelection selection)
    {
        try
        {
            return InspectedRecording.Of(path, selection);
        }
        catch (InvalidDataException) when (!selection.IsGiven && Current(path) is { } stimulus)
        {
            return stimulus;
        }
    }

    /// <summary>A file of a current without a voltage; null where it is no such file either.</summary>
    private static Inspected? Current(string path)
    {
        Stimulus stimulus;
        var notes = new List<string>();
        try
        {
            stimulus = StimulusCsv.Load(path, notes: notes);
        }
        catch (InvalidDataException)
        {
            return null;
        }

        var amperes = new double[Stimulus.SampleCount(stimulus.DurationSeconds, StimulusStepSeconds)];
        stimulus.Sample(StimulusStepSeconds, amperes);
        var current = Array.ConvertAll(amperes, a => (float)(a * PicoamperesPerAmpere));
        return new(
            [
                Fact("duration", $"{stimulus.DurationSeconds:G6} s"),
                Fact("current", Range(current, "pA")),
                .. notes.Count == 0 ? [] : new[] { Fact("notes", [.. notes]) },
            ],
            new
            {
                kind = "stimulus",
                path,
                durationSeconds = stimulus.DurationSeconds,
                notes,
                currentPa = TraceStatistics.Of(current),
            }
        );
    }
}
