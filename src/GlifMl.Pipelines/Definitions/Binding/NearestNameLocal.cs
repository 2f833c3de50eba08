namespace GlifMl.Pipelines.Definitions;

/// <summary>Finds the name a misspelt one was meant to be.</summary>
internal static class NearestNameLocal
{
    /// <summary>The nearest of some names by Levenshtein distance, case apart.</summary>
    /// <returns>The first of the nearest, or null when even that differs in more than a third of the longer name's letters.</returns>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        var nearest = candidates
            .Select(candidate => (Name: candidate, Distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= Math.Max(1, Math.Max(name.Length, candidate.Name.Length) / 3))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();
        return nearest.Name;
    }

    /// <summary>The end of a message about an unknown name: the nearest valid one, or all of them.</summary>
    public static string Advice(string name, IReadOnlyCollection<string> candidates) =>
        Find(name, candidates) is { } nearest ? $"did you mean '{nearest}'?"
        : candidates.Count == 0 ? "expected none"
        : $"expected one of {string.Join(", ", candidates)}";

    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        var current = new int[b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }
            (previous, current) = (current, previous);
        }
        return previous[b.Length];
    }
}
