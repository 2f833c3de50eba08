extern alias Plotting;
using Plotting::ScottPlot;
using GlifMl.Pipelines;
using Plotting::ScottPlot.TickGenerators;

namespace GlifMl.Reporting;

/// <summary>
/// Learning curves of a sweep: what trials left unlearnt, against the traces they were shown and against seconds of training.
/// </summary>
internal static class TraceCountFigure
{
    private const int Width = 560,
        PanelHeight = 190;

    private static readonly SeriesColour[] Colours =
    [
        SeriesColour.Inferred,
        SeriesColour.Fitted,
        SeriesColour.Random,
        SeriesColour.Published,
        SeriesColour.Mean,
        SeriesColour.Muted,
    ];

    /// <summary>The figure; null where all trials were shown as many traces.</summary>
    public static Figure? Of(SweepTable table)
    {
        var trials = table
            .Trials.Where(trial => trial.Metrics is { Test.LeftByParameter: > 0, Seconds.Train: > 0 })
            .Select(trial =>
                (Name: Name(trial), Traces: Traces(trial), trial.Metrics!.Seconds.Train, Left: trial.Metrics.Test.LeftByParameter)
            )
            .Where(trial => trial.Traces > 0)
            .ToArray();
        if (trials.Select(trial => trial.Traces).Distinct().Count() < 2)
            return null;
        var lines = trials
            .GroupBy(trial => trial.Name)
            .Select(line => new CurveLine(
                line.Key,
                [.. line.OrderBy(p => p.Traces).Select(p => (double)p.Traces)],
                [.. line.OrderBy(p => p.Traces).Select(p => p.Train!.Value)],
                [.. line.OrderBy(p => p.Traces).Select(p => p.Left!.Value)]
            ))
            .OrderByDescending(line => line.Left[^1])
            .ToArray();
        return new Figure(
            "traces",
            "What was left unlearnt, by traces shown",
            "Left by parameter on the test traces, against traces shown in training and against seconds of it, a line a chain: "
                + string.Join("; ", lines.Select(line => Invariant.Text($"{line.Name} ends at {line.Left[^1]:F4}")))
                + ".",
            Width,
            2 * PanelHeight,
            [
                (Panel(lines, line => line.Traces, "traces shown"), PanelHeight),
                (Panel(lines, line => line.Seconds, "s of training"), PanelHeight),
            ]
        );
    }

    private static Plot Panel(CurveLine[] lines, Func<CurveLine, double[]> x, string label)
    {
        var plot = FigureStyle.NewPlot("left by parameter", label);
        foreach (var (n, line) in lines.Index())
        {
            var ink = Colours[n % Colours.Length];
            var (places, left) = (Array.ConvertAll(x(line), Math.Log10), Array.ConvertAll(line.Left, Math.Log10));
            FigureStyle.Line(plot, places, left, ink, 1.8f);
            FigureStyle.Points(plot, places, left, ink, 6);
            // Names stand on the left, where lines are farthest apart.
            FigureStyle.Words(plot, line.Name, places[0], left[0], ink, Alignment.LowerLeft);
        }

        // Room for the names.
        plot.Axes.Margins(left: 0.05, right: 0.05, bottom: 0.1, top: 0.2);
        plot.Axes.Bottom.TickGenerator = Powers(lines.SelectMany(x));
        plot.Axes.Left.TickGenerator = Powers(lines.SelectMany(line => line.Left));
        return plot;
    }

    private static NumericManual Powers(IEnumerable<double> values)
    {
        double[] all = [.. values];
        var (from, to) = ((int)Math.Floor(Math.Log10(all.Min())), (int)Math.Ceiling(Math.Log10(all.Max())));
        var powers = Enumerable.Range(from, to - from + 1).ToArray();
        return new([.. powers.Select(p => (double)p)], [.. powers.Select(p => Invariant.Text($"1e{p}"))]);
    }

    // What is swept but for the number of traces and how often they are shown: of steps their names.
    private static string Name(SweepTrial trial)
    {
        var values = trial.Values.Where(value => !SaysHowMany(value.Key)).Select(value => value.Value);
        return string.Join(", ", values) is { Length: > 0 } name ? name : "left";
    }

    private static bool SaysHowMany(string key) =>
        key.StartsWith("dataset.splits.", StringComparison.Ordinal) || key.EndsWith(".epochs", StringComparison.Ordinal);

    private static long Traces(SweepTrial trial)
    {
        var folder = new ModelDirectory(S3Model.Here(trial.Folder));
        return TrainingCurve.Load(folder.TrainingLog) is [.., { TracesSeen: > 0 and var seen }]
            ? seen
            : Pipeline.Load(folder.Definition).Dataset.Splits.Train.Traces.Number ?? 0;
    }

    private sealed record CurveLine(string Name, double[] Traces, double[] Seconds, double[] Left);
}
