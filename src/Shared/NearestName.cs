namespace GlifMl;

/// <summary>Finds the valid names nearest to a misspelt one, for error messages.</summary>
internal static class NearestName
{
    /// <summary>The valid names ordered by Levenshtein distance (insert, delete, replace; case ignored), then as given.</summary>
    /// <param name="name">The name that was found.</param>
    /// <param name="validNames">The names that would have been valid.</param>
    /// <param name="count">How many to return at most. Default 3.</param>
    public static IReadOnlyList<string> Find(string name, IEnumerable<string> validNames, int count = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return [.. validNames.OrderBy(valid => Distance(name, valid)).Take(count)];
    }

    /// <summary>The one valid name near enough to be meant (at most a third of its length in edits, at least 1), or null.</summary>
    /// <param name="name">The name that was found.</param>
    /// <param name="validNames">The names that would have been valid.</param>
    public static string? Suggest(string name, IEnumerable<string> validNames)
    {
        var nearest = validNames.MinBy(valid => Distance(name, valid));
        return nearest is not null && Distance(name, nearest) <= Math.Max(1, nearest.Length / 3) ? nearest : null;
    }

    /// <summary>The Levenshtein distance of two names, ignoring case.</summary>
    /// <param name="a">One name.</param>
    /// <param name="b">The other name.</param>
    public static int Distance(string a, string b)
    {
        var previous = new int[b.Length + 1];
        var current = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            previous[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = previous[j - 1] + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                current[j] = Math.Min(replace, Math.Min(previous[j], current[j - 1]) + 1);
            }
            (previous, current) = (current, previous);
        }
        return previous[b.Length];
    }
}
