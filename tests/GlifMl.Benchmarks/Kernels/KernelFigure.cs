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
    private const int Width = 1500, Height = 1150;
    private const float TitleSize = 22, LabelSize = 19, TickSize = 17, LineWidth = 3, MarkerSize = 10;
    private const string TimeLabel = "nanoseconds a step and trace", StepsLabel = "steps";

    /// <summary>Hidden size, batch and nanoseconds a step and trace.</summary>
    public List<(int Hidden, int Batch, double Nanoseconds)> Sizes { get; } = [];

    /// <summary>Hidden size and batch, steps and nanoseconds a step and trace.</summary>
    public List<(string Layer, int Steps, double Nanoseconds)> Lengths { get; } = [];

    /// <summary>Hidden size and batch, steps and memory.</summary>
    public List<(string Layer, int Steps, PeakMemory Memory)> Memory { get; } = [];

    public byte[] Png()
    {
        var panels = new Multiplot();
        panels.AddPlots(4);
        panels.Layout = new Grid(rows: 2, columns: 2);
        var byHidden = Sizes.Where(s => s.Batch is 1 or 16 or 64).GroupBy(s => $"batch {s.Batch}");
        var byBatch = Sizes.Where(s => s.Hidden is 5 or 16 or 32 or 128).GroupBy(s => $"hidden {s.Hidden}");
        Draw(panels.GetPlot(0), "Time against hidden size", "hidden size", TimeLabel,
            byHidden.Select(g => (g.Key, g.Select(s => ((double)s.Hidden, s.Nanoseconds)))));
        Draw(panels.GetPlot(1), "Time against batch", "batch", TimeLabel,
            byBatch.Select(g => (g.Key, g.Select(s => ((double)s.Batch, s.Nanoseconds)))));
        Draw(panels.GetPlot(2), "Time against length", StepsLabel, TimeLabel,
            Lengths.GroupBy(l => $"hidden, batch {l.Layer}").Select(g => (g.Key, g.Select(l => ((double)l.Steps, l.Nanoseconds)))));
        Draw(panels.GetPlot(3), "Peak memory against length", StepsLabel, "MB beside the input; dotted: the input",
            Memory.GroupBy(m => $"hidden, batch {m.Layer}").Select(g => (g.Key, g.Select(m => ((double)m.Steps, m.Memory.AddedBytes / 1e6)))));
        foreach (var (inputs, index) in Memory.GroupBy(m => m.Layer).Select((g, index) => (g, index)))
            Dotted(panels.GetPlot(3), index, inputs.Select(m => ((double)m.Steps, m.Memory.InputBytes / 1e6)));
        using var image = panels.Render(Width, Height);
        return image.GetImageBytes(ImageFormat.Png);
    }

    private static void Draw(
        Plot plot, string title, string xLabel, string yLabel, IEnumerable<(string Name, IEnumerable<(double X, double Y)> Points)> lines)
    {
        var x = new SortedSet<double>();
        foreach (var (name, points) in lines)
        {
            var line = plot.Add.Scatter(Logarithms(points.Select(p => p.X)), Logarithms(points.Select(p => p.Y)));
            (line.LegendText, line.LineWidth, line.MarkerSize) = (name, LineWidth, MarkerSize);
            x.UnionWith(points.Select(p => p.X));
        }

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
        plot.Axes.Margins(horizontal: 0.06, vertical: 0.1);
        plot.Legend.FontSize = TickSize;
        plot.ShowLegend(Alignment.UpperLeft);
    }

    private static void Dotted(Plot plot, int colour, IEnumerable<(double X, double Y)> points)
    {
        var line = plot.Add.Scatter(Logarithms(points.Select(p => p.X)), Logarithms(points.Select(p => p.Y)), plot.Add.Palette.GetColor(colour));
        (line.LinePattern, line.LineWidth, line.MarkerSize) = (LinePattern.Dotted, LineWidth, 0);
    }

    private static double[] Logarithms(IEnumerable<double> values) => [.. values.Select(Math.Log10)];

    private static string Text(double value) => value.ToString(value < 1 ? "0.###" : "#,0", CultureInfo.InvariantCulture);
}
