namespace GlifMl.Reporting;

/// <summary>The recorded cell and the GLIF model fitted to it, the threshold in force spelt out.</summary>
internal static class CellSection
{
    public static void Add(ReportPage page, ReportSource source)
    {
        var neuron = source.Neuron;
        page.Section("cell", "The cell and its model");
        if (PublishedStudy.IsCell(neuron))
        {
            page.Paragraph($"The cell, as the Allen Cell Types Database describes it:");
            page.Facts(PublishedStudy.CellSummary.Select(f => (f.Name, Html.Text(f.Value))));
        }

        var (threshold, coefficient) = (1000 * neuron.ThresholdInfinityVolts, neuron.Coefficients.ThInf);
        page.Heading($"The fitted GLIF model, voltages relative to El_reference");
        page.Facts([
            (GlifParameter.Capacitance, Html.Of($"{neuron.CapacitanceFarads * 1e12:F2} pF")),
            (GlifParameter.InputResistance, Html.Of($"{neuron.InputResistanceOhms / 1e6:F2} MΩ")),
            (GlifParameter.RestingPotential, Html.Of($"{1000 * neuron.RestingPotentialVolts:F2} mV")),
            ("El_reference", Html.Of($"{1000 * neuron.RestingReferenceVolts:F2} mV")),
            (GlifParameter.TimeStep, Html.Of($"{neuron.DtSeconds * 1e6:F1} µs")),
            (GlifParameter.Threshold, Html.Of($"{threshold:F2} mV")),
            ("Coefficient of th_inf", Html.Of($"{coefficient:F4}")),
            ("Threshold in force", Html.Of($"{1000 * neuron.EffectiveThresholdVolts:F2} mV")),
            ("Time constant RC", Html.Of($"{1000 * neuron.MembraneTimeConstantSeconds:F2} ms")),
            ("Rheobase of the model", Html.Of($"{neuron.RheobaseAmperes * 1e12:F1} pA")),
            ("Spike cut", Html.Of($"{1000 * neuron.SpikeCutSteps * neuron.DtSeconds:F3} ms ({neuron.SpikeCutSteps} steps)")),
        ]);
        page.Paragraph(
            $"""
            The threshold in force is th_inf times its coefficient: {threshold:F2} mV × {coefficient:F4} =
            {1000 * neuron.EffectiveThresholdVolts:F2} mV. The coefficient stays in force wherever th_inf varies below.
            """
        );
        if (PublishedStudy.IsCell(neuron))
            page.Paragraph(
                $"""
                Input resistance, time constant and rheobase differ from the cell’s above: those were measured with square steps, the model
                was fitted to its voltage under noise (Teeter et al. 2018).
                """
            );
        if (source.IsStudy)
            page.Paragraph(
                $"""
                (The published notebook lists {coefficient:F4}, the coefficient, as th_inf. And the spike cut counts steps: at the study’s 5
                µs it lasts {1000 * neuron.SpikeCutSteps * 5e-6:F3} ms.)
                """
            );
        page.Record(
            "neuron",
            new
            {
                capacitanceFarads = neuron.CapacitanceFarads,
                inputResistanceOhms = neuron.InputResistanceOhms,
                restingPotentialVolts = neuron.RestingPotentialVolts,
                dtSeconds = neuron.DtSeconds,
                thInfVolts = neuron.ThresholdInfinityVolts,
                thInfCoefficient = coefficient,
                effectiveThresholdVolts = neuron.EffectiveThresholdVolts,
                membraneTimeConstantSeconds = neuron.MembraneTimeConstantSeconds,
                rheobaseAmperes = neuron.RheobaseAmperes,
                spikeCutSteps = neuron.SpikeCutSteps,
            }
        );
    }
}
