using GlifMl.Pipelines;
using Spectre.Console;

namespace GlifMl.Cli;

/// <summary>What <c>run</c> does with a list of runs.</summary>
internal static class RunListCommand
{
    public static int Run(string path, IReadOnlyList<string>? overrides, PipelineSettings settings, bool json, Terminal terminal)
    {
        var list = RunList.Load(path, overrides, settings);
        terminal.Error.WriteLine(list.Announcement);
        var runs = list.Run();
        if (json)
        {
            terminal.WriteJson(runs);
            return ExitCode.Done;
        }

        terminal.WriteMarkdown(RunListMarkdown.Of(runs));
        terminal.Writer.WriteLine($"\nreport: {list.Report}\ntable: {list.Table}");
        return ExitCode.Done;
    }
}
