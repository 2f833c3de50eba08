extern alias Plotting;
using System.Text;
using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>What a sweep leaves: one table, one figure, and the best definition.</summary>
public static class SweepReport
{
    // One trial that failed at learning must not squeeze the others together.
    private const double MostShown = 1.5;
    private const int Width = 640,
        RowHeight = 22,
        LabelWidth = 300,
        LongestLabel = 46;

    /// <summary>
    /// Writes table.md, sweep.json, sweep.svg, sweep.png and best.yaml; and traces.svg and traces.png, the learning curves, where trials
    /// were shown different numbers of traces.
    /// </summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="table">What <see cref="PipelineSweep.Run"/> gave.</param>
    /// <returns>The files written.</returns>
    public static IReadOnlyList<string> Write(PipelineSweep sweep, SweepTable table)
    {
        var folder = new ModelDirectory(S3Model.Here(sweep.Directory));
        var figure = Draw(table);
        List<(string Path, byte[] Bytes)> files =
        [
            (folder.ListTable, Encoding.UTF8.GetBytes(table.ToMarkdown())),
            (In("sweep.json"), Encoding.UTF8.GetBytes(Json.ToText(table))),
            (In("sweep.svg"), Encoding.UTF8.GetBytes(FigureRenderer.Svg(figure))),
            (In("sweep.png"), FigureRenderer.Png(figure)),
        ];
        if (TraceCountFigure.Of(table) is { } curves)
            files.AddRange([
                (In("traces.svg"), Encoding.UTF8.GetBytes(FigureRenderer.Svg(curves))),
                (In("traces.png"), FigureRenderer.Png(curves)),
            ]);
        if (table.Best is { } best)
            files.Add((Path.Combine(folder.Path, "best.yaml"), Encoding.UTF8.GetBytes(sweep.DefinitionOf(best, folder.Path))));
        foreach (var (path, bytes) in files)
            AtomicFile.WriteAllBytes(path, bytes);
        if (S3Model.At(sweep.Directory) is { } remote)
        {
            foreach (var (path, _) in files)
                remote.Put(folder.Path, Path.GetRelativePath(folder.Path, path).Replace('\\', '/'));
        }

        return [.. files.Select(file => file.Path)];

        string In(string name) => Path.Combine(folder.Report, name);
    }

    private static Figure Draw(SweepTable table)
    {
        SweepTrial[] shown = [.. table.Trials.Where(trial => trial.Metrics is not null)];
        var plot = FigureStyle.NewPlot("", "left by parameter (1: nothing learnt); orange: validation, blue: test");
        plot.Axes.Left.MinimumSize = plot.Axes.Left.MaximumSize = LabelWidth;
        FigureStyle.Categories(plot.Axes.Left, [.. shown.Select(Label)]);
        FigureStyle.Lines(
            plot,
            [
                [new(1, -0.6), new(1, shown.Length - 0.4)],
            ],
            SeriesColour.Mean,
            1.2f,
            dashed: true
        );
        Dots(plot, shown, trial => trial.Metrics!.Test.LeftByParameter, SeriesColour.Fitted);
        Dots(plot, shown, trial => trial.Metrics!.Validation?.LeftByParameter, SeriesColour.Inferred);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(Math.Max(shown.Length, 1) - 0.4, -0.6);
        return new Figure(
            "sweep",
            "What each trial left unlearnt",
            "Left by parameter, by trial, on the validation and the test traces; the table has the numbers.",
            Width,
            60 + (RowHeight * Math.Max(shown.Length, 1)),
            plot
        );
    }

    private static string Label(SweepTrial trial)
    {
        // Of steps the last, which most often is the trainer, says enough.
        var words = string.Join(
            ", ",
            trial.Values.Select(value =>
                value.Key.Split('.') is [.., var place] && char.IsAsciiDigit(place[0])
                    ? value.Value.Split(" + ")[^1]
                    : $"{value.Key.Split('.')[^1]} {value.Value}"
            )
        );
        return words.Length > LongestLabel ? $"{words[..(LongestLabel - 1)]}…" : words;
    }

    private static void Dots(Plotting::ScottPlot.Plot plot, SweepTrial[] trials, Func<SweepTrial, double?> figure, SeriesColour ink)
    {
        var points = trials
            .Select((trial, row) => (Value: figure(trial), Row: (double)row))
            .Where(point => point.Value is not null)
            .ToArray();
        FigureStyle.Points(plot, [.. points.Select(p => Math.Min(p.Value!.Value, MostShown))], [.. points.Select(p => p.Row)], ink, 6);
    }
}
