using System.CommandLine;
using GlifMl.Pipelines.Catalog;
using Spectre.Console;

namespace GlifMl.Cli.Commands;

/// <summary>The catalogue.</summary>
internal static class EstimatorsCommand
{
    public static Command Create(Terminal terminal)
    {
        var json = CommonOptions.Json();
        var command = new Command("estimators", "List the estimators that a definition can name.") { json };
        command.SetAction(parsed =>
        {
            var entries = EstimatorCatalog.Default.Entries;
            if (parsed.GetValue(json))
            {
                terminal.WriteJson(entries.Select(e => new { name = e.Name, role = e.Role.ToString(), summary = e.Summary }));
                return ExitCode.Done;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("estimator", "role", "what it does");
            foreach (var e in entries)
                table.AddRow(new Text(e.Name), new Text(e.Role.ToString().ToLowerInvariant()), new Text(e.Summary));
            terminal.Output.Write(table);
            return ExitCode.Done;
        });
        return command;
    }
}
