using System.CommandLine;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>Draws from the posteriors of traces, through OnnxRuntime.</summary>
internal static class SampleCommand
{
    private const int DefaultDraws = 100;

    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var inputs = new Argument<string[]>("INPUT")
        {
            Description = "Shards (.parquet), recordings, folders of either, - for a recording on standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var modelOption = new Option<string>("--model")
        {
            Description = "The exported model; one that was trained with a posterior.",
            HelpName = "FILE.onnx",
            Required = true,
        };
        var drawsOption = new NumberOption<int?>("--draws")
        {
            Description = $"Draws of each trace. Default: {DefaultDraws}.",
            HelpName = "N",
        };
        var seedOption = new NumberOption<int?>("--seed") { Description = "The same seed draws the same. Default: 1.", HelpName = "N" };
        var outOption = new Option<string?>("--out")
        {
            Description = "Where the draws go: FILE.csv, FILE.parquet or FILE.json. Default: standard output, as CSV.",
            HelpName = "FILE",
        };
        var recording = new RecordingReadOptions();
        var (json, quiet) = (CommonOptions.Json(), CommonOptions.Quiet());
        var command = new Command("sample", "Draw parameters from the posterior of each trace with an exported model.")
        {
            modelOption,
            inputs,
            drawsOption,
            seedOption,
            outOption,
            recording.Start,
            recording.Rest,
            recording.Known,
            json,
            quiet,
        };
        command.SetAction(parsed =>
        {
            var draws = parsed.GetValue(drawsOption) ?? DefaultDraws;
            if (draws < 1)
                throw new ArgumentException($"--draws: found {draws}; expected at least 1");
            if (parsed.GetValue(outOption) is { } file)
            {
                ScoreFile.RequireFormat(file);
                OutputFile.RefuseInputs(file, [parsed.GetRequiredValue(modelOption), .. parsed.GetRequiredValue(inputs)]);
            }

            using var modelFile = InputFile.OfModel(parsed.GetRequiredValue(modelOption));
            // OnnxRuntime alone: which engine is the faster rests on the day, and the last digits, and so the draws, on the engine.
            using var model = OnnxModel.Load(modelFile.Path, new OnnxModelOptions { Engine = OnnxEngine.OnnxRuntime });
            DrawFile.RequirePosterior(model, parsed.GetRequiredValue(modelOption));
            var options = recording.OptionsOf(parsed, model.Info);
            var run = new ScoreRun(
                progress =>
                    TraceScorer.Score(model, parsed.GetRequiredValue(inputs), options, cancellation: cancellation, progress: progress),
                terminal.Follow(parsed.GetValue(quiet))
            );
            string[] names = [.. model.Info.Parameters.Select(p => p.Name)];
            var drawn = DrawFile.Draw(run.Rows(), draws, parsed.GetValue(seedOption) ?? 1);
            var (written, isJson) = (parsed.GetValue(outOption), parsed.GetValue(json));
            if (written is not null && isJson)
                throw new ArgumentException("--json: found --out beside it; expected one of them");
            if (written is not null)
                DrawFile.Write(written, names, drawn);
            else if (isJson)
                terminal.WriteJson(DrawFile.ToJson(names, drawn));
            else
                DrawFile.WriteCsv(terminal.Writer, names, drawn);
            return run.End(terminal, written, isJson);
        });
        return command;
    }
}
