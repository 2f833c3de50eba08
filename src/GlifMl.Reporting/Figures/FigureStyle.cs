extern alias Plotting;
using System.Globalization;
using Plotting::ScottPlot;
using Plotting::ScottPlot.TickGenerators;

namespace GlifMl.Reporting;

/// <summary>How every plot of the report looks: thin axes left and below, a light grid, letters of one size.</summary>
internal static class FigureStyle
{
    // Fonts of one set of letter widths, so that labels fit on every system as they did where they were measured.
    public const string FontFamilies = "Liberation Sans, Arial, Helvetica, sans-serif";

    private const float LabelSize = 11.5f;
    private const float TickSize = 11;
    private const float LeftPixels = 56;

    private static readonly string Font = FontFamilies.Split(", ").FirstOrDefault(IsInstalled) ?? Fonts.Default;

    /// <summary>An empty plot.</summary>
    /// <param name="yLabel">Label of the vertical axis, with its unit.</param>
    /// <param name="xLabel">
    /// Label of the horizontal axis, with its unit; null: no label and no tick labels, for a plot with another below it.
    /// </param>
    public static Plot NewPlot(string yLabel, string? xLabel)
    {
        var plot = new Plot();
        plot.Font.Set(Font);
        plot.DataBackground.Color = plot.FigureBackground.Color = Colors.Transparent;
        // The figure lays its background once, below all its plots.
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        plot.Axes.Color(SeriesColour.Muted.Color);
        plot.Axes.Right.IsVisible = plot.Axes.Top.IsVisible = false;
        plot.Grid.MajorLineColor = SeriesColour.Grid.Color;
        plot.Grid.MajorLineWidth = 1;
        foreach (var axis in new IAxis[] { plot.Axes.Left, plot.Axes.Bottom })
        {
            axis.FrameLineStyle.Width = 1;
            axis.FrameLineStyle.AntiAlias = false;
            axis.MajorTickStyle.Length = 3;
            axis.MinorTickStyle.Length = 0;
            axis.TickLabelStyle.FontSize = TickSize;
            axis.TickLabelStyle.ForeColor = SeriesColour.Muted.Color;
            axis.Label.FontSize = LabelSize;
            axis.Label.Bold = false;
            axis.Label.ForeColor = SeriesColour.Text.Color;
        }

        plot.Axes.Left.Label.Text = yLabel;
        plot.Axes.Left.MinimumSize = plot.Axes.Left.MaximumSize = LeftPixels;
        // Half of a tick label may stand beyond the last tick.
        plot.Axes.Right.MinimumSize = 14;
        plot.Axes.Top.MinimumSize = 8;
        plot.Axes.Left.TickGenerator = new NumericAutomatic { TargetTickCount = 5, LabelFormatter = Tick };
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { TargetTickCount = 6, LabelFormatter = Tick };
        if (xLabel is null)
        {
            plot.Axes.Bottom.TickLabelStyle.IsVisible = false;
            plot.Axes.Bottom.MinimumSize = plot.Axes.Bottom.MaximumSize = 6;
        }
        else
        {
            plot.Axes.Bottom.Label.Text = xLabel;
        }

        return plot;
    }

    /// <summary>Names at positions 0, 1, 2, ... of an axis instead of numbers.</summary>
    public static void Categories(IAxis axis, IReadOnlyList<string> names)
    {
        axis.TickGenerator = new NumericManual([.. names.Select((_, i) => (double)i)], [.. names]);
        axis.MajorTickStyle.Length = 0;
    }

    /// <summary>A line through points, broken where a value is NaN.</summary>
    public static void Line(
        Plot plot,
        IReadOnlyList<double> x,
        IReadOnlyList<double> y,
        SeriesColour ink,
        float width = 1.4f,
        bool dashed = false,
        double opacity = 1
    )
    {
        var pieces = new List<Coordinates[]>();
        for (var start = 0; start < y.Count; )
        {
            var end = start;
            while (end < y.Count && !double.IsNaN(y[end]))
                end++;
            if (end - start > 1)
                pieces.Add([.. Enumerable.Range(start, end - start).Select(i => new Coordinates(x[i], y[i]))]);
            start = end + 1;
        }

        Lines(plot, pieces, ink, width, dashed, opacity);
    }

    /// <summary>Lines of one colour.</summary>
    public static void Lines(
        Plot plot,
        IReadOnlyList<Coordinates[]> lines,
        SeriesColour ink,
        float width = 1.4f,
        bool dashed = false,
        double opacity = 1
    ) => plot.Add.Plottable(new Strokes(lines, ink, width, dashed, opacity));

    /// <summary>Points without a line.</summary>
    public static void Points(
        Plot plot,
        IReadOnlyList<double> x,
        IReadOnlyList<double> y,
        SeriesColour ink,
        float size = 5,
        MarkerShape shape = MarkerShape.FilledCircle
    )
    {
        if (x.Count == 0)
            return;
        var points = plot.Add.ScatterPoints(x.ToArray(), y.ToArray(), ink.Color);
        (points.MarkerSize, points.MarkerShape) = (size, shape);
    }

    /// <summary>A level across the whole plot.</summary>
    public static void Level(Plot plot, double y, SeriesColour ink, bool dashed = true, float width = 1.2f) =>
        Lines(
            plot,
            [
                [new(double.NegativeInfinity, y), new(double.PositiveInfinity, y)],
            ],
            ink,
            width,
            dashed
        );

    /// <summary>Words at a place in the plot.</summary>
    public static void Words(Plot plot, string text, double x, double y, SeriesColour ink, Alignment alignment)
    {
        var words = plot.Add.Text(text, x, y);
        words.LabelFontSize = TickSize;
        words.LabelFontName = Font;
        words.LabelFontColor = ink.Color;
        words.LabelAlignment = alignment;
    }

    private static string Tick(double value) =>
        Math.Abs(value) < 1e-12 ? "0"
        : Math.Abs(value) is >= 1e5 or < 1e-3 ? value.ToString("0.#e0", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static bool IsInstalled(string name) => SkiaSharp.SKFontManager.Default.FontFamilies.Contains(name);
}

/// <summary>
/// A colour by what it stands for, with its value on a light and on a dark page. The hues are those of Okabe and Ito (2008), "Color
/// Universal Design", which the colour-blind tell apart; the dark values are lighter shades of the same hues.
/// </summary>
/// <param name="Name">Name of the CSS variable that an inline figure takes the colour from.</param>
/// <param name="Light">Hexadecimal value on a light page, and in files.</param>
/// <param name="Dark">Hexadecimal value on a dark page.</param>
internal sealed record SeriesColour(string Name, string Light, string Dark)
{
    public static readonly SeriesColour Text = new("text", "#1F2429", "#E6E9ED");
    public static readonly SeriesColour Muted = new("muted", "#5B6570", "#A3ADB8");
    public static readonly SeriesColour Grid = new("grid", "#DEE3E8", "#343B44");
    public static readonly SeriesColour Page = new("page", "#FFFFFF", "#15191E");
    public static readonly SeriesColour Stimulus = new("stimulus", "#6C7681", "#97A2AE");
    public static readonly SeriesColour Fitted = new("fitted", "#0072B2", "#56B4E9");
    public static readonly SeriesColour Inferred = new("inferred", "#D55E00", "#FF8F4A");
    public static readonly SeriesColour Random = new("random", "#009E73", "#3CCFA4");
    public static readonly SeriesColour Published = new("published", "#B5538C", "#E39AC4");
    public static readonly SeriesColour Mean = new("mean", "#8A6D00", "#E0C14C");

    public static IReadOnlyList<SeriesColour> All { get; } = [Text, Muted, Grid, Page, Stimulus, Fitted, Inferred, Random, Published, Mean];

    public Color Color => Color.FromHex(Light);
}
