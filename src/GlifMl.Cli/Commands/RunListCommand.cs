using System.Globalization;
using GlifMl.Pipelines.Metrics;
using GlifMl.Pipelines.Reporting.Observations;
using GlifMl.Pipelines.Stages;
using Spectre.Console;

namespace GlifMl.Cli.Commands;

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

        var table = new Table().Border(TableBorder.Simple).AddColumns("definition", "test score", "chance", "floor", "learnable left", "held-out score");
        foreach (var run in runs)
        {
            string Cell(Func<PipelineMetrics, double?> figure) => Words(run.Over(figure));
            table.AddRow(
                new Text(run.Name), new Text(Cell(m => m.Test.MseScaled)), new Text(Cell(m => m.Test.Chance)), new Text(Cell(m => m.Test.Floor)),
                new Text(Cell(m => m.Test.LearnableLeft)), new Text(Cell(m => m.HeldOut?.MseScaled)));
        }

        terminal.Output.Write(table);
        terminal.Writer.WriteLine($"report: {Path.Combine(list.Directory, "report", "report.html")}");
        return ExitCode.Done;
    }

    private static string Words((double? Mean, double? StandardDeviation) figure) => figure switch
    {
        (null, _) => "n/a",
        ({ } mean, null) => mean.ToString("F4", CultureInfo.InvariantCulture),
        ({ } mean, { } deviation) => string.Create(CultureInfo.InvariantCulture, $"{mean:F4} ± {deviation:F4}"),
    };
}
