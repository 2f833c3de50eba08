extern alias Plotting;
using Plotting::ScottPlot;
using GlifMl.Torch;
using Plotting::ScottPlot.TickGenerators;

namespace GlifMl.Reporting;

/// <summary>The learning curve: validation loss against the traces that the network was shown, and against seconds.</summary>
internal static class LearningFigure
{
    private const int PanelHeight = 170;

    /// <summary>The figure; null where nothing was validated, or the traces shown were not counted.</summary>
    /// <param name="epochs">The epochs.</param>
    /// <param name="loss">What the loss is, with its unit.</param>
    public static Figure? Of(IReadOnlyList<EpochRecord> epochs, string loss)
    {
        var validated = epochs.Where(e => e.ValidationLoss is not null && e.TracesSeen > 0).ToArray();
        if (validated.Length < 2)
            return null;
        var losses = Array.ConvertAll(validated, e => e.ValidationLoss!.Value);
        var seen = Array.ConvertAll(validated, e => Math.Log10(e.TracesSeen));
        double[] seconds = [.. validated.Select(e => epochs.TakeWhile(other => other.Epoch <= e.Epoch).Sum(other => other.Seconds))];
        var traces = Panel(seen, losses, loss, "traces shown");
        var (from, to) = ((int)Math.Floor(seen[0]), (int)Math.Ceiling(seen[^1]));
        var powers = Enumerable.Range(from, to - from + 1).ToArray();
        traces.Axes.Bottom.TickGenerator = new NumericManual(
            [.. powers.Select(p => (double)p)],
            [.. powers.Select(p => Invariant.Text($"1e{p}"))]
        );
        traces.Axes.SetLimitsX(from, to);
        var last = validated[^1];
        return new Figure(
            "learning",
            "Learning curve",
            Invariant.Text($"After {last.TracesSeen} traces and {seconds[^1]:F0} s the validation loss is {losses[^1]:F4}."),
            Figure.WideWidth,
            2 * PanelHeight,
            [(traces, PanelHeight), (Panel(seconds, losses, loss, "seconds of training"), PanelHeight)]
        );
    }

    private static Plot Panel(double[] x, double[] losses, string loss, string label)
    {
        var plot = FigureStyle.NewPlot(loss, label);
        FigureStyle.Line(plot, x, losses, SeriesColour.Inferred, 1.8f);
        FigureStyle.Points(plot, x, losses, SeriesColour.Inferred, 6);
        plot.Axes.AutoScale();
        return plot;
    }
}
