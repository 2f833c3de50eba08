using GlifMl.Datasets;
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
        return Shards(path, view.ShardSchema, view.Metadata with { ShardCount = view.Files.Count }, view.Rows, view.RowGroups.Count) with
        {
            Notes = view.Notes,
        };
    }

    /// <param name="path">The shards' place.</param>
    /// <param name="schema">Their layout.</param>
    /// <param name="metadata">What they say of themselves, and how many they are.</param>
    /// <param name="traces">Traces in all of them.</param>
    /// <param name="rowGroups">Row groups; null: not known.</param>
    public static Inspected Shards(string path, ShardSchema schema, ShardMetadata metadata, long traces, int? rowGroups)
    {
        (string Name, string Key, object Value)[] all =
        [
            ("shards", "shards", metadata.ShardCount),
            ("traces", "traces", traces),
            .. rowGroups is { } groups ? [("row groups", "rowGroups", groups)] : Array.Empty<(string, string, object)>(),
            ("samples a trace", "samples", schema.Samples),
            ("columns", "columns", schema.Columns.Select(column => column.ToString()).ToArray()),
            ("split", "split", metadata.Split),
            ("sampling rate", "samplingRate", metadata.SamplingRate),
            ("definition hash", "definitionHash", metadata.DefinitionHash),
        ];
        return new(
            [.. all.Select(one => Fact(one.Name, one.Value is string[] several ? string.Join(", ", several) : $"{one.Value}"))],
            new Dictionary<string, object>(
                all.Select(one => KeyValuePair.Create(one.Key, one.Value)).Prepend(new("path", path)).Prepend(new("kind", "shards"))
            )
        );
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
