using GlifMl.Pipelines;
using GlifMl.Reporting;
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
        var (page, table) = RunListReport.Write(list, runs);
        if (json)
        {
            terminal.WriteJson(runs);
            return ExitCode.Done;
        }

        terminal.WriteMarkdown(RunListMarkdown.Of(runs));
        terminal.Writer.WriteLine($"\nreport: {page}\ntable: {table}");
        return ExitCode.Done;
    }
}
