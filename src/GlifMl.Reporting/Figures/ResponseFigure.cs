extern alias Plotting;
using Plotting::ScottPlot;

namespace GlifMl.Reporting;

/// <summary>Stimulus, membrane potential with threshold, and spikes of some neurons under one protocol.</summary>
internal static class ResponseFigure
{
    private const int PanelHeight = 92,
        VoltageHeight = 150,
        RowHeight = 16,
        AxisHeight = 44;
    private const double OthersOpacity = 0.6;

    // Firing that fills its range is a pale band, through which thresholds and the other neurons show.
    private const double FiringOpacity = 0.22;

    // About two pixels of a figure: where each of so short stretches has a spike, the eye sees no single one.
    private const int Stretches = 200;

    /// <summary>Whether a neuron fires so fast, for a while, that the figure cannot show single spikes.</summary>
    public static bool IsTooFastToSee(Response response) => Array.Exists(FiringWithoutPause(response), fires => fires);

    /// <summary>Responses under one protocol.</summary>
    /// <param name="name">The figure's file name without an ending.</param>
    /// <param name="responses">The neurons' responses, the first one in front.</param>
    public static Figure Of(string name, IReadOnlyList<Response> responses)
    {
        var protocol = responses[0].Protocol;
        var spikeHeight = AxisHeight + (RowHeight * (responses.Count + 1));
        var words = string.Join(
            "; ",
            responses.Select(r =>
                Invariant.Text(
                    $"{r.ComparedNeuron.Title} neuron: highest potential {r.PeakMv:F1} mV, threshold "
                        + $"{(r.MovingThresholdMv is null ? "" : "at rest ")}{r.ThresholdMv:F1} mV, {r.Trace.SpikeSteps.Length} spikes"
                )
            )
        );
        return new Figure(
            name,
            protocol.Title,
            $"{protocol.Title}. {words}.",
            Figure.WideWidth,
            PanelHeight + VoltageHeight + spikeHeight,
            [(Stimulus(responses[0]), PanelHeight), (Voltage(responses), VoltageHeight), (Spikes(responses), spikeHeight)]
        );
    }

    private static Plot Stimulus(Response response)
    {
        var plot = FigureStyle.NewPlot("current (pA)", null);
        var (x, y) = Envelope.Of(Array.ConvertAll(response.StimulusAmperes, a => a * 1e12), response.Protocol.DtSeconds);
        FigureStyle.Line(plot, x, y, SeriesColour.Stimulus, 1.1f);
        return Framed(plot, response.Protocol);
    }

    private static Plot Voltage(IReadOnlyList<Response> responses)
    {
        var plot = FigureStyle.NewPlot("potential (mV)", null);
        foreach (var response in responses)
            Threshold(plot, response);
        foreach (var response in responses.Reverse())
        {
            var (x, y) = Envelope.Of(response.VoltageMv, response.Protocol.DtSeconds);
            var firing = FiringWithoutPause(response);
            bool Fires(double seconds) => firing[(int)Math.Min(Stretches - 1, seconds / response.Protocol.DurationSeconds * Stretches)];
            FigureStyle.Line(
                plot,
                x,
                [.. y.Select((v, n) => Fires(x[n]) ? v : double.NaN)],
                response.ComparedNeuron.SeriesColour,
                opacity: FiringOpacity
            );
            FigureStyle.Line(
                plot,
                x,
                [.. y.Select((v, n) => Fires(x[n]) ? double.NaN : v)],
                response.ComparedNeuron.SeriesColour,
                opacity: response == responses[0] ? 1 : OthersOpacity
            );
        }

        return Framed(plot, responses[0].Protocol);
    }

    private static void Threshold(Plot plot, Response response)
    {
        if (response.MovingThresholdMv is not { } moving)
        {
            FigureStyle.Level(plot, response.ThresholdMv, response.ComparedNeuron.SeriesColour);
            return;
        }

        var (x, y) = Envelope.Of(moving, response.Protocol.DtSeconds);
        FigureStyle.Line(plot, x, y, response.ComparedNeuron.SeriesColour, 1.2f, dashed: true, OthersOpacity);
    }

    private static Plot Spikes(IReadOnlyList<Response> responses)
    {
        var plot = FigureStyle.NewPlot("", "time (s)");
        FigureStyle.Categories(plot.Axes.Left, [.. responses.Select(r => r.ComparedNeuron.Title)]);
        foreach (var (row, response) in responses.Index())
        {
            Coordinates[][] ticks =
            [
                .. response.Trace.GridSpikeTimesSeconds.Select(time => new Coordinates[] { new(time, row - 0.36), new(time, row + 0.36) }),
            ];
            FigureStyle.Lines(plot, ticks, response.ComparedNeuron.SeriesColour, 1);
            if (response.Trace.SpikeSteps.Length == 0)
                FigureStyle.Words(plot, "no spike", response.Protocol.DurationSeconds / 2, row, SeriesColour.Muted, Alignment.MiddleCenter);
        }

        plot.HideGrid();
        plot.Axes.SetLimitsY(responses.Count - 0.4, -0.6);
        plot.Axes.SetLimitsX(0, responses[0].Protocol.DurationSeconds);
        return plot;
    }

    /// <summary>For each short stretch of time, whether it and both its neighbours have a spike.</summary>
    private static bool[] FiringWithoutPause(Response response)
    {
        var spikes = new bool[Stretches];
        foreach (var seconds in response.Trace.GridSpikeTimesSeconds)
            spikes[(int)Math.Min(Stretches - 1, seconds / response.Protocol.DurationSeconds * Stretches)] = true;
        return [.. spikes.Select((spike, i) => spike && spikes[Math.Max(0, i - 1)] && spikes[Math.Min(Stretches - 1, i + 1)])];
    }

    private static Plot Framed(Plot plot, Protocol protocol)
    {
        plot.Axes.AutoScale();
        plot.Axes.Margins(0, 0.08);
        plot.Axes.SetLimitsX(0, protocol.DurationSeconds);
        return plot;
    }
}
