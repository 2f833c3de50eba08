extern alias Plotting;

using Plotting::ScottPlot;

namespace GlifMl.Reporting;

/// <summary>Draws from one posterior, two parameters at a time, with the truth.</summary>
internal static class PairFigures
{
    private const int Height = 176;

    public static IReadOnlyList<Figure> Of(PosteriorExample example)
    {
        string[] keys = [.. example.Draws.Keys];
        return keys.Length == 1
            ? [Pair(example, keys[0], keys[0])]
            : [.. keys.Index().SelectMany(first => keys.Skip(first.Index + 1).Select(second => Pair(example, first.Item, second)))];
    }

    private static Figure Pair(PosteriorExample example, string horizontal, string vertical)
    {
        var plot = FigureStyle.NewPlot(Quantity.Label(vertical), Quantity.Label(horizontal));
        double[] Scaled(string key) => Array.ConvertAll(example.Draws[key], value => Quantity.Scaled(key, value));
        FigureStyle.Points(plot, Scaled(horizontal), Scaled(vertical), SeriesColour.Fitted, 2);
        var (x, y) = (Quantity.Scaled(horizontal, example.Truth[horizontal]), Quantity.Scaled(vertical, example.Truth[vertical]));
        FigureStyle.Points(plot, [x], [y], SeriesColour.Text, 9, MarkerShape.Cross);
        plot.Axes.Bottom.TickGenerator = new Plotting::ScottPlot.TickGenerators.NumericAutomatic { TargetTickCount = 3 };
        plot.Axes.AutoScale();
        return new Figure(
            $"pair-{horizontal}-{vertical}",
            $"{horizontal}, {vertical}",
            $"Draws of {horizontal} and {vertical} from one posterior, and the truth.",
            Figure.NarrowWidth,
            Height,
            plot
        );
    }
}

/// <summary>What neurons drawn from one posterior do under the trace's own current, and what the true one does.</summary>
internal static class PredictiveFigure
{
    private const int CurrentHeight = 92,
        VoltageHeight = 210,
        ShownDraws = 3;

    public static Figure Of(PosteriorExample example)
    {
        double[] seconds = [.. Enumerable.Range(0, example.TruthMv.Length).Select(n => n * example.StepSeconds)];
        var current = FigureStyle.NewPlot("current (pA)", null);
        FigureStyle.Line(current, seconds, example.StimulusPa, SeriesColour.Stimulus, 1.1f);
        var voltage = FigureStyle.NewPlot("potential (mV)", "time (s)");
        double At(int time, double share)
        {
            double[] sorted = [.. example.DrawnMv.Select(trace => trace[time]).Where(mv => !double.IsNaN(mv)).Order()];
            return sorted.Length < example.DrawnMv.Count / 2 || sorted.Length == 0
                ? double.NaN
                : sorted[(int)Math.Round(share * (sorted.Length - 1))];
        }

        var times = Enumerable.Range(0, seconds.Length);
        // A stroke from edge to edge at each time, so close that they make a band.
        Coordinates[][] band =
        [
            .. times
                .Select(n => new Coordinates[] { new(seconds[n], At(n, 0.05)), new(seconds[n], At(n, 0.95)) })
                .Where(stroke => !double.IsNaN(stroke[0].Y)),
        ];
        FigureStyle.Lines(voltage, band, SeriesColour.Fitted, 1.6f, opacity: 0.35);
        foreach (var trace in example.DrawnMv.Take(ShownDraws))
            FigureStyle.Line(voltage, seconds, trace, SeriesColour.Fitted, 0.8f, opacity: 0.6);
        FigureStyle.Line(voltage, seconds, example.TruthMv, SeriesColour.Text, 1.2f);
        foreach (var plot in new[] { current, voltage })
        {
            plot.Axes.AutoScale();
            plot.Axes.Margins(0, 0.08);
            plot.Axes.SetLimitsX(0, seconds[^1]);
        }

        return new Figure(
            "predictive",
            "Posterior predictive",
            "The potential of the true neuron, and the range of those drawn from its trace's posterior, under the same current.",
            Figure.WideWidth,
            CurrentHeight + VoltageHeight,
            [(current, CurrentHeight), (voltage, VoltageHeight)]
        );
    }
}
