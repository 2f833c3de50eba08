using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>Whether the simulated cells of a reading lie beside their published models as real cells do.</summary>
internal static class RealCellsSection
{
    // Enough for the tenth percentile to be known within a few per cent.
    private const int Batches = 8,
        Rows = 64;

    public static void Add(ReportPage page, ReportSource source)
    {
        if (source.Definition.Dataset is not { Membrane: not null, Trace.Holds: TraceContents.Readings })
            return;
        var simulated = RealCellReport.SimulatedRatios(source.Definition, Batches, Rows);
        page.Section("real-cells", "Beside real cells");
        page.Paragraph(
            $"""
            What a sweep shows over what the cell’s published model would: real cells and simulated ones should not differ in it, for what a
            reading makes of such ratios is its error. Percentiles 10, 50 and 90; real are 60 mouse cells of the Allen Cell Types Database
            (© 2015 Allen Institute for Brain Science, celltypes.brain-map.org), simulated the first {Batches * Rows} cells of the test
            split.
            """
        );
        page.Legend((SeriesColour.Text, "60 real cells"), (SeriesColour.Fitted, "simulated cells"));
        page.Figures(RealCellsFigure.Of(simulated));
        page.Table(
            ["ratio", "real", "simulated"],
            JointRatios.Names.Select(
                (name, k) =>
                    (IReadOnlyList<Html>)[Html.Text(name), Html.Text(Words(JointRatios.OfRealCells[k])), Html.Text(Words(simulated[k]))]
            )
        );
    }

    internal static string Words(IEnumerable<double> percentiles) =>
        string.Join("  ", percentiles.Select(value => Invariant.Text($"{value:F2}")));
}

/// <summary>Percentiles of ratios, of real cells beside simulated ones.</summary>
internal static class RealCellsFigure
{
    private const double Beside = 0.14;

    public static Figure Of(IReadOnlyList<IReadOnlyList<double>> simulated)
    {
        var plot = FigureStyle.NewPlot("ratio", null);
        foreach (var (k, real) in JointRatios.OfRealCells.Index())
        {
            Bar(k - Beside, real, SeriesColour.Text);
            Bar(k + Beside, simulated[k], SeriesColour.Fitted);
        }

        FigureStyle.Level(plot, 1, SeriesColour.Text);
        FigureStyle.Categories(plot.Axes.Bottom, [.. JointRatios.Names]);
        plot.Axes.SetLimits(-0.6, simulated.Count - 0.4, 0, 2);
        return new Figure(
            "real-cells",
            "Percentiles 10, 50 and 90",
            $"Ratios of real and simulated cells, medians: {string.Join(", ", JointRatios.Names.Select(Medians))}.",
            Figure.WideWidth,
            300,
            plot
        );

        void Bar(double x, IReadOnlyList<double> percentiles, SeriesColour colour)
        {
            FigureStyle.Line(plot, [x, x], [percentiles[0], percentiles[2]], colour, 3);
            FigureStyle.Points(plot, [x], [percentiles[1]], colour, 9);
        }

        string Medians(string name, int k) => Invariant.Text($"{name} {JointRatios.OfRealCells[k][1]:F2} and {simulated[k][1]:F2}");
    }
}
