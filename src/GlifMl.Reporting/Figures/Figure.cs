extern alias Plotting;

using Plotting::ScottPlot;

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
