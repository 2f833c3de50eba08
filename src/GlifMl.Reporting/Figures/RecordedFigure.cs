extern alias Plotting;
using Plotting::ScottPlot;
using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>A recorded sweep: current, potential and spikes, and under them what neurons do under the same current.</summary>
internal static class RecordedFigure
{
    private const int PanelHeight = 80,
        VoltageHeight = 170,
        RowHeight = 16,
        AxisHeight = 44;
    private const int BandPoints = 300;

    // Of noise that lasts half a minute the beginning shows as much.
    private const double BandSeconds = 2;

    /// <summary>A sweep.</summary>
    /// <param name="name">The figure's file name without an ending.</param>
    /// <param name="title">What stands above it.</param>
    /// <param name="sweep">The sweep.</param>
    /// <param name="neurons">What is beside it, with name and colour; the last one in front.</param>
    /// <param name="band">Neurons of the posterior, whose middle 90 % is shown up to the first recorded spike; null: none.</param>
    public static Figure Of(
        string name,
        string title,
        FittedSweep sweep,
        IReadOnlyList<(string Name, SeriesColour Colour, SimulatedSweep Simulated)> neurons,
        PosteriorBand? band
    )
    {
        var spikeHeight = AxisHeight + (RowHeight * (neurons.Count + 2));
        var words = neurons
            .Select(n => $"{n.Name} {n.Simulated.SpikeSeconds.Length} spikes")
            .Prepend($"recorded {sweep.SpikeSeconds.Length} spikes");
        return new Figure(
            name,
            title,
            $"{title}: {string.Join(", ", words)}.",
            Figure.WideWidth,
            PanelHeight + VoltageHeight + spikeHeight,
            [(Current(sweep), PanelHeight), (Voltage(sweep, neurons, band), VoltageHeight), (Spikes(sweep, neurons), spikeHeight)]
        );
    }

    private static Plot Current(FittedSweep sweep)
    {
        var plot = FigureStyle.NewPlot("current (pA)", null);
        Trace(plot, sweep.CurrentPa.Select(pa => (double)pa), sweep.DtSeconds, SeriesColour.Stimulus, 1.1f);
        return Framed(plot, sweep);
    }

    private static Plot Voltage(
        FittedSweep sweep,
        IReadOnlyList<(string Name, SeriesColour Colour, SimulatedSweep Simulated)> neurons,
        PosteriorBand? band
    )
    {
        var plot = FigureStyle.NewPlot("above rest (mV)", null);
        Trace(plot, sweep.VoltageMv.Select(mv => (double)mv), sweep.DtSeconds, SeriesColour.Text, 1, 0.75);
        if (band is not null)
            Band(plot, sweep, band);
        foreach (var (_, colour, simulated) in neurons)
            Trace(plot, simulated.VoltageMv.Select(mv => (double)mv), sweep.DtSeconds, colour, 1.3f);
        return Framed(plot, sweep);
    }

    private static void Band(Plot plot, FittedSweep sweep, PosteriorBand band)
    {
        var until = Math.Min(
            sweep.SpikeSeconds is [var first, ..] ? first : sweep.DurationSeconds,
            sweep.StimulusSeconds.From + BandSeconds
        );
        var middle = band.Voltages(sweep, until, BandPoints);
        double[] seconds = [.. middle.Select(b => b.Seconds)];
        FigureStyle.Line(plot, seconds, [.. middle.Select(b => b.Low)], SeriesColour.Fitted, 1, dashed: true);
        FigureStyle.Line(plot, seconds, [.. middle.Select(b => b.High)], SeriesColour.Fitted, 1, dashed: true);
    }

    private static Plot Spikes(FittedSweep sweep, IReadOnlyList<(string Name, SeriesColour Colour, SimulatedSweep Simulated)> neurons)
    {
        var plot = FigureStyle.NewPlot("", "time (s)");
        (string Name, SeriesColour Colour, double[] Seconds)[] rows =
        [
            ("recorded", SeriesColour.Text, sweep.SpikeSeconds),
            .. neurons.Select(n => (n.Name, n.Colour, n.Simulated.SpikeSeconds)),
        ];
        FigureStyle.Categories(plot.Axes.Left, [.. rows.Select(row => row.Name)]);
        foreach (var (k, row) in rows.Index())
        {
            Coordinates[][] ticks = [.. row.Seconds.Select(t => new Coordinates[] { new(t, k - 0.36), new(t, k + 0.36) })];
            FigureStyle.Lines(plot, ticks, row.Colour, 1);
            if (row.Seconds.Length == 0)
                FigureStyle.Words(plot, "no spike", sweep.DurationSeconds / 2, k, SeriesColour.Muted, Alignment.MiddleCenter);
        }
        plot.HideGrid();
        plot.Axes.SetLimitsY(rows.Length - 0.4, -0.6);
        plot.Axes.SetLimitsX(0, sweep.DurationSeconds);
        return plot;
    }

    private static void Trace(Plot plot, IEnumerable<double> values, double dt, SeriesColour colour, float width, double opacity = 1)
    {
        var (x, y) = Envelope.Of([.. values], dt);
        FigureStyle.Line(plot, x, y, colour, width, opacity: opacity);
    }

    private static Plot Framed(Plot plot, FittedSweep sweep)
    {
        plot.Axes.AutoScale();
        plot.Axes.Margins(0, 0.08);
        plot.Axes.SetLimitsX(0, sweep.DurationSeconds);
        return plot;
    }
}

/// <summary>How fast a cell fires under steps of current, and how fast neurons do.</summary>
internal static class FiringFigure
{
    private const int Height = 300;
    private const int Points = 60;

    /// <summary>The f-I curve of a cell.</summary>
    /// <param name="steps">Its steps: current (pA) and firing rate (Hz).</param>
    /// <param name="neuron">The published-like neuron.</param>
    /// <param name="band">Neurons of its posterior.</param>
    /// <param name="refined">What the refined neuron does under the same steps; null: there is none.</param>
    public static Figure Of(
        IReadOnlyList<(double Picoamperes, double Hertz)> steps,
        NeuronConfig neuron,
        PosteriorBand band,
        IReadOnlyList<(double Picoamperes, double Hertz)>? refined
    )
    {
        var plot = FigureStyle.NewPlot("spikes (Hz)", "current (pA)");
        var last = Math.Max(1.15 * steps.Max(step => step.Picoamperes), 1.2e12 * neuron.RheobaseAmperes);
        double[] x = [.. Enumerable.Range(0, Points).Select(k => last * k / (Points - 1))];
        var middle = Array.ConvertAll(x, band.Rate);
        FigureStyle.Line(plot, x, [.. middle.Select(m => m.Low)], SeriesColour.Fitted, 1, dashed: true);
        FigureStyle.Line(plot, x, [.. middle.Select(m => m.High)], SeriesColour.Fitted, 1, dashed: true);
        FigureStyle.Line(plot, x, [.. x.Select(pa => PosteriorBand.Rate(neuron, pa))], SeriesColour.Fitted);
        if (refined is not null)
            FigureStyle.Points(
                plot,
                [.. refined.Select(r => r.Picoamperes)],
                [.. refined.Select(r => r.Hertz)],
                SeriesColour.Inferred,
                9,
                MarkerShape.Cross
            );
        FigureStyle.Points(plot, [.. steps.Select(s => s.Picoamperes)], [.. steps.Select(s => s.Hertz)], SeriesColour.Text, 6);
        var highest = Math.Max(steps.Max(s => s.Hertz), PosteriorBand.Rate(neuron, steps.Max(s => s.Picoamperes)));
        plot.Axes.SetLimits(0, last, 0, 1.4 * Math.Max(highest, 5));
        return new Figure(
            "firing",
            "Firing rate under steps",
            "Firing rate of the cell and of the neuron against the current.",
            Figure.WideWidth,
            Height,
            plot
        );
    }
}
