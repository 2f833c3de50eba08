extern alias Plotting;
using Plotting::ScottPlot;

using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>Ranks of the truth in posteriors as columns, and how often central intervals hold it.</summary>
internal static class CalibrationFigure
{
    private const int Columns = 20,
        RanksHeight = 120,
        CoverageHeight = 200;

    // Of a normal distribution: 95 % lie within.
    private const double Deviations = 1.96;

    public static Figure Of(string name, string title, double[] ranks)
    {
        var held = ranks.Count(rank => Math.Abs(rank - 0.5) <= 0.45);
        var words = Invariant.Text($"{title}: 90 % intervals hold {100.0 * held / ranks.Length:F1} %");
        return new Figure(
            $"calibration-{name}",
            words,
            $"Ranks of the truth and coverage of central intervals. {words}.",
            Figure.MediumWidth,
            RanksHeight + CoverageHeight,
            [(Ranks(ranks), RanksHeight), (Coverage(ranks), CoverageHeight)]
        );
    }

    private static Plot Ranks(double[] ranks)
    {
        var plot = FigureStyle.NewPlot("traces", null);
        var counts = new double[Columns];
        foreach (var rank in ranks)
            counts[Math.Min(Columns - 1, (int)(rank * Columns))]++;
        double[] x = [.. Enumerable.Range(0, Columns).SelectMany(i => new[] { (double)i / Columns, (i + 1.0) / Columns })];
        FigureStyle.Line(plot, x, [.. counts.SelectMany(count => new[] { count, count })], SeriesColour.Fitted, 1.8f);
        var even = (double)ranks.Length / Columns;
        var spread = Deviations * Math.Sqrt(even * (1 - (1.0 / Columns)));
        FigureStyle.Level(plot, even, SeriesColour.Text, dashed: false);
        FigureStyle.Level(plot, even - spread, SeriesColour.Text);
        FigureStyle.Level(plot, even + spread, SeriesColour.Text);
        plot.Axes.SetLimits(0, 1, 0, 1.15 * Math.Max(counts.Max(), even + spread));
        return plot;
    }

    private static Plot Coverage(double[] ranks)
    {
        var plot = FigureStyle.NewPlot("intervals that hold it (%)", "nominal (%)");
        double[] levels = [.. Enumerable.Range(0, 101).Select(i => i / 100.0)];
        // From the middle outwards: the interval that just holds the truth.
        double[] needed = [.. ranks.Select(rank => 2 * Math.Abs(rank - 0.5)).Order()];
        double Held(double level)
        {
            var at = Array.BinarySearch(needed, level + 1e-12);
            return 100.0 * (at < 0 ? ~at : at) / needed.Length;
        }

        double Edge(double level, int side) => 100 * (level + (side * Deviations * Math.Sqrt(level * (1 - level) / needed.Length)));
        var x = Array.ConvertAll(levels, level => 100 * level);
        FigureStyle.Line(plot, [0, 100], [0, 100], SeriesColour.Text, 1.2f);
        foreach (var side in new[] { -1, 1 })
            FigureStyle.Line(plot, x, [.. levels.Select(level => Edge(level, side))], SeriesColour.Text, 1.2f, dashed: true);
        FigureStyle.Line(plot, x, [.. levels.Select(Held)], SeriesColour.Fitted, 1.8f);
        plot.Axes.SetLimits(0, 100, 0, 100);
        return plot;
    }
}

/// <summary>How much the traces tell of each parameter.</summary>
internal static class ToldFigure
{
    public static Figure Of(CalibrationFile calibration)
    {
        var plot = FigureStyle.NewPlot("told", "parameter");
        var medians = new List<string>();
        foreach (var (k, key) in calibration.Targets.Index())
        {
            double[] sorted = [.. calibration.Rows.Select(row => row.Told[k]).Order()];
            double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
            FigureStyle.Line(plot, [k, k], [At(0.05), At(0.95)], SeriesColour.Fitted, 1.5f);
            FigureStyle.Line(plot, [k, k], [At(0.25), At(0.75)], SeriesColour.Fitted, 6);
            FigureStyle.Points(plot, [k], [At(0.5)], SeriesColour.Fitted, 9);
            medians.Add(Invariant.Text($"{key} {At(0.5):F2}"));
        }

        FigureStyle.Categories(plot.Axes.Bottom, [.. calibration.Targets]);
        plot.Axes.SetLimits(-0.6, calibration.Targets.Count - 0.4, -0.02, 1.02);
        return new Figure(
            "told",
            "Told: 1 all, 0 nothing",
            $"How much the test traces tell of each parameter, medians: {string.Join(", ", medians)}.",
            Figure.WideWidth,
            260,
            plot
        );
    }
}
