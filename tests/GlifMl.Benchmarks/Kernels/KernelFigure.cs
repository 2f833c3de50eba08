extern alias Plotting;

using System.Globalization;
using Plotting::ScottPlot;
using Plotting::ScottPlot.MultiplotLayouts;
using Plotting::ScottPlot.TickGenerators;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>
/// The report's figure: time against hidden size, batch and length, and peak memory against length. All axes are logarithmic: their
/// coordinates are powers of ten.
/// </summary>
internal sealed class KernelFigure
{
    private const int Width = 1500,
        Height = 1300;
    private const float TitleSize = 22,
        LabelSize = 19,
        TickSize = 17,
        LineWidth = 3,
        MarkerSize = 10;
    private const string TimeLabel = "nanoseconds a step and trace",
        StepsLabel = "steps";

    private static readonly string Font =
        ((string[])["Liberation Sans", "Arial", "Helvetica", "DejaVu Sans"]).FirstOrDefault(
            SkiaSharp.SKFontManager.Default.FontFamilies.Contains
        ) ?? Fonts.Default;

    /// <summary>Hidden size, batch and nanoseconds a step and trace.</summary>
    public List<(int Hidden, int Batch, double Nanoseconds)> Sizes { get; } = [];

    /// <summary>Hidden size, batch, steps and nanoseconds a step and trace.</summary>
    public List<(int Hidden, int Batch, int Steps, double Nanoseconds)> Lengths { get; } = [];

    /// <summary>Hidden size, batch, steps and memory.</summary>
    public List<(int Hidden, int Batch, int Steps, PeakMemory Peak)> Memory { get; } = [];

    public byte[] Png()
    {
        var panels = new Multiplot();
        panels.AddPlots(4);
        panels.Layout = new Grid(rows: 2, columns: 2);
        Draw(
            panels.GetPlot(0),
            "Time against hidden size",
            "hidden size",
            TimeLabel,
            [
                .. Sizes
                    .Where(s => s.Batch is 1 or 16 or 64)
                    .GroupBy(s => s.Batch)
                    .Select(g => new Series($"batch {g.Key}", g.Select(s => (s.Hidden, s.Nanoseconds)))),
            ]
        );
        Draw(
            panels.GetPlot(1),
            "Time against batch",
            "batch",
            TimeLabel,
            [
                .. Sizes
                    .Where(s => s.Hidden is 5 or 16 or 32 or 128)
                    .GroupBy(s => s.Hidden)
                    .Select(g => new Series($"hidden {g.Key}", g.Select(s => (s.Batch, s.Nanoseconds)))),
            ]
        );
        Draw(
            panels.GetPlot(2),
            "Time against length",
            StepsLabel,
            TimeLabel,
            [.. Lengths.GroupBy(l => (l.Hidden, l.Batch)).Select(g => new Series(Name(g.Key), g.Select(l => (l.Steps, l.Nanoseconds))))]
        );
        Draw(
            panels.GetPlot(3),
            "Peak memory against length",
            StepsLabel,
            "MB",
            [
                .. Memory
                    .GroupBy(m => (m.Hidden, m.Batch))
                    .Select(g => new Series(Name(g.Key), g.Select(m => (m.Steps, m.Peak.AddedBytes / 1e6)))),
                .. Memory
                    .DistinctBy(m => (m.Batch, m.Steps))
                    .GroupBy(m => m.Batch)
                    .Select(g => new Series($"input, batch {g.Key}", g.Select(m => (m.Steps, m.Peak.InputBytes / 1e6)), Dotted: true)),
            ]
        );
        using var image = panels.Render(Width, Height);
        return image.GetImageBytes(ImageFormat.Png);
    }

    private static string Name((int Hidden, int Batch) layer) => $"hidden {layer.Hidden}, batch {layer.Batch}";

    private static void Draw(Plot plot, string title, string xLabel, string yLabel, Series[] lines)
    {
        double[] x = [.. lines.SelectMany(line => line.Points).Select(point => (double)point.X).Distinct().Order()];
        foreach (var (name, points, dotted) in lines)
        {
            var line = plot.Add.Scatter(Logarithms(points.Select(p => (double)p.X)), Logarithms(points.Select(p => p.Y)));
            (line.LegendText, line.LineWidth, line.MarkerSize) = (name, LineWidth, dotted ? 0 : MarkerSize);
            line.LinePattern = dotted ? LinePattern.Dotted : LinePattern.Solid;
        }

        plot.Font.Set(Font);
        plot.Title(title, TitleSize);
        plot.XLabel(xLabel, LabelSize);
        plot.YLabel(yLabel, LabelSize);
        foreach (var axis in (IAxis[])[plot.Axes.Left, plot.Axes.Bottom])
            axis.TickLabelStyle.FontSize = TickSize;
        plot.Axes.Bottom.TickGenerator = new NumericManual(Logarithms(x), [.. x.Select(Text)]);
        plot.Axes.Left.TickGenerator = new NumericAutomatic
        {
            IntegerTicksOnly = true,
            MinorTickGenerator = new LogMinorTickGenerator(),
            LabelFormatter = power => Text(Math.Pow(10, power)),
        };
        // Room for the last tick's number.
        plot.Axes.Right.MinimumSize = 40;
        plot.Axes.Margins(horizontal: 0.04, vertical: 0);
        var powers = Logarithms(lines.SelectMany(line => line.Points).Select(point => point.Y));
        plot.Axes.SetLimitsY(Math.Floor(powers.Min()), Math.Ceiling(powers.Max()));
        plot.Legend.FontSize = TickSize;
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.ShowLegend(Edge.Bottom);
    }

    private static double[] Logarithms(IEnumerable<double> values) => [.. values.Select(Math.Log10)];

    private static string Text(double value) => value.ToString(value < 1 ? "0.###" : "#,0", CultureInfo.InvariantCulture);

    private sealed record Series(string Name, IEnumerable<(int X, double Y)> Points, bool Dotted = false);
}
