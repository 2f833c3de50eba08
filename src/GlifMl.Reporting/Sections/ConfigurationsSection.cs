extern alias Plotting;
using Plotting::ScottPlot;

using GlifMl.Pipelines;
using GlifMl.Simulation;

namespace GlifMl.Reporting;

/// <summary>The sampled configurations as strips, the original marked.</summary>
internal static class ConfigurationsSection
{
    // As many as a strip shows apart.
    private const int ShownPoints = 300;

    public static void Add(ReportPage page, ReportSource source)
    {
        var design = source.Design;
        var parameters = source.Definition.Dataset.Parameters;
        page.Section("configurations", "The configurations sampled");
        if (design.Count is { } count)
            page.Paragraph(
                $"""
                {count} configurations: every combination of the values shown. The fitted neuron is the diamond; it is one of them only if
                it lies on a value of every parameter.
                """
            );
        else
            page.Paragraph(
                $"""
                Each trace has a configuration of its own, laid out over the ranges shown by the design
                “{OptionSchema.YamlName(parameters.Design.ToString(), '-')}”. The fitted neuron is the diamond.
                """
            );
        page.Legend((SeriesColour.Stimulus, "sampled"), (SeriesColour.Inferred, "the fitted neuron"));
        page.Figures([.. design.Keys.Select((key, k) => Strip(source, key, k))]);
    }

    private static Figure Strip(ReportSource source, string key, int index)
    {
        var count = source.Design.Count ?? ShownPoints;
        var shown = (int)Math.Min(count, ShownPoints);
        var jitter = new SeededRandom(0, RandomStreams.FigureStrip(key));
        var values = Enumerable.Range(0, shown).Select(i => Quantity.Scaled(key, source.Design.Point(i * count / shown)[index])).ToArray();
        var plot = FigureStyle.NewPlot(Quantity.Label(key), "");
        FigureStyle.Points(plot, [.. values.Select(_ => 0.6 * (jitter.NextDouble() - 0.5))], values, SeriesColour.Stimulus, 3);
        var original = Quantity.Scaled(key, source.Neuron.Get(key));
        FigureStyle.Points(plot, [0], [original], SeriesColour.Inferred, 11, MarkerShape.FilledDiamond);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(-0.6, 0.6);
        FigureStyle.Categories(plot.Axes.Bottom, []);
        return new Figure(
            $"configurations-{key}",
            key,
            Invariant.Text(
                $"{key}: sampled from {values.Min():0.##} to {values.Max():0.##} {Quantity.Unit(key)}; the fitted neuron has "
                    + $"{original:0.##}."
            ),
            Figure.NarrowWidth,
            210,
            plot
        );
    }
}
