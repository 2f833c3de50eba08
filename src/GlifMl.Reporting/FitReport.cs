using GlifMl.Pipelines;
using GlifMl.Simulation;

namespace GlifMl.Reporting;

/// <summary>The page of one cell: what it is, how that was read, and how its neuron does under the cell's own currents.</summary>
internal static class FitReport
{
    private const int MostSweeps = 8;

    private static readonly (int Parameter, string Name, string Unit)[] Parameters =
    [
        (CellReading.Capacitance, "C", "pF"),
        (CellReading.Resistance, "R_input", "MΩ"),
        (CellReading.Threshold, "th_inf", "mV"),
    ];

    /// <summary>Writes report.html, with report.json and the figures beside it.</summary>
    /// <param name="folder">The cell's folder.</param>
    /// <param name="fit">The cell; one that was read.</param>
    /// <returns>The page's path.</returns>
    public static string Write(string folder, CellFit fit)
    {
        var page = new ReportPage(fit.Cell);
        var band = PosteriorBand.Of(fit);
        Summary(page, fit);
        Responses(page, fit, band);
        Sweeps(page, fit);
        if (fit.Refined is { } refined)
            Refined(page, refined);
        Method(page, fit);
        return page.Write(folder);
    }

    private static void Summary(ReportPage page, CellFit fit)
    {
        page.Section("cell", "The cell");
        page.Callout($"{FitVerdict.Of(fit)}");
        page.Table(
            ["parameter", "value", "90 % from", "to"],
            [
                .. Parameters.Select(p =>
                    (IReadOnlyList<Html>)
                        [
                            Html.Text($"{p.Name} ({p.Unit})"),
                            Html.Number(Math.Exp(fit.Reading!.Log[p.Parameter]), "F1"),
                            Html.Number(fit.Interval(p.Parameter).From, "F1"),
                            Html.Number(fit.Interval(p.Parameter).To, "F1"),
                        ]
                ),
                [
                    Html.Text("El_reference, rest (mV)"),
                    Html.Number(fit.Reading!.RestMv, "F1"),
                    Html.Number(fit.Reading.RestMv - (1.645 * fit.Reading.RestDeviationMv), "F1"),
                    Html.Number(fit.Reading.RestMv + (1.645 * fit.Reading.RestDeviationMv), "F1"),
                ],
            ]
        );
        page.Paragraph(
            $"""
            Potentials of the model are measured from rest. The values are what a published GLIF1 model of the cell would have: resistance
            and capacitance under noise near rheobase, and the threshold that fits noise. A membrane tester’s resistance, from small
            hyperpolarising steps, is about 15 % lower; the potential where spikes begin is about 20 % higher.
            """
        );
        if (fit.Needs.Count > 0)
        {
            page.Heading($"What another sweep would tell");
            foreach (var need in fit.Needs)
                page.Paragraph($"{Capital(need.Text)}.");
        }
        page.Record("cell", fit.Cell);
        page.Record("status", fit.Status);
        page.Record("verdict", FitVerdict.Of(fit));
        page.Record("parameters", CellTable.Named(fit).ToDictionary(pair => pair.Key, pair => pair.Value));
    }

    private static void Responses(ReportPage page, CellFit fit, PosteriorBand band)
    {
        page.Section("responses", "The cell and its neuron");
        (SeriesColour, string)[] legend =
        [
            (SeriesColour.Text, "recorded"),
            (SeriesColour.Fitted, "read (published-like); dashed: 90 % of what is known"),
            .. fit.Refined is { } shown ? new[] { (SeriesColour.Inferred, $"refined, GLIF{shown.Level}") } : [],
        ];
        page.Legend(legend);
        (double, double)[] steps = [.. Rates(fit.Published!, s => s.Sweep.SpikeSeconds)];
        if (steps.Length > 0)
            page.Figures(
                FiringFigure.Of(
                    steps,
                    fit.Published!.Neuron,
                    band,
                    fit.Refined is { } better ? [.. Rates(better.Best, s => s.SpikeSeconds)] : null
                )
            );
        var used = fit.Published!.Sweeps;
        var chosen = Enumerable.Range(0, Math.Min(MostSweeps, used.Count)).Select(k => k * used.Count / Math.Min(MostSweeps, used.Count));
        page.Figures([.. chosen.Select(k => Figure(fit, k, band))]);
        if (used.Count > MostSweeps)
            page.Paragraph($"{MostSweeps} of {used.Count} sweeps, spread over all.");
    }

    private static Figure Figure(CellFit fit, int number, PosteriorBand band)
    {
        var sweep = fit.Sweeps!.Used[number];
        (string, SeriesColour, SimulatedSweep)[] neurons =
        [
            ("read", SeriesColour.Fitted, fit.Published!.Sweeps[number]),
            .. fit.Refined is { } refined ? new[] { ($"refined", SeriesColour.Inferred, refined.Best.Sweeps[number]) } : [],
        ];
        return RecordedFigure.Of($"sweep-{number}", Title(sweep), sweep, neurons, band);
    }

    private static IEnumerable<(double, double)> Rates(NeuronOnSweeps neuron, Func<SimulatedSweep, double[]> spikes) =>
        neuron
            .Sweeps.Where(s => s.Sweep.Features.Kind is SweepKind.Firing or SweepKind.Depolarising)
            .Select(s => (s.Sweep.Features.StepPa, spikes(s).Length / s.Sweep.Features.StepMs * 1e3));

    private static void Sweeps(ReportPage page, CellFit fit)
    {
        page.Section("sweeps", "The sweeps");
        page.Table(
            ["sweep", "kind", "read by", "current (pA)", "spikes", "of the neuron", "explained variance", "error below threshold (mV)"],
            fit.Published!.Sweeps.Select(s =>
                (IReadOnlyList<Html>)
                    [
                        Html.Text(Title(s.Sweep)),
                        Html.Text(FitVerdict.Word(s.Sweep.Features.Kind)),
                        Html.Text(CellPosterior.Reads(s.Sweep.Features) ? "closed form, network" : "closed form alone"),
                        Html.Number(s.Sweep.Features.StepPa, "F0"),
                        Html.Of($"{s.Sweep.SpikeSeconds.Length}"),
                        Html.Of($"{s.SpikeSeconds.Length}"),
                        s.Sweep.SpikeSeconds.Length > 0 ? Html.Number(s.ExplainedVariance, "F2") : Html.Text(Html.None),
                        s.Compared > 0 ? Html.Number(Math.Sqrt(s.SquareMv / s.Compared), "F1") : Html.Text(Html.None),
                    ]
            )
        );
        page.Paragraph(
            $"""
            Explained variance (Teeter et al. 2018): both trains smoothed with a Gaussian of 10 ms; 1 is the same train, 0 an unrelated one.
            Over all sweeps {Html.Number(fit.Published.ExplainedVariance, "F2")}; below threshold, 20 ms after each spike left out, the
            potential is off by {Html.Number(fit.Published.SubthresholdErrorMv, "F1")} mV.
            """
        );
        if (fit.Sweeps!.Skipped.Count > 0)
        {
            page.Heading($"Left out");
            page.Table(["sweep", "why"], fit.Sweeps.Skipped.Select(s => (IReadOnlyList<Html>)[Html.Text(s.Sweep), Html.Text(s.Reason)]));
        }
        foreach (var note in fit.Sweeps.Notes)
            page.Paragraph($"{note}");
        page.Record("explainedVariance", fit.Published.ExplainedVariance);
        page.Record("spikesRecorded", fit.SpikesRecorded);
        page.Record("spikesSimulated", fit.Published.Spikes);
        page.Record("subthresholdErrorMv", fit.Published.SubthresholdErrorMv);
    }

    private static void Refined(ReportPage page, Refined refined)
    {
        page.Section("refined", $"The GLIF{refined.Level} that reproduces these sweeps");
        page.Paragraph(
            $"""
            Another question, and another answer: not what a published model of the cell would be, but which neuron does what the cell did
            here. It was looked for near the first one by {refined.Tried} simulations, and is fitted to the very sweeps it is shown on.
            """
        );
        var (before, after) = (refined.Start, refined.Best);
        page.Table(
            ["", "published-like", "refined"],
            [
                [Html.Text("explained variance"), Html.Number(before.ExplainedVariance, "F2"), Html.Number(after.ExplainedVariance, "F2")],
                [Html.Text("spikes"), Html.Of($"{before.Spikes}"), Html.Of($"{after.Spikes}")],
                [
                    Html.Text("error below threshold (mV)"),
                    Html.Number(before.SubthresholdErrorMv, "F1"),
                    Html.Number(after.SubthresholdErrorMv, "F1"),
                ],
                Row("C (pF)", n => n.EffectiveCapacitanceFarads * 1e12),
                Row("R_input (MΩ)", n => 1e-6 / n.ConductanceSiemens),
                Row("th_inf (mV)", n => 1e3 * n.EffectiveThresholdVolts),
            ]
        );
        page.Record(
            "refined",
            new
            {
                level = refined.Level,
                explainedVariance = after.ExplainedVariance,
                spikes = after.Spikes,
                subthresholdErrorMv = after.SubthresholdErrorMv,
            }
        );

        IReadOnlyList<Html> Row(string name, Func<NeuronConfig, double> of) =>
            [Html.Text(name), Html.Number(of(before.Neuron), "F1"), Html.Number(of(after.Neuron), "F1")];
    }

    private static void Method(ReportPage page, CellFit fit)
    {
        page.Section("method", "How it was read");
        page.Paragraph(
            $"""
            Sweeps {fit.Sweeps!.Numbers()}. What each tells (potential late in a step, 10 ms after its start,
            between spikes, number and latency of spikes, threshold at 20 V/s, deflection and time constant below threshold) is put over
            what the published model of a cell would show; where these ratios lie on real cells is known, and the most probable parameters
            follow. Sweeps of one kind share their errors, so they are averaged and keep one sweep’s width. Steps are also read by a network
            that was trained on simulated cells (models/recordings): values are two parts network and one part this, in logarithms.
            Noise, ramps and pulses the closed form reads alone; where there is noise, it has the last word on R and C.
            """
        );
        page.Paragraph(
            $"""
            The ratios are those of 60 cells of the Allen Cell Types Database (© 2015 Allen Institute for Brain Science,
            celltypes.brain-map.org) and of Teeter et al. 2018, Nature Communications 9:709: adult mouse cortex, near 34 °C. Cells of
            another kind, age or temperature may lie elsewhere.
            """
        );
        page.Facts([
            ("step of the neuron", Html.Of($"{Html.Number(1e6 * fit.Published!.Neuron.DtSeconds, "F1")} µs")),
            ("spike cut", Html.Of($"{Html.Number(1e3 * fit.Published.Neuron.SpikeCutSteps * fit.Published.Neuron.DtSeconds, "F2")} ms")),
            ("misfit", Html.Number(fit.Reading!.Misfit, "F2")),
            .. Notable(fit),
        ]);
    }

    private static IEnumerable<(string, Html)> Notable(CellFit fit)
    {
        FittedSweep[] used = [.. fit.Sweeps!.Used];
        yield return ("noise (mV)", Html.Number(SweepStatistics.Median(used.Select(s => s.Features.NoiseMv)), "F3"));
        yield return ("drift, largest (mV)", Html.Number(used.Select(s => s.Features.DriftMv).MaxBy(Math.Abs), "F1"));
        yield return ("holding current, median (pA)", Html.Number(SweepStatistics.Median(used.Select(s => s.Features.HoldingPa)), "F1"));
        yield return ("bridge, median (MΩ)", Html.Number(SweepStatistics.Median(used.Select(s => s.Features.Onset.BridgeMegaohms)), "F1"));
    }

    private static string Title(FittedSweep sweep)
    {
        var name = sweep.Stimulus.Length > 0 ? $"{sweep.Number} {sweep.Stimulus}" : $"sweep {sweep.Number}";
        return Invariant.Text($"{name}, {sweep.Features.StepPa:F0} pA");
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
