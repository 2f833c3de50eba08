extern alias Plotting;
using System.Text;
using System.Text.RegularExpressions;
using Plotting::ScottPlot;
using SkiaSharp;

namespace GlifMl.Reporting;

/// <summary>Plots stacked in one picture.</summary>
/// <param name="Name">Its file name without an ending.</param>
/// <param name="Title">What stands above it on the page.</param>
/// <param name="Description">What it shows, for those who cannot see it.</param>
/// <param name="Width">Width in pixels at which its letters have their nominal size.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Panels">The plots from top to bottom, each with its share of the height.</param>
internal sealed record Figure(
    string Name,
    string Title,
    string Description,
    int Width,
    int Height,
    IReadOnlyList<(Plot Plot, double Share)> Panels
)
{
    /// <summary>The sizes in use: a page puts figures of one size into one row.</summary>
    public const int WideWidth = 400,
        MediumWidth = 280,
        NarrowWidth = 176;

    public Figure(string name, string title, string description, int width, int height, Plot plot)
        : this(name, title, description, width, height, [(plot, 1)]) { }
}

/// <summary>
/// Draws figures: as PNG and SVG files for a light background, and as SVG within a page, which takes its colours from the page.
/// </summary>
internal static partial class FigureRenderer
{
    // Twice the nominal size, so that the file is sharp on dense screens and in print.
    private const int PngScale = 2;

    public static byte[] Png(Figure figure)
    {
        using var surface = SKSurface.Create(new SKImageInfo(figure.Width * PngScale, figure.Height * PngScale));
        surface.Canvas.Scale(PngScale);
        Draw(figure, surface.Canvas, transparent: false);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    public static string Svg(Figure figure) => Svg(figure, transparent: false);

    /// <summary>SVG to stand in a page that defines a CSS variable for each <see cref="SeriesColour"/>.</summary>
    public static string InlineSvg(Figure figure)
    {
        var svg = XmlDeclaration().Replace(Svg(figure, transparent: true), "");
        // Clip paths are named cl_0, cl_1, ... in every drawing; names must differ within one page.
        svg = ClipName().Replace(svg, $"{figure.Name}-$1");
        foreach (var ink in SeriesColour.All)
        {
            svg = svg.Replace($"\"{ink.Light}\"", $"\"var(--{ink.Name})\"", StringComparison.OrdinalIgnoreCase);
            if (NamedColours.TryGetValue(ink.Light, out var name))
                svg = svg.Replace($"\"{name}\"", $"\"var(--{ink.Name})\"", StringComparison.Ordinal);
        }

        svg = FontFamily().Replace(svg, $"font-family=\"{FigureStyle.FontFamilies}\"");
        return SvgSize().Replace(svg, $"<svg$1 viewBox=\"0 0 {figure.Width} {figure.Height}\" role=\"img\"", 1);
    }

    // Skia writes a few colours by name.
    private static readonly Dictionary<string, string> NamedColours = new() { ["#FFFFFF"] = "white" };

    private static string Svg(Figure figure, bool transparent)
    {
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(new SKRect(0, 0, figure.Width, figure.Height), stream))
            Draw(figure, canvas, transparent);
        return Renumbered(Encoding.UTF8.GetString(stream.ToArray()));
    }

    /// <summary>
    /// Clip paths numbered from 0: Skia counts them through the whole process, so that the same figure would differ from run to run.
    /// </summary>
    private static string Renumbered(string svg)
    {
        var numbers = new Dictionary<string, int>();
        return ClipName()
            .Replace(
                svg,
                match =>
                {
                    numbers.TryAdd(match.Value, numbers.Count);
                    return $"cl_{numbers[match.Value]:x}";
                }
            );
    }

    private static void Draw(Figure figure, SKCanvas canvas, bool transparent)
    {
        if (!transparent)
            canvas.Clear(SeriesColour.Page.Color.ToSKColor());
        var shares = figure.Panels.Sum(panel => panel.Share);
        var top = 0f;
        foreach (var (plot, share) in figure.Panels)
        {
            var height = (float)(figure.Height * share / shares);
            plot.Render(canvas, new PixelRect(0, figure.Width, top + height, top));
            top += height;
        }
    }

    [GeneratedRegex(@"^<\?xml[^>]*\?>\s*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex XmlDeclaration();

    [GeneratedRegex(@"\b(cl_[0-9a-f]+)\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ClipName();

    [GeneratedRegex("font-family=\"[^\"]*\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FontFamily();

    [GeneratedRegex("<svg([^>]*?) width=\"[^\"]*\" height=\"[^\"]*\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SvgSize();
}
