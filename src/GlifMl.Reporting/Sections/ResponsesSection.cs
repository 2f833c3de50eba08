using GlifMl.Simulation;

namespace GlifMl.Reporting;

/// <summary>
/// The fitted, the inferred and a random neuron under the same currents, and how much of the fitted one's spikes the others explain.
/// </summary>
internal static class ResponsesSection
{
    private const double CloseUpSeconds = 0.25;

    public static void Add(ReportPage page, ReportSource source, IReadOnlyList<Response[]>? window, IReadOnlyList<Response[]> full)
    {
        page.Section("responses", $"Responses of {(source.InferredFault is null ? "three" : "two")} neurons");
        page.Paragraph(
            $"""
            The fitted neuron, {(source.InferredFault is null ? "the one with the inferred parameters, " : "")}and one of the sampled
            configurations, drawn by the definition’s seed. Thresholds are dashed.
            """
        );
        Neurons(page, source.Subjects);
        page.Legend([.. source.Subjects.Select(s => (s.SeriesColour, s.Title))]);
        if (window is not null)
        {
            page.Heading($"The study’s window: the first {1000 * window[0][0].Protocol.DurationSeconds:F0} ms with current");
            page.Figures([.. window.Select(r => ResponseFigure.Of($"window-{r[0].Protocol.Key}", r))]);
        }

        page.Heading($"The full protocols, where spikes do occur");
        page.Paragraph(
            $"""
            Simulated at the fitted neuron’s own step, {1e6 * source.Neuron.DtSeconds:F0} µs, at which its spike cut lasts as long as it was
            fitted to. The noise has the statistics of the Allen Cell Types Database’s and a waveform of our own.
            """
        );
        page.Figures([.. full.Select(r => ResponseFigure.Of($"full-{r[0].Protocol.Key}", r))]);
        if (full.Where(r => r.Any(ResponseFigure.IsTooFastToSee)).ToArray() is { Length: > 0 } fast)
        {
            page.Heading($"A closer look, where a neuron fires too fast for the figures above");
            page.Paragraph($"{1000 * CloseUpSeconds:F0} ms about the strongest current.");
            page.Figures([.. fast.Select(CloseUp)]);
        }

        page.Heading($"Spikes in the full protocols");
        Table(page, source.Subjects, full, "spikes", r => Html.Of($"{r.Trace.SpikeSteps.Length}"));
        Table(page, source.Subjects, full, "first spike (s)", r => Html.Number(FirstSpike(r), "F3"));
        page.Paragraph(
            $"""
            Explained variance of the fitted neuron’s spikes (Teeter et al. 2018): both trains smoothed with a Gaussian of 10 ms; 1 is the
            same train, 0 an unrelated one. Trains that only start and stop together already have some in common. Where neither neuron
            spikes there is nothing to explain.
            """
        );
        Table(page, source.Subjects, full, "explained variance", r => Html.Number(Explained(full.Single(p => p.Contains(r))[0], r), "F3"));
        page.Record("responses", new { studyWindow = window is null ? null : Data(window), full = Data(full) });
    }

    private static void Neurons(ReportPage page, IReadOnlyList<ComparedNeuron> subjects)
    {
        page.Table(
            ["neuron", "C (pF)", "R_input (MΩ)", "El (mV)", "threshold (mV)", "rheobase (pA)"],
            subjects.Select(s =>
                (IReadOnlyList<Html>)
                    [
                        Html.Text(s.Title),
                        Html.Number(s.Neuron.CapacitanceFarads * 1e12, "F1"),
                        Html.Number(s.Neuron.InputResistanceOhms / 1e6, "F1"),
                        Html.Number(1000 * s.Neuron.RestingPotentialVolts, "F1"),
                        Html.Number(1000 * s.Neuron.EffectiveThresholdVolts, "F1"),
                        Html.Number(s.Neuron.RheobaseAmperes * 1e12, "F1"),
                    ]
            )
        );
        foreach (var subject in subjects.Where(s => s.Neuron.RheobaseAmperes < 0))
            page.Paragraph(
                $"""
                The {subject.Title} neuron rests above its threshold, so it fires without any current, and it takes a negative one to
                silence it.
                """
            );
        page.Record(
            "neurons",
            subjects.ToDictionary(
                s => s.Key,
                s => new
                {
                    capacitanceFarads = s.Neuron.CapacitanceFarads,
                    inputResistanceOhms = s.Neuron.InputResistanceOhms,
                    restingPotentialVolts = s.Neuron.RestingPotentialVolts,
                    effectiveThresholdVolts = s.Neuron.EffectiveThresholdVolts,
                    rheobaseAmperes = s.Neuron.RheobaseAmperes,
                }
            )
        );
    }

    private static void Table(
        ReportPage page,
        IReadOnlyList<ComparedNeuron> subjects,
        IReadOnlyList<Response[]> responses,
        string what,
        Func<Response, Html> cell
    ) =>
        page.Table(
            [what, .. subjects.Select(s => s.Title)],
            responses.Select(r => (IReadOnlyList<Html>)[Html.Text(r[0].Protocol.Title), .. r.Select(cell)])
        );

    private static Figure CloseUp(Response[] responses)
    {
        var (whole, amperes) = (responses[0].Protocol, responses[0].StimulusAmperes);
        var steps = Math.Min(whole.Steps, (int)Math.Round(CloseUpSeconds / whole.DtSeconds));
        var strongest = Array.IndexOf(amperes, amperes.MaxBy(Math.Abs));
        var first = Math.Clamp(strongest - (steps / 2), 0, whole.Steps - steps);
        var protocol = whole with { Steps = steps, Title = Invariant.Text($"{whole.Title}, from {first * whole.DtSeconds:F3} s") };
        return ResponseFigure.Of($"close-{whole.Key}", [.. responses.Select(r => r.Stretch(protocol, first))]);
    }

    private static double? FirstSpike(Response response) => response.Trace.GridSpikeTimesSeconds is [var first, ..] ? first : null;

    private static double? Explained(Response fitted, Response other) =>
        SpikeTrainComparison.ExplainedVariance(
            fitted.Trace.GridSpikeTimesSeconds,
            other.Trace.GridSpikeTimesSeconds,
            fitted.Protocol.DurationSeconds
        );

    private static Dictionary<string, Dictionary<string, object>> Data(IReadOnlyList<Response[]> responses) =>
        responses.ToDictionary(
            r => r[0].Protocol.Key,
            r =>
                r.ToDictionary(
                    x => x.ComparedNeuron.Key,
                    x =>
                        (object)
                            new
                            {
                                spikes = x.Trace.SpikeSteps.Length,
                                spikeTimesSeconds = x.Trace.GridSpikeTimesSeconds,
                                peakMv = x.PeakMv,
                                thresholdMv = x.ThresholdMv,
                                badReset = x.Trace.BadReset,
                                explainedVariance = Explained(r[0], x),
                            }
                )
        );
}

/// <summary>The fitted neuron alone.</summary>
internal static class FittedResponsesSection
{
    public static void Add(ReportPage page, IReadOnlyList<Response[]> responses)
    {
        var fitted = responses.Select(r => r[0]).ToArray();
        page.Section("fitted", "What the fitted neuron does");
        page.Paragraph(
            $"""
            Stimulus, membrane potential with the threshold as a dashed line, and spikes, over
            {(fitted.Select(r => r.Protocol.DurationSeconds).Distinct().Count() > 1 ? "up to " : "")}{fitted.Max(r =>
                r.Protocol.DurationSeconds
            ):0.##}
            s. A GLIF’s spikes are its own threshold crossings.
            """
        );
        var highest = fitted.MaxBy(r => r.PeakMv)!;
        if (fitted.Any(r => r.MovingThresholdMv is not null))
            page.Paragraph($"The threshold of this model moves; the one above is that at rest.");
        if (fitted.All(r => r.Trace.SpikeSteps.Length == 0))
            page.Callout(
                $"""
                It never spikes here: it reaches {highest.PeakMv:F1} mV ({highest.Protocol.Title}), and its threshold is
                {highest.ThresholdMv:F2} mV.
                """
            );
        page.Figures([.. fitted.Select(r => ResponseFigure.Of($"fitted-{r.Protocol.Key}", [r]))]);
    }
}
