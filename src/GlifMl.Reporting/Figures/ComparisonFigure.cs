extern alias Plotting;
using System.Globalization;
using System.Text;
using Plotting::ScottPlot;
using GlifMl.Pipelines;
using Plotting::ScottPlot.Plottables;

namespace GlifMl.Reporting;

/// <summary>A comparison as a figure: the score of each definition, between the lines of floor and chance.</summary>
internal static class ComparisonFigure
{
    private const int Width = 900,
        HeightOfFrame = 130,
        HeightOfRow = 40;
    private const float MarkerSize = 10;

    // How far beyond chance the axis goes, in widths of the gap between floor and chance: a failed model must not squeeze the others
    // together.
    private const double BeyondChance = 1,
        Margin = 0.1;
    private static readonly Color Test = Colors.C0,
        HeldOut = Colors.C1;

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
        Bounds(plot, Test, "test", table.Rows[0].Score!, table.Rows[^1].Score);
        var (chance, floor) = (table.Rows[0].Score!.Mean, table.Rows[^1].Score?.Mean ?? definitions.Min(row => row.Score!.Mean));
        var gap = Math.Max(chance - floor, double.Epsilon);
        var limit = Math.Min(chance + (BeyondChance * gap), definitions.Append(table.Rows[0]).SelectMany(Ends).Max());
        Points(plot, Test, "test", definitions, row => row.Score!, shift: 0, limit);
        if (table.HeldOutTraces is not null)
        {
            Bounds(plot, HeldOut, "held-out cells", table.Rows[0].HeldOutScore!, table.Rows[^1].HeldOutScore);
            Points(plot, HeldOut, "held-out cells", definitions, row => row.HeldOutScore!, shift: 0.2, limit);
        }

        plot.Axes.Left.SetTicks([.. definitions.Select((_, i) => (double)i)], [.. definitions.Select(row => row.Name)]);
        plot.Axes.SetLimits(
            Math.Min(floor, table.Rows[^1].HeldOutScore?.Mean ?? floor) - (Margin * gap),
            limit + (2 * Margin * gap),
            definitions.Length - 0.5,
            -0.5
        );
        plot.XLabel("score: mean squared error in the study's label units");
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }

    /// <summary>Where a row's scores end, their spread over the seeds included.</summary>
    private static IEnumerable<double> Ends(ComparisonRow row) =>
        new[] { row.Score, row.HeldOutScore }.OfType<Spread>().Select(score => score.Mean + (score.StandardDeviation ?? 0));

    private static void Bounds(Plot plot, Color color, string split, Spread chance, Spread? floor)
    {
        plot.Add.VerticalLine(chance.Mean, 1.5f, color, LinePattern.Dashed).LegendText = $"chance, {split}";
        if (floor is not null)
            plot.Add.VerticalLine(floor.Mean, 1.5f, color, LinePattern.Solid).LegendText = $"floor, {split}";
    }

    private static void Points(
        Plot plot,
        Color color,
        string split,
        ComparisonRow[] rows,
        Func<ComparisonRow, Spread> score,
        double shift,
        double limit
    )
    {
        double[] x = [.. rows.Select(row => Math.Min(score(row).Mean, limit))],
            y = [.. rows.Select((_, i) => i + shift)];
        var points = plot.Add.ScatterPoints(x, y, color);
        (points.MarkerSize, points.LegendText) = (MarkerSize, $"score, {split}");
        foreach (var (row, at) in rows.Zip(y).Where(point => score(point.First).Mean > limit))
        {
            var text = plot.Add.Text($"{score(row).Mean.ToString("G3", CultureInfo.InvariantCulture)} >", limit, at);
            (text.LabelFontColor, text.LabelAlignment, text.OffsetX) = (color, Alignment.MiddleRight, -MarkerSize);
        }

        double[] deviations = [.. rows.Select(row => score(row).Mean > limit ? 0 : score(row).StandardDeviation ?? 0)];
        if (!Array.Exists(deviations, d => d > 0))
            return;
        plot.Add.Plottable(new ErrorBar(x, y, deviations, deviations, null, null) { Color = color });
    }
}

/// <summary>Writes a comparison: one file by its ending, or all forms of it into a folder.</summary>
public static class ComparisonFile
{
    private static readonly string[] Endings = [".md", ".json", ".svg", ".png"];

    /// <summary>Refuses an ending that has no form, and a file that cannot be written to, before anything is trained.</summary>
    /// <param name="path">The path that <see cref="Write"/> is to have.</param>
    /// <param name="inputs">Files that are read, none of which may be written over. Default: none.</param>
    /// <exception cref="ArgumentException">
    /// The path has an ending that is none of .md, .json, .svg, .png, or is one of the inputs.
    /// </exception>
    public static void RequireForm(string path, IReadOnlyList<string>? inputs = null)
    {
        if (Path.GetExtension(path) is { Length: > 0 } ending && !Endings.Contains(ending))
            throw new ArgumentException(
                $"--out {path}: found ending '{ending}'; expected .md, .json, .svg, .png, or a folder, which gets all of them"
            );
        foreach (var file in Files(path))
            OutputFile.RefuseInputs(file, inputs ?? []);
    }

    /// <summary>Writes a comparison. Each file appears whole or not at all.</summary>
    /// <param name="path">
    /// A file; or a folder, without an ending, which gets <c>comparison.md</c>, <c>.json</c>, <c>.svg</c> and <c>.png</c>.
    /// </param>
    /// <param name="table">The comparison.</param>
    /// <returns>The files written.</returns>
    /// <exception cref="ArgumentException">The path has an ending that is none of .md, .json, .svg, .png.</exception>
    public static IReadOnlyList<string> Write(string path, ComparisonTable table)
    {
        RequireForm(path);
        var files = Files(path);
        foreach (var file in files)
        {
            switch (Path.GetExtension(file))
            {
                case ".md":
                    OutputFile.WriteAllText(file, ComparisonMarkdown.Of(table));
                    break;
                case ".json":
                    OutputFile.WriteAllText(file, Json.ToText(table));
                    break;
                case ".svg":
                    OutputFile.WriteAllBytes(file, ComparisonFigure.Svg(table));
                    break;
                default:
                    OutputFile.WriteAllBytes(file, ComparisonFigure.Png(table));
                    break;
            }
        }

        return files;
    }

    private static string[] Files(string path) =>
        Path.HasExtension(path) ? [path] : [.. Endings.Select(ending => Path.Combine(path, $"comparison{ending}"))];
}
