extern alias Plotting;

using System.Text;
using Plotting::ScottPlot;
using Plotting::ScottPlot.Plottables;

namespace GlifMl.Pipelines.Comparison;

/// <summary>A comparison as a figure: the score of each definition, between the lines of floor and chance.</summary>
public static class ComparisonFigure
{
    private const int Width = 900, HeightOfFrame = 130, HeightOfRow = 40;
    private const float MarkerSize = 10;
    private static readonly Color Test = Colors.C0, HeldOut = Colors.C1;

    /// <summary>The figure as a PNG image.</summary>
    public static byte[] Png(ComparisonTable table)
    {
        using var plot = Draw(table);
        return plot.GetImageBytes(Width, Height(table), ImageFormat.Png);
    }

    /// <summary>The figure as an SVG document, UTF-8.</summary>
    public static byte[] Svg(ComparisonTable table)
    {
        using var plot = Draw(table);
        return Encoding.UTF8.GetBytes(plot.GetSvgXml(Width, Height(table)));
    }

    private static int Height(ComparisonTable table) => HeightOfFrame + (HeightOfRow * table.Rows.Count);

    private static Plot Draw(ComparisonTable table)
    {
        var plot = new Plot();
        var definitions = table.Rows.Skip(1).SkipLast(1).ToArray();
        Bounds(plot, Test, "test", table.Rows[0].Score, table.Rows[^1].Score);
        Points(plot, Test, "test", definitions, row => row.Score, shift: 0);
        if (table.HeldOutTraces is not null)
        {
            Bounds(plot, HeldOut, "held-out cells", table.Rows[0].HeldOutScore!, table.Rows[^1].HeldOutScore!);
            Points(plot, HeldOut, "held-out cells", definitions, row => row.HeldOutScore!, shift: 0.2);
        }

        plot.Axes.Left.SetTicks([.. definitions.Select((_, i) => (double)i)], [.. definitions.Select(row => row.Name)]);
        plot.Axes.SetLimitsY(definitions.Length - 0.5, -0.5);
        plot.XLabel("score: mean squared error in the study's label units");
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }

    private static void Bounds(Plot plot, Color color, string split, Spread chance, Spread floor)
    {
        var (atChance, atFloor) = (plot.Add.VerticalLine(chance.Mean, 1.5f, color, LinePattern.Dashed), plot.Add.VerticalLine(floor.Mean, 1.5f, color, LinePattern.Solid));
        (atChance.LegendText, atFloor.LegendText) = ($"chance, {split}", $"floor, {split}");
    }

    private static void Points(Plot plot, Color color, string split, ComparisonRow[] rows, Func<ComparisonRow, Spread> score, double shift)
    {
        double[] x = [.. rows.Select(row => score(row).Mean)], y = [.. rows.Select((_, i) => i + shift)];
        var points = plot.Add.ScatterPoints(x, y, color);
        (points.MarkerSize, points.LegendText) = (MarkerSize, $"score, {split}");
        double[] deviations = [.. rows.Select(row => score(row).StandardDeviation ?? 0)];
        if (!Array.Exists(deviations, d => d > 0))
            return;
        plot.Add.Plottable(new ErrorBar(x, y, deviations, deviations, null, null) { Color = color });
    }
}
