using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>Words what a message about an unknown name advises.</summary>
internal static class UnknownName
{
    /// <summary>The nearest valid name, or all of them when none is near.</summary>
    public static string Advice(string name, IReadOnlyCollection<string> validNames) =>
        NearestName.Suggest(name, validNames) is { } nearest ? $"did you mean '{nearest}'?"
        : validNames.Count == 0 ? "expected none"
        : $"expected one of {string.Join(", ", validNames)}";
}
