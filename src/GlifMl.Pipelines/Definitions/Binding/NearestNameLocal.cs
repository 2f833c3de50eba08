namespace GlifMl.Pipelines.Definitions;

/// <summary>Finds the name a misspelt one was meant to be.</summary>
internal static class NearestNameLocal
{
    /// <summary>The one valid name near enough to be meant (at most a third of its length in edits, at least 1), case ignored; or null.</summary>
    public static string? Suggest(string name, IEnumerable<string> validNames)
    {
        var nearest = validNames.MinBy(valid => Distance(name.ToUpperInvariant(), valid.ToUpperInvariant()));
        return nearest is not null && Distance(name.ToUpperInvariant(), nearest.ToUpperInvariant()) <= Math.Max(1, nearest.Length / 3) ? nearest : null;
    }

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
