using System.CommandLine;

namespace GlifMl.Cli;

/// <summary>Training: of the model, or of one network of an ensemble.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var member = new NumberOption<int?>("--member")
        {
            Description =
                "Of an ensemble: only train network K, from 0, and export nothing; `train --resume` takes over what is trained. "
                + "Any number of them at once.",
            HelpName = "K",
        };
        var command = RunCommands.Create(
            "train",
            "Fit the chain to the shards, and export it to ONNX.",
            terminal,
            cancellation,
            RunCommands.ModelFolder,
            resumes: true,
            (pipeline, options, parsed) =>
            {
                if (parsed.GetValue(member) is { } number)
                {
                    var folder = pipeline.TrainMember(number);
                    options.Print(parsed, terminal, new { member = number, folder }, () => terminal.Writer.WriteLine($"trained: {folder}"));
                    return;
                }

                var seconds = pipeline.Train();
                if (!pipeline.Settings.IsFirst)
                    return;
                options.Print(
                    parsed,
                    terminal,
                    new { model = pipeline.Model.Onnx, seconds },
                    () => terminal.Writer.WriteLine($"model: {pipeline.Model.Onnx}")
                );
            }
        );
        command.Add(member);
        return command;
    }
}
