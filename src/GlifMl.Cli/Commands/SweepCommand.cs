using System.CommandLine;
using System.Globalization;
using GlifMl.Pipelines;
using GlifMl.Reporting;

namespace GlifMl.Cli;

/// <summary>A definition with lists or ranges of values.</summary>
internal static class SweepCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var definition = CommonOptions.Definition();
        var search = new Option<SweepSearch?>("--search")
        {
            Description = "Which combinations: grid, random, or halving. Default: the definition's sweep.search, or grid.",
            HelpName = "HOW",
            CustomParser = result =>
            {
                if (Enum.TryParse<SweepSearch>(result.Tokens[0].Value, ignoreCase: true, out var how) && Enum.IsDefined(how))
                    return how;
                result.AddError($"--search: found {Quoted.Of(result.Tokens[0].Value)}; expected grid, random or halving");
                return null;
            },
        };
        var trials = new NumberOption<int?>("--trials")
        {
            Description = "How many combinations a random search or a halving begins with. Default: sweep.trials, or 12.",
            HelpName = "N",
        };
        var minutes = new NumberOption<double?>("--minutes")
        {
            Description = "Minutes that the trials may take. Default: sweep.minutes, or no limit.",
            HelpName = "M",
        };
        var (set, resume, force) = (CommonOptions.Set(), CommonOptions.Resume(), CommonOptions.Force());
        var output = CommonOptions.Output("Folder of the models, a folder each. Default: models/ and the definition's name.");
        var data = new Option<string?>("--data")
        {
            Description = "Folder of the datasets, one folder a hash. Default: datasets/shards.",
            HelpName = "DIR",
        };
        var (json, quiet) = (CommonOptions.Json(), CommonOptions.Quiet());
        var command = new Command("sweep", "Run a definition over lists or ranges of its values, and keep the best.")
        {
            definition,
            search,
            trials,
            minutes,
            set,
            output,
            data,
            resume,
            force,
            json,
            quiet,
        };
        command.SetAction(parsed =>
        {
            string[] said =
            [
                .. Said("search", parsed.GetValue(search) is { } how ? ScalarValues.Format(how) : null),
                .. Said("trials", parsed.GetValue(trials)?.ToString(CultureInfo.InvariantCulture)),
                .. Said("minutes", parsed.GetValue(minutes)?.ToString("R", CultureInfo.InvariantCulture)),
            ];
            using var progress = terminal.Follow(parsed.GetValue(quiet));
            var sweep = PipelineSweep.Load(
                parsed.GetRequiredValue(definition),
                [.. parsed.GetValue(set) ?? [], .. said],
                new PipelineSettings
                {
                    ModelDirectory = parsed.GetValue(output),
                    DataDirectory = parsed.GetValue(data),
                    Resume = parsed.GetValue(resume),
                    Force = parsed.GetValue(force),
                    Listener = progress,
                    Cancellation = cancellation,
                }
            );
            terminal.Note(sweep.Announcement);
            var table = sweep.Run();
            var files = SweepReport.Write(sweep, table);
            if (parsed.GetValue(json))
                terminal.WriteJson(table);
            else
                terminal.WriteMarkdown(table.ToMarkdown());
            foreach (var file in files)
                terminal.Note(file);
            if (table.Best is null)
                throw new InvalidOperationException(
                    $"{sweep.Name}: found no trial that ended well; expected one: {table.Trials[0].Failure ?? "none was run"}"
                );
            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<string> Said(string key, string? value) => value is null ? [] : [$"sweep.{key}={value}"];
}
