extern alias Plotting;

using GlifMl.Pipelines.Reporting.Data;
using Plotting::ScottPlot;

namespace GlifMl.Pipelines.Reporting.Figures;

/// <summary>Stimulus, membrane potential with threshold, and spikes of some neurons under one protocol.</summary>
internal static class ResponseFigure
{
    private const int PanelHeight = 92, VoltageHeight = 150, RowHeight = 16, AxisHeight = 44;
    private const double OthersOpacity = 0.6;

    public static Figure Of(string name, IReadOnlyList<Response> responses)
    {
        var protocol = responses[0].Protocol;
        var spikeHeight = AxisHeight + (RowHeight * (responses.Count + 1));
        var words = string.Join("; ", responses.Select(r => $"{r.Subject.Title} neuron: highest potential {r.PeakMv:F1} mV, threshold {r.ThresholdMv:F1} mV, {r.Trace.SpikeSteps.Length} spikes"));
        return new Figure(
            name, protocol.Title, $"{protocol.Title}. {words}.", Figure.WideWidth, PanelHeight + VoltageHeight + spikeHeight,
            [(Stimulus(responses[0]), PanelHeight), (Voltage(responses), VoltageHeight), (Spikes(responses), spikeHeight)]);
    }

    private static Plot Stimulus(Response response)
    {
        var plot = FigureStyle.NewPlot("current (pA)", null);
        var (x, y) = Envelope.Of(Array.ConvertAll(response.StimulusAmperes, a => a * 1e12), response.Protocol.DtSeconds);
        FigureStyle.Line(plot, x, y, Ink.Stimulus, 1.1f);
        return Framed(plot, response.Protocol);
    }

    private static Plot Voltage(IReadOnlyList<Response> responses)
    {
        var plot = FigureStyle.NewPlot("potential (mV)", null);
        foreach (var response in responses)
            FigureStyle.Level(plot, response.ThresholdMv, response.Subject.Ink);
        foreach (var response in responses.Reverse())
        {
            var (x, y) = Envelope.Of(response.VoltageMv, response.Protocol.DtSeconds);
            // The first neuron stands before the others, which may fire so fast that they fill their range.
            FigureStyle.Line(plot, x, y, response.Subject.Ink, opacity: response == responses[0] ? 1 : OthersOpacity);
        }

        return Framed(plot, responses[0].Protocol);
    }

    private static Plot Spikes(IReadOnlyList<Response> responses)
    {
        var plot = FigureStyle.NewPlot("", "time (s)");
        FigureStyle.Categories(plot.Axes.Left, [.. responses.Select(r => r.Subject.Title)]);
        foreach (var (row, response) in responses.Index())
        {
            Coordinates[][] ticks = [.. response.Trace.GridSpikeTimesSeconds.Select(time => new Coordinates[] { new(time, row - 0.36), new(time, row + 0.36) })];
            FigureStyle.Lines(plot, ticks, response.Subject.Ink, 1);
            if (response.Trace.SpikeSteps.Length == 0)
                FigureStyle.Words(plot, "no spike", response.Protocol.DurationSeconds / 2, row, Ink.Muted, Alignment.MiddleCenter);
        }

        plot.HideGrid();
        plot.Axes.SetLimitsY(responses.Count - 0.4, -0.6);
        plot.Axes.SetLimitsX(0, responses[0].Protocol.DurationSeconds);
        return plot;
    }

    private static Plot Framed(Plot plot, Protocol protocol)
    {
        plot.Axes.AutoScale();
        plot.Axes.Margins(0, 0.08);
        plot.Axes.SetLimitsX(0, protocol.DurationSeconds);
        return plot;
    }
}
