namespace GlifMl.Reporting;

/// <summary>
/// The parameters of the fitted neuron beside those inferred from its voltage, with the label mean so that one sees what was learnt.
/// </summary>
internal static class InferredSection
{
    public static void Add(ReportPage page, ReportSource source)
    {
        page.Section("inferred", "Original and inferred parameters");
        page.Paragraph(
            $"""
            The model is given the voltage that the test stimulus evokes in the fitted
            neuron{(source.ReadsStimulus ? ", and the stimulus" : "")}. One that has learnt nothing about a parameter answers its label
            mean, whatever the neuron.
            """
        );
        if (source.IsStudy)
            page.Paragraph(
                $"""
                For C, R_input and th_inf the published values lie nearer to the label means than to the neuron’s own; for El and dt the two
                all but coincide, so that they tell nothing.
                """
            );
        page.Legend([
            (SeriesColour.Fitted, "original"),
            (SeriesColour.Inferred, "inferred by this model"),
            (SeriesColour.Mean, "label mean"),
            .. source.IsStudy ? [(SeriesColour.Published, "inferred by the published study")] : Array.Empty<(SeriesColour, string)>(),
        ]);
        var rows = source.Inferred.Keys.Select(key => (Key: key, Bars: Bars(source, key))).ToArray();
        page.Figures([.. rows.Select(r => Figure(r.Key, r.Bars))]);
        page.Table(
            ["parameter", .. rows[0].Bars.Select(b => b.Name)],
            rows.Select(r => (IReadOnlyList<Html>)[Html.Text(Quantity.Label(r.Key)), .. r.Bars.Select(b => Html.Number(b.Value, "0.##"))])
        );
        page.Record("inferred", rows.ToDictionary(r => r.Key, r => r.Bars.ToDictionary(b => b.Name, b => b.Value)));
        if (source.InferredFault is { } fault)
            page.Callout($"No neuron can have the inferred parameters ({fault}), so the comparisons below go without it.");
        page.Paragraph(
            $"""
            The neurons as Allen <code>neuron_config</code> files, which AllenSDK loads:
            {Html.Join(", ", source.Subjects.Select(s => Html.Of($"<code>neurons/{s.Key}_neuron_config.json</code>")))}.
            """
        );
    }

    private static (string Name, double Value, SeriesColour SeriesColour)[] Bars(ReportSource source, string key) =>
        [
            ("original", Quantity.Scaled(key, source.Neuron.Get(key)), SeriesColour.Fitted),
            ("inferred", Quantity.Scaled(key, source.Inferred[key]), SeriesColour.Inferred),
            .. source.LabelMeans.TryGetValue(key, out var mean)
                ? [("label mean", Quantity.Scaled(key, mean), SeriesColour.Mean)]
                : Array.Empty<(string, double, SeriesColour)>(),
            .. source.IsStudy
                ? [("published", Quantity.Scaled(key, PublishedStudy.Inferred[key]), SeriesColour.Published)]
                : Array.Empty<(string, double, SeriesColour)>(),
        ];

    private static Figure Figure(string key, (string Name, double Value, SeriesColour SeriesColour)[] bars)
    {
        var plot = FigureStyle.NewPlot(Quantity.Label(key), "");
        foreach (var (x, bar) in bars.Index())
        {
            var drawn = plot.Add.Bar(x, bar.Value);
            drawn.Color = bar.SeriesColour.Color;
            drawn.Bars[0].LineWidth = 0;
            drawn.Bars[0].Size = 0.72;
        }

        FigureStyle.Level(plot, 0, SeriesColour.Muted, dashed: false, width: 1);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(-0.6, bars.Length - 0.4);
        FigureStyle.Categories(plot.Axes.Bottom, []);
        return new Figure(
            $"inferred-{key}",
            key,
            $"{key} in {Quantity.Unit(key)}: {string.Join(", ", bars.Select(b => Invariant.Text($"{b.Name} {b.Value:0.##}")))}.",
            Reporting.Figure.NarrowWidth,
            200,
            plot
        );
    }
}
