extern alias Plotting;
using Plotting::ScottPlot;

using GlifMl.Simulation;

namespace GlifMl.Reporting;

/// <summary>The study's "spikes": its slope detector beside the simulator's threshold crossings.</summary>
internal static class SpikesSection
{
    public static void Add(ReportPage page, ReportSource source, IReadOnlyList<Response[]>? window)
    {
        if (window is null)
            return;
        page.Section("spikes", "Why the study’s spikes are not spikes");
        page.Paragraph(
            $"""
            The study counted upward crossings of dV/dt (one each time that it has been below zero in between), the first step of a detector
            for recordings, where the cutoff is {PutativeSpikes.RecordingCutoffVoltsPerSecond:F0} V/s. It used
            {PublishedStudy.FittedCutoffVoltsPerSecond:0.###} V/s for the fitted neuron and {PublishedStudy.OtherCutoffVoltsPerSecond:0.###}
            V/s for the others. The fitted neuron’s potential never comes near its threshold in that window: what was found are rises that
            follow the noise.
            """
        );
        var samples = source.Definition.Dataset.Trace.Samples;
        var counts = window.Select(r => (r[0].Protocol, Counts: r.Select(x => Count(x, samples)).ToArray())).ToArray();
        foreach (var (i, subject) in source.Subjects.Index())
        {
            page.Heading($"The {subject.Title} neuron in the study’s window");
            page.Table(
                [
                    "stimulus",
                    "spikes",
                    Invariant.Text($"dV/dt > {Cutoff(subject):0.###} V/s"),
                    "dV/dt > 20 V/s",
                    .. i == 0 ? ["study’s stored count"] : Array.Empty<string>(),
                ],
                counts.Select(c =>
                    (IReadOnlyList<Html>)
                        [
                            Html.Text(c.Protocol.Title),
                            Html.Of($"{c.Counts[i].Spikes}"),
                            Html.Of($"{c.Counts[i].AtStudyCutoff}"),
                            Html.Of($"{c.Counts[i].AtRecordingCutoff}"),
                            .. i == 0 ? [Html.Of($"{PublishedStudy.StoredFittedSpikeCounts[c.Protocol.Key]}")] : Array.Empty<Html>(),
                        ]
                )
            );
        }

        if (counts.Any(c => c.Counts.Any(x => x.Spikes > 0)))
            page.Paragraph(
                $"""
                Where a neuron does spike, the study left its cut out, so that the potential jumps at the reset; the detector’s filter rings
                about the jump, and one spike may be counted more than once.
                """
            );
        page.Paragraph(
            $"""
            The noise here is read off the study’s figures, so a count may differ by one from what the study stored
            (<code>files/spike_count_dict.npy</code>). Its notebook’s table for the fitted, inferred and random neuron comes from a longer
            window, whose noise is not published: {Published(window)}. ({PublishedStudy.Source}.)
            """
        );
        page.Legend((SeriesColour.Fitted, "fitted neuron"), (SeriesColour.Published, "what the study’s detector reports, and its cutoff"));
        page.Figures([.. window.Take(2).Select(r => SlopeFigure(r[0], samples))]);
        page.Paragraph(
            $"""
            For recordings GlifMl has a detector with all the steps that make candidates into spikes: peak, height, time to peak, threshold
            at a share of the upstroke.
            """
        );
        page.Record(
            "slopeDetector",
            counts.ToDictionary(c => c.Protocol.Key, c => source.Subjects.Zip(c.Counts).ToDictionary(p => p.First.Key, p => p.Second))
        );
    }

    private static double Cutoff(ComparedNeuron subject) =>
        subject.Key == "fitted" ? PublishedStudy.FittedCutoffVoltsPerSecond : PublishedStudy.OtherCutoffVoltsPerSecond;

    private static SlopeCounts Count(Response response, int samples)
    {
        var (slope, _) = Slope(response, samples);
        return new SlopeCounts(
            response.Trace.SpikeSteps.Length,
            Cutoff(response.ComparedNeuron),
            PutativeSpikes.Find(slope, Cutoff(response.ComparedNeuron)).Count,
            PutativeSpikes.Find(slope).Count
        );
    }

    /// <summary>The slope of the first samples outside spike cuts, as the study took it, and those samples.</summary>
    private static (double[] Slope, double[] VoltageMv) Slope(Response response, int samples)
    {
        double[] kept = [.. response.VoltageMv.Where(v => !double.IsNaN(v)).Take(samples)];
        return (PutativeSpikes.Slope(kept, response.Protocol.DtSeconds), kept);
    }

    private static Html Published(IReadOnlyList<Response[]> window) =>
        Html.Join(
            "; ",
            window.Select(r =>
            {
                var counts = PublishedStudy.SpikeCounts[r[0].Protocol.Key];
                return Html.Of($"{r[0].Protocol.Title} {counts[0]}, {counts[1]}, {counts[2]}");
            })
        );

    private static Figure SlopeFigure(Response response, int samples)
    {
        var (slope, voltage) = Slope(response, samples);
        var dt = response.Protocol.DtSeconds;
        var found = PutativeSpikes.Find(slope, PublishedStudy.FittedCutoffVoltsPerSecond);
        double[] times = [.. found.Select(n => n * dt)];

        var top = FigureStyle.NewPlot("potential (mV)", null);
        FigureStyle.Level(top, response.ThresholdMv, SeriesColour.Fitted);
        var (x, y) = Envelope.Of(voltage, dt);
        FigureStyle.Line(top, x, y, SeriesColour.Fitted);
        FigureStyle.Points(top, times, [.. found.Select(n => voltage[n])], SeriesColour.Published, 6);
        // Below its line: above it there is only the plot's edge.
        FigureStyle.Words(top, "threshold", x[^1], response.ThresholdMv, SeriesColour.Muted, Alignment.UpperRight);

        var bottom = FigureStyle.NewPlot("dV/dt (V/s)", "time (s)");
        (x, y) = Envelope.Of(slope, dt);
        FigureStyle.Line(bottom, x, y, SeriesColour.Fitted, 1.1f);
        FigureStyle.Level(bottom, PublishedStudy.FittedCutoffVoltsPerSecond, SeriesColour.Published);
        FigureStyle.Points(bottom, times, [.. found.Select(_ => PublishedStudy.FittedCutoffVoltsPerSecond)], SeriesColour.Published, 6);
        foreach (var plot in new[] { top, bottom })
        {
            plot.Axes.AutoScale();
            plot.Axes.Margins(0, 0.12);
            plot.Axes.SetLimitsX(0, voltage.Length * dt);
        }

        return new Figure(
            $"slope-{response.Protocol.Key}",
            $"{response.Protocol.Title}: {found.Count} “spikes” by dV/dt, {response.Trace.SpikeSteps.Length} by threshold",
            $"The fitted neuron's potential stays below its threshold; dV/dt crosses the study's cutoff {found.Count} times.",
            Figure.WideWidth,
            320,
            [(top, 1), (bottom, 1.15)]
        );
    }

    /// <summary>Spikes of one response, counted three ways.</summary>
    private sealed record SlopeCounts(int Spikes, double StudyCutoffVoltsPerSecond, int AtStudyCutoff, int AtRecordingCutoff);
}
