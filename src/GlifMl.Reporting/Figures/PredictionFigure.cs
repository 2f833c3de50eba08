extern alias Plotting;
using System.Globalization;
using Plotting::ScottPlot;

using GlifMl.Simulation;

namespace GlifMl.Reporting;

/// <summary>Predicted against true values of one parameter.</summary>
internal static class PredictionFigure
{
    // A grid has few true values, each of which gets a column; beyond that truth is a continuous axis.
    private const int MostColumns = 12;
    private const int Height = 250;

    /// <summary>At most so many points are drawn where truth is a continuous axis.</summary>
    public const int ShownPoints = 400;

    /// <summary>Whether true values are few enough for a column each.</summary>
    public static bool HasColumns(IReadOnlyCollection<double> truth) => truth.Distinct().Count() <= MostColumns;

    public static Figure Of(string key, double[] truth, double[] predicted, double labelMean, double? r2)
    {
        truth = Array.ConvertAll(truth, t => Quantity.Scaled(key, t));
        predicted = Array.ConvertAll(predicted, p => Quantity.Scaled(key, p));
        var plot = FigureStyle.NewPlot($"predicted ({Quantity.Unit(key)})", $"true {Quantity.Label(key)}");
        if (double.IsFinite(labelMean))
            FigureStyle.Level(plot, Quantity.Scaled(key, labelMean), SeriesColour.Mean);
        if (HasColumns(truth))
            Columns(plot, truth, predicted);
        else
            Scatter(plot, truth, predicted);
        var words = r2 is { } value
            ? Invariant.Text($"{key}: R² {value:F3}").Replace('-', '−')
            : $"{key}: R² not defined, the label does not vary";
        return new Figure($"test-{key}", words, $"Predicted against true {key}; {words}.", Figure.MediumWidth, Height, plot);
    }

    private static void Columns(Plot plot, double[] truth, double[] predicted)
    {
        var columns = truth.Zip(predicted).GroupBy(p => p.First, p => p.Second).OrderBy(g => g.Key).ToArray();
        foreach (var (x, column) in columns.Index())
        {
            double[] sorted = [.. column.Order()];
            double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
            FigureStyle.Line(plot, [x - 0.36, x + 0.36], [column.Key, column.Key], SeriesColour.Text, 2);
            FigureStyle.Line(plot, [x, x], [At(0.05), At(0.95)], SeriesColour.Fitted, 1.5f);
            FigureStyle.Line(plot, [x, x], [At(0.25), At(0.75)], SeriesColour.Fitted, 6);
            FigureStyle.Points(plot, [x], [At(0.5)], SeriesColour.Fitted, 9);
        }

        FigureStyle.Categories(plot.Axes.Bottom, [.. columns.Select(c => c.Key.ToString("0.####", CultureInfo.InvariantCulture))]);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(-0.6, columns.Length - 0.4);
    }

    private static void Scatter(Plot plot, double[] truth, double[] predicted)
    {
        var rows = ShownRows(truth.Length);
        FigureStyle.Line(plot, [truth.Min(), truth.Max()], [truth.Min(), truth.Max()], SeriesColour.Text, 1.5f);
        FigureStyle.Points(plot, [.. rows.Select(i => truth[i])], [.. rows.Select(i => predicted[i])], SeriesColour.Fitted, 3);
        plot.Axes.AutoScale();
    }

    /// <summary>Drawn at random: every second point of a Sobol sequence lies in one half of a range.</summary>
    internal static int[] ShownRows(int rows) =>
        [.. new SeededRandom(0, RandomStreams.PredictionFigure).NextPermutation(rows).Take(ShownPoints)];
}
