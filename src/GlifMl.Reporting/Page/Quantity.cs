using GlifMl.Onnx;

namespace GlifMl.Reporting;

/// <summary>A parameter in the units of a report, those of the terminal as a page sets them: pF, MΩ, mV, µs.</summary>
internal static class Quantity
{
    public static string Unit(string key) =>
        Shown(key).Symbol.Replace("ohm", "Ω", StringComparison.Ordinal).Replace("us", "µs", StringComparison.Ordinal);

    public static string Label(string key) => $"{key} ({Unit(key)})";

    public static double Scaled(string key, double si) => si * Shown(key).PerSi;

    private static ShownUnit Shown(string key) => ShownUnit.Of(GlifParameter.Of(key).Unit);
}
