using System.CommandLine;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>Rebuilds the report of a trained model.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var directory = new Argument<string>("MODEL-DIR") { Description = "The model's folder, such as models/case-study." };
        var json = CommonOptions.Json();
        var command = new Command("report", "Write a trained model's figures and report.html again, without training.") { directory, json };
        command.SetAction(parsed =>
        {
            var named = parsed.GetRequiredValue(directory);
            var remote = S3Model.At(named);
            remote?.Fetch();
            var model = new ModelDirectory(remote?.Folder ?? named);
            if (!Directory.Exists(model.Path))
                throw new DirectoryNotFoundException(
                    $"{model.Path}: found no such folder; expected a trained model's, which `glifml run` writes"
                );
            var path = ReportBuilder.Build(model, cancellation: cancellation);
            remote?.Put();
            if (parsed.GetValue(json))
                terminal.WriteJson(new { report = path });
            else
                terminal.Writer.WriteLine($"report: {path}");
            return ExitCode.Done;
        });
        return command;
    }
}
