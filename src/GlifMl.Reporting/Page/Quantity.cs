namespace GlifMl.Reporting;

/// <summary>A parameter in the units of a report: those whose numbers are the study's scaled labels.</summary>
internal static class Quantity
{
    /// <summary>The unit in which the study's scale factor leaves the parameter.</summary>
    public static string Unit(string key) => GlifParameter.Of(key).StudyUnit;

    public static string Label(string key) => $"{key} ({Unit(key)})";

    public static double Scaled(string key, double si) => si * GlifParameter.Of(key).StudyScale;
}
