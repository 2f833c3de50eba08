extern alias Plotting;
using GlifMl.Pipelines;
using Plotting::ScottPlot.TickGenerators;

namespace GlifMl.Reporting;

/// <summary>
/// How far answers are off against how wide their posteriors are: the contraction that a posterior claims and the one that it has. Both are
/// in deviations of the prior, of the logarithm where the posterior is over it.
/// </summary>
internal static class WidthFigure
{
    private const int Bins = 10,
        Height = 250;

    // A posterior told nothing has width 1; what is narrower than a thousandth is drawn there.
    private const double Narrowest = 1e-3;

    /// <summary>The figure of one parameter.</summary>
    /// <param name="key">Allen key.</param>
    /// <param name="told">1 less the width of each trace's posterior.</param>
    /// <param name="errors">Answer less truth of each trace, in deviations of the prior.</param>
    public static Figure Of(string key, double[] told, double[] errors)
    {
        var bins = BinsOf(told, errors);
        var plot = FigureStyle.NewPlot("error (rms)", "width of the posterior");
        double Place(double x) => Math.Log10(Math.Max(x, Narrowest));
        var edge = Place(Narrowest);
        FigureStyle.Line(plot, [edge, 0.3], [edge, 0.3], SeriesColour.Text, 1.5f);
        double[] x = [.. bins.Select(bin => Place(bin.Width))],
            y = [.. bins.Select(bin => Place(bin.Error))];
        FigureStyle.Line(plot, x, y, SeriesColour.Fitted, 1.8f);
        FigureStyle.Points(plot, x, y, SeriesColour.Fitted, 7);
        foreach (var axis in new Plotting::ScottPlot.IAxis[] { plot.Axes.Left, plot.Axes.Bottom })
            axis.TickGenerator = new NumericManual([-3, -2, -1, 0], ["0.001", "0.01", "0.1", "1"]);
        plot.Axes.SetLimits(edge - 0.1, 0.3, edge - 0.1, 0.3);
        var (claimed, had) = (1 - Mean(bins.Select(bin => bin.Width * bin.Width)), 1 - Mean(bins.Select(bin => bin.Error * bin.Error)));
        var words = Invariant.Text($"{key}: contraction {claimed:F3} claimed, {had:F3} had").Replace('-', '−');
        return new Figure(
            $"width-{key}",
            words,
            $"Error of the answers against the width of their posteriors, a tenth of the test traces a point. {words}.",
            Figure.MediumWidth,
            Height,
            plot
        );
    }

    /// <summary>The root mean squares of width and error in bins of equally many traces, by width.</summary>
    public static (double Width, double Error)[] BinsOf(double[] told, double[] errors)
    {
        var rows = told.Zip(errors, (t, e) => (Width: 1 - t, Error: e)).OrderBy(row => row.Width).ToArray();
        return
        [
            .. rows.Chunk((rows.Length + Bins - 1) / Bins)
                .Select(bin => (Math.Sqrt(Mean(bin.Select(r => r.Width * r.Width))), Math.Sqrt(Mean(bin.Select(r => r.Error * r.Error))))),
        ];
    }

    /// <summary>Answers less truth, in deviations of the prior.</summary>
    /// <param name="predictions">Answers and truth.</param>
    /// <param name="posterior">What the model says of its posterior.</param>
    /// <param name="k">The parameter's place.</param>
    public static double[] Errors(PredictionFile predictions, PosteriorInfo posterior, int k)
    {
        double Of(double value) => posterior.Logarithmic[k] ? Math.Log(Math.Max(value, double.Epsilon)) : value;
        return
        [
            .. predictions.Truth.Zip(
                predictions.Predicted,
                (truth, answer) => (Of(answer[k]) - Of(truth[k])) / posterior.PriorDeviations[k]
            ),
        ];
    }

    private static double Mean(IEnumerable<double> values) => values.Average();
}
