extern alias Plotting;
using Plotting::ScottPlot;

namespace GlifMl.Reporting;

/// <summary>The page of a recording: what it is, and a picture of each sweep.</summary>
internal static class RecordingReport
{
    private const int CurrentHeight = 50,
        VoltageHeight = 110;

    /// <summary>Writes report.html, with report.json and the figures beside it.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="path">The recording.</param>
    /// <param name="selection">Which sweeps; where nothing is said all.</param>
    /// <param name="cancellation">Stops between sweeps.</param>
    /// <returns>The page's path.</returns>
    public static string Write(string folder, string path, SweepSelection selection, CancellationToken cancellation = default)
    {
        using var file = RecordingFile.Open(path);
        var chosen = selection.IsGiven ? file.Select(selection) : file.Sweeps;
        var page = new ReportPage(Path.GetFileName(path));
        page.Section("recording", "The recording");
        page.Facts([("format", Html.Text(file.Format)), ("sweeps", Html.Of($"{chosen.Count}"))]);
        foreach (var note in file.Notes)
            page.Paragraph($"{note}");
        page.Section("sweeps", "Its sweeps");
        page.Paragraph($"Current above, membrane potential below. Long traces are drawn by their extremes.");
        var (figures, rows) = (new List<Figure>(), new List<IReadOnlyList<Html>>());
        foreach (var recorded in chosen)
        {
            cancellation.ThrowIfCancellationRequested();
            // One sweep in memory at a time: a figure keeps some hundred points.
            var (figure, row) = Of(recorded);
            if (figure is not null)
                figures.Add(figure);
            rows.Add(row);
        }
        if (figures.Count > 0)
            page.Figures(figures);
        page.Table(
            ["sweep", "duration (s)", "rate (kHz)", "rest (mV)", "noise (mV)", "drift (mV)", "peak (pA)", "spikes", "said of it"],
            rows
        );
        page.Record("recording", path);
        page.Record("sweeps", chosen.Count);
        return page.Write(folder);
    }

    private static (Figure? Figure, IReadOnlyList<Html> Row) Of(RecordedSweep recorded)
    {
        var name = recorded.Stimulus.Length > 0 ? $"{recorded.Number} {recorded.Stimulus}" : Invariant.Text($"sweep {recorded.Number}");
        if (recorded.Refusal is { } refusal)
            return (null, Row(name, refusal));
        try
        {
            var sweep = recorded.Load();
            var measures = SweepMeasures.Of(sweep);
            return (
                Picture(name, sweep, measures.Spikes.Count),
                [
                    Html.Text(name),
                    Html.Number(recorded.Samples * recorded.SamplingIntervalSeconds, "0.###"),
                    Html.Number(1e-3 / recorded.SamplingIntervalSeconds, "0.##"),
                    Html.Number(measures.RestMv, "F1"),
                    Html.Number(measures.NoiseMv, "F3"),
                    Html.Number(measures.DriftMv, "F1"),
                    Html.Number(measures.PeakPa, "F0"),
                    Html.Of($"{measures.Spikes.Count}"),
                    Html.Text(string.Join("; ", sweep.Notes)),
                ]
            );
        }
        catch (InvalidDataException e)
        {
            return (null, Row(name, e.Message));
        }
    }

    private static IReadOnlyList<Html> Row(string name, string reason) =>
        [Html.Text(name), .. Enumerable.Repeat(Html.Text(Html.None), 7), Html.Text(reason)];

    private static Figure Picture(string name, Sweep sweep, int spikes)
    {
        var current = FigureStyle.NewPlot("pA", null);
        if (sweep.CurrentPa is { } pa)
            Trace(current, pa, sweep, SeriesColour.Stimulus);
        var voltage = FigureStyle.NewPlot("mV", "time (s)");
        Trace(voltage, sweep.VoltageMv, sweep, SeriesColour.Text);
        return new Figure(
            Invariant.Text($"sweep-{sweep.Number}"),
            name,
            $"{name}: {spikes} spikes.",
            Figure.MediumWidth,
            CurrentHeight + VoltageHeight,
            [(current, CurrentHeight), (voltage, VoltageHeight)]
        );
    }

    private static void Trace(Plot plot, float[] values, Sweep sweep, SeriesColour colour)
    {
        var (seconds, kept) = Envelope.Of(Array.ConvertAll(values, v => (double)v), sweep.SamplingIntervalSeconds);
        FigureStyle.Line(plot, Array.ConvertAll(seconds, s => s + sweep.StartSeconds), kept, colour, 1);
        plot.Axes.Left.TickGenerator = new Plotting::ScottPlot.TickGenerators.NumericAutomatic { TargetTickCount = 2 };
        plot.Axes.AutoScale();
        plot.Axes.Margins(0, 0.12);
        plot.Axes.SetLimitsX(sweep.StartSeconds, sweep.StartSeconds + (values.Length * sweep.SamplingIntervalSeconds));
    }
}
