extern alias Plotting;

using Plotting::ScottPlot;

namespace GlifMl.Reporting;

/// <summary>
/// A colour by what it stands for, with its value on a light and on a dark page. The hues are those of Okabe and Ito (2008), "Color Universal
/// Design", which the colour-blind tell apart; the dark values are lighter shades of the same hues.
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
