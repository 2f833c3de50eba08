namespace GlifMl.Reporting;

/// <summary>The fitted neuron alone.</summary>
internal static class FittedResponsesSection
{
    public static void Add(ReportPage page, IReadOnlyList<Response[]> responses)
    {
        var fitted = responses.Select(r => r[0]).ToArray();
        page.Section("fitted", "What the fitted neuron does");
        page.Paragraph(
            $"Stimulus, membrane potential with the threshold as a dashed line, and spikes, over {(fitted.Select(r => r.Protocol.DurationSeconds).Distinct().Count() > 1 ? "up to " : "")}{fitted.Max(r => r.Protocol.DurationSeconds):0.##} s. A GLIF’s spikes are its own threshold crossings."
        );
        var highest = fitted.MaxBy(r => r.PeakMv)!;
        if (fitted.Any(r => r.MovingThresholdMv is not null))
            page.Paragraph($"The threshold of this model moves; the one above is that at rest.");
        if (fitted.All(r => r.Trace.SpikeSteps.Length == 0))
            page.Callout(
                $"It never spikes here: it reaches {highest.PeakMv:F1} mV ({highest.Protocol.Title}), and its threshold is {highest.ThresholdMv:F2} mV."
            );
        page.Figures([.. fitted.Select(r => ResponseFigure.Of($"fitted-{r.Protocol.Key}", [r]))]);
    }
}
