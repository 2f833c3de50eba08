extern alias Plotting;

using Plotting::ScottPlot;

using SkiaSharp;

namespace GlifMl.Reporting;

/// <summary>
/// Polylines of one colour, drawn as a single path. ScottPlot's own lines would make an element each, and lose their dashes, because Skia's
/// SVG canvas knows no dashes: here they are cut out of the path.
/// </summary>
/// <param name="lines">The polylines in data coordinates; an infinite x is the plot's edge.</param>
/// <param name="ink">Their colour.</param>
/// <param name="width">Their width, pixels.</param>
/// <param name="dashed">Whether they are dashed.</param>
/// <param name="opacity">1 for opaque.</param>
internal sealed class Strokes(IReadOnlyList<Coordinates[]> lines, SeriesColour ink, float width, bool dashed, double opacity = 1)
    : IPlottable
{
    private const float DashPixels = 5,
        GapPixels = 4,
        ShortestPixels = 0.01f;

    public bool IsVisible { get; set; } = true;

    public IAxes Axes { get; set; } = new Axes();

    public IEnumerable<LegendItem> LegendItems => [];

    public AxisLimits GetAxisLimits()
    {
        double[] x = [.. lines.SelectMany(l => l).Select(c => c.X).Where(double.IsFinite)],
            y = [.. lines.SelectMany(l => l).Select(c => c.Y)];
        if (y.Length == 0)
            return AxisLimits.NoLimits;
        return x.Length == 0 ? AxisLimits.VerticalOnly(y.Min(), y.Max()) : new AxisLimits(x.Min(), x.Max(), y.Min(), y.Max());
    }

    public void Render(RenderPack rp)
    {
        using var path = new SKPath();
        foreach (var line in lines)
        {
            var points = Array.ConvertAll(
                line,
                c => new SKPoint(Math.Clamp(Axes.GetPixelX(c.X), rp.DataRect.Left, rp.DataRect.Right), Axes.GetPixelY(c.Y))
            );
            if (dashed)
                AddDashes(path, points);
            else
                path.AddPoly(points, close: false);
        }

        using var paint = new SKPaint
        {
            Color = ink.Color.WithAlpha(opacity).ToSKColor(),
            Style = SKPaintStyle.Stroke,
            StrokeWidth = width,
            IsAntialias = true,
            StrokeJoin = SKStrokeJoin.Round,
        };
        rp.Canvas.DrawPath(path, paint);
    }

    private static void AddDashes(SKPath path, SKPoint[] points)
    {
        var (left, on) = (DashPixels, true);
        for (var i = 1; i < points.Length; i++)
        {
            var (from, step) = (points[i - 1], points[i] - points[i - 1]);
            var length = step.Length;
            for (var done = 0f; done < length; )
            {
                var next = Math.Min(length, done + left);
                if (on)
                {
                    path.MoveTo(from + new SKPoint(step.X * done / length, step.Y * done / length));
                    path.LineTo(from + new SKPoint(step.X * next / length, step.Y * next / length));
                }

                left -= next - done;
                done = next;
                // What rounding leaves of a dash may be too short to move on by, and would be drawn for ever.
                if (left < ShortestPixels)
                    (on, left) = (!on, on ? GapPixels : DashPixels);
            }
        }
    }
}
