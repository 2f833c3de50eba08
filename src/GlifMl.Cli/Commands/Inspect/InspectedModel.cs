using System.Globalization;
using static GlifMl.Cli.Inspected;

namespace GlifMl.Cli;

/// <summary>What <c>inspect</c> says of a model and of its folder.</summary>
internal static class InspectedModel
{
    public static Inspected File(string path)
    {
        using var model = OnnxModel.Load(path);
        var info = model.Info;
        var bytes = new FileInfo(path).Length;
        var (shortest, longest) = (info.SamplingIntervalMinimumSeconds, info.SamplingIntervalMaximumSeconds);
        return new(
            [
                Fact("inputs", string.Join(", ", info.Inputs.Select(i => $"{i} [N, {info.Samples}]"))),
                Fact("parameters", string.Join(", ", info.Parameters.Select(Words))),
                Fact("sampling interval", shortest == longest ? $"{shortest:G6} s" : $"{shortest:G6} to {longest:G6} s"),
                Fact("spike cuts", Word(info.SpikeCuts)),
                Fact("voltage", info.VoltageReference == VoltageReference.Rest ? "mV from rest" : "absolute mV"),
                Fact("trainable numbers", info.TrainableNumbers?.ToString(CultureInfo.InvariantCulture) ?? "n/a"),
                Fact("chance", Number(info.Chance)),
                Fact("floor", Number(info.Floor)),
                Fact("bytes", $"{bytes}"),
                Fact("data hash", info.DataHash),
            ],
            new
            {
                kind = "model",
                path,
                bytes,
                inputs = info.Inputs,
                samples = info.Samples,
                parameters = info.Parameters,
                samplingIntervalSeconds = new { minimum = shortest, maximum = longest },
                spikeCuts = Word(info.SpikeCuts),
                voltageReference = Word(info.VoltageReference),
                voltageRangesMv = info.VoltageRanges,
                stimulusRangesPa = info.StimulusRanges,
                trainableNumbers = info.TrainableNumbers,
                chance = info.Chance,
                floor = info.Floor,
                dataHash = info.DataHash,
                definition = info.Definition,
            },
            info.Definition
        );
    }

    private static string Words(ModelParameter parameter) =>
        parameter.TrainingRange is { } range
            ? $"{parameter.Name} ({parameter.Unit}, {range.Minimum:G4} to {range.Maximum:G4})"
            : $"{parameter.Name} ({parameter.Unit})";

    /// <summary>A model's folder, also one whose training has not ended.</summary>
    public static Inspected Folder(ModelDirectory folder)
    {
        var model = System.IO.File.Exists(folder.Onnx) ? File(folder.Onnx) : null;
        var metrics = PipelineMetrics.Load(folder.Metrics);
        var definition = System.IO.File.Exists(folder.Definition) ? System.IO.File.ReadAllText(folder.Definition) : "";
        var files = new DirectoryInfo(folder.Path).GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal).ToArray();
        return new(
            [
                Fact("pipeline", metrics?.Pipeline ?? Path.GetFileName(Path.GetFullPath(folder.Path))),
                Fact("files", string.Join(", ", files.Select(file => file.Name))),
                .. metrics is null
                    ? [Fact("test", "not evaluated")]
                    : new[] { Fact("test", Words(metrics)), Fact("seconds", Words(metrics.Seconds)) },
                .. model?.Facts ?? [Fact("model", "none: training has not ended")],
            ],
            new
            {
                kind = "model-folder",
                path = folder.Path,
                files = files.ToDictionary(file => file.Name, file => file.Length),
                model = model?.Json,
                metrics,
                definition,
            },
            definition
        );
    }

    private static string Words(PipelineMetrics metrics) =>
        $"{metrics.Test.Rows} traces, seed {metrics.Seed}, score {metrics.Test.MseScaled:G5}, chance {metrics.Test.Chance:G5}, "
        + $"floor {Number(metrics.Test.Floor)}, learnable left {Number(metrics.Test.LearnableLeft)}";

    private static string Words(StageSeconds seconds) =>
        $"generate {Number(seconds.Generate)}, train {Number(seconds.Train)}, export {Number(seconds.Export)}, "
        + $"evaluate {Number(seconds.Evaluate)}";
}
