namespace GlifMl.Pipelines;

/// <summary>
/// Which rows of a table a figure is drawn of: all of them, or of very many an even draw (Vitter's algorithm R), which is the same for
/// tables of equal length.
/// </summary>
internal sealed class RowSample
{
    /// <summary>At most so many rows are kept: a percentile of them is good to a quarter of a percent.</summary>
    public const int Most = 200_000;

    private readonly Random _random = new(1);

    /// <summary>Rows met so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Where the next row goes; null: nowhere.</summary>
    public int? Next()
    {
        var row = Rows++;
        var place = row < Most ? row : _random.NextInt64(Rows);
        return place < Most ? (int)place : null;
    }

    /// <summary>Puts a row where it goes.</summary>
    public static void Put<T>(List<T> rows, int place, T row)
    {
        if (place == rows.Count)
            rows.Add(row);
        else
            rows[place] = row;
    }
}
