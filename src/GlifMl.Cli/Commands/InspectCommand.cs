using System.CommandLine;
using System.Globalization;
using GlifMl.Datasets;
using GlifMl.Onnx;
using GlifMl.Pipelines;
using Spectre.Console;

namespace GlifMl.Cli;

/// <summary>What a shard, model, recording or definition holds.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var path = new Argument<string>("PATH")
        {
            Description = "A shard (.parquet) or a folder of shards, a model (.onnx), a recording (.csv), or a definition (.yaml).",
        };
        var set = CommonOptions.Set();
        var json = CommonOptions.Json();
        var command = new Command("inspect", "Show what a shard, model, recording or definition holds.") { path, set, json };
        command.SetAction(parsed =>
        {
            var (facts, text) = Describe(terminal, parsed.GetRequiredValue(path), parsed.GetValue(set), cancellation);
            if (parsed.GetValue(json))
                terminal.WriteJson(text is null ? facts : facts.Append(new("definition", text)).ToDictionary());
            else
                Print(terminal, facts, text);
            return ExitCode.Done;
        });
        return command;
    }

    private static (Dictionary<string, object> Facts, string? Text) Describe(
        Terminal terminal,
        string path,
        string[]? overrides,
        CancellationToken cancellation
    )
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new FileNotFoundException($"{path}: found no such file; expected a shard, a model, a recording or a definition", path);
        if (Directory.Exists(path))
            return (Shards(terminal, ShardDataView.Open(path, cancellationToken: cancellation)), null);
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".parquet" => (Shards(terminal, ShardDataView.Open(path, cancellationToken: cancellation)), null),
            ".onnx" => Model(path),
            _ when Recordings.HasEnding(path) => (Recording(Recordings.Load(path)), null),
            ".yaml" or ".yml" => Definition(path, overrides),
            var other => throw new ArgumentException($"{path}: found ending '{other}'; expected .parquet, .onnx, .csv or .yaml"),
        };
    }

    private static Dictionary<string, object> Shards(Terminal terminal, ShardDataView view)
    {
        foreach (var note in view.Notes)
            terminal.Error.WriteLine(note);
        return new()
        {
            ["shards"] = view.Files.Count,
            ["traces"] = view.Rows,
            ["row groups"] = view.RowGroups.Count,
            ["samples a trace"] = view.ShardSchema.Samples,
            ["columns"] = string.Join(", ", view.ShardSchema.Columns),
            ["split"] = view.Metadata.Split,
            ["sampling rate"] = view.Metadata.SamplingRate,
            ["definition hash"] = view.Metadata.DefinitionHash,
        };
    }

    private static (Dictionary<string, object> Facts, string? Text) Model(string path)
    {
        using var model = OnnxModel.Load(path);
        var info = model.Info;
        var facts = new Dictionary<string, object>
        {
            ["inputs"] = string.Join(", ", info.Inputs.Select(i => $"{i} [N, {info.Samples}]")),
            ["parameters"] = string.Join(
                ", ",
                info.Parameters.Select(p => $"{p.Name} ({p.Unit}{(p.TrainingRange is { } r ? $", {r.Minimum:G4} to {r.Maximum:G4}" : "")})")
            ),
            ["sampling interval"] =
                info.SamplingIntervalMinimumSeconds == info.SamplingIntervalMaximumSeconds
                    ? $"{info.SamplingIntervalMinimumSeconds:G6} s"
                    : $"{info.SamplingIntervalMinimumSeconds:G6} to {info.SamplingIntervalMaximumSeconds:G6} s",
            ["spike cuts"] = info.SpikeCuts.ToString().ToLowerInvariant(),
            ["voltage"] = info.VoltageReference == VoltageReference.Rest ? "mV from rest" : "absolute mV",
            ["trainable numbers"] = (object?)info.TrainableNumbers ?? "n/a",
            ["chance"] = (object?)info.Chance ?? "n/a",
            ["floor"] = (object?)info.Floor ?? "n/a",
            ["bytes"] = new FileInfo(path).Length,
            ["data hash"] = info.DataHash,
        };
        return (facts, info.Definition);
    }

    private static Dictionary<string, object> Recording(IReadOnlyList<Sweep> sweeps)
    {
        var facts = Sweep(sweeps[0]);
        return sweeps.Count == 1 ? facts : new Dictionary<string, object>(facts.Prepend(new("sweeps, the first of", sweeps.Count)));
    }

    private static Dictionary<string, object> Sweep(Sweep recording) =>
        new()
        {
            ["samples"] = recording.VoltageMv.Length,
            ["sampling interval"] = $"{recording.SamplingIntervalSeconds:G6} s",
            ["duration"] = $"{recording.VoltageMv.Length * recording.SamplingIntervalSeconds:G6} s",
            ["voltage"] = Range(recording.VoltageMv, "mV"),
            ["missing voltages"] = recording.VoltageMv.Count(float.IsNaN),
            ["current"] = recording.CurrentPa is { } current ? Range(current, "pA") : "none",
        };

    private static string Range(float[] values, string unit)
    {
        var s = TraceStatistics.Of(values);
        return $"{s.Minimum:G5} to {s.Maximum:G5} {unit}, mean {s.Mean:G5}";
    }

    private static (Dictionary<string, object> Facts, string? Text) Definition(string path, string[]? overrides)
    {
        var definition = Pipeline.Load(path, overrides);
        var pipeline = new Pipeline(definition);
        var inspection = ChainInspection.Of(definition, EstimatorCatalog.Default);
        return (
            new Dictionary<string, object>
            {
                ["name"] = definition.Name,
                ["data hash"] = pipeline.DataHash,
                ["shards"] = pipeline.DataDirectory,
                ["model"] = pipeline.Model.Path,
                ["columns"] = inspection.Steps,
                ["cost"] = inspection.Cost,
            },
            DefinitionWriter.ToYaml(definition)
        );
    }

    private static IEnumerable<string> Lines(IReadOnlyList<ChainStepSchema> steps) =>
        steps.Select(s => $"{s.Step}: {s.Note ?? string.Join(", ", s.Columns.Select(c => $"{c.Key} {c.Value}"))}");

    private static IEnumerable<string> Lines(RoughCost cost)
    {
        yield return $"{string.Join(", ", cost.Traces.Select(t => $"{t.Key} {t.Value}"))} traces; {Megabytes(cost.ShardBytes)} before "
            + "compression";
        yield return $"simulation: {Short(cost.SimulationSteps)} steps";
        yield return $"training: {(cost.TrainingFlop is { } flop ? $"{Short(flop)} FLOP" : "FLOP not known")}, "
            + $"{(cost.TraceMemoryBytes is { } bytes ? $"{Megabytes(bytes)} of traces in memory" : "memory not known")}";
    }

    private static string Megabytes(long bytes) => $"{(bytes / 1e6).ToString("N0", CultureInfo.InvariantCulture)} MB";

    private static string Short(double value) => value.ToString("0.#e+0", CultureInfo.InvariantCulture);

    private static void Print(Terminal terminal, Dictionary<string, object> facts, string? text)
    {
        var width = facts.Keys.Max(k => k.Length);
        foreach (var (key, value) in facts)
        {
            var lines = value switch
            {
                IReadOnlyList<ChainStepSchema> steps => Lines(steps),
                RoughCost cost => Lines(cost),
                _ => [Convert.ToString(value, CultureInfo.InvariantCulture)!],
            };
            var shown = terminal.Width is { } columns ? lines.SelectMany(line => TerminalMarkdown.Wrap(line, columns - width - 2)) : lines;
            terminal.Writer.WriteLine($"{key.PadRight(width)}  {string.Join($"\n{new string(' ', width + 2)}", shown)}");
        }

        if (!string.IsNullOrEmpty(text))
            terminal.Writer.WriteLine($"\n{text.TrimEnd()}");
    }
}
