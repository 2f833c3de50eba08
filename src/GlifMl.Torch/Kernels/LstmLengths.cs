namespace GlifMl.Torch;

/// <summary>Checks the valid lengths of a batch's rows.</summary>
internal static class LstmLengths
{
    /// <summary>The longest trace: a sample's number is compared with a row's length in float lanes, which count exactly to here.</summary>
    public const int Longest = 1 << 24;

    /// <exception cref="ArgumentException">Not one length for each row, or one outside 1 to time.</exception>
    public static void Require(int[]? lengths, LstmGeometry g)
    {
        if (lengths is null)
            return;
        if (lengths.Length != g.Batch)
            throw new ArgumentException($"found {lengths.Length} lengths, expected one for each of {g.Batch} rows", nameof(lengths));
        var row = Array.FindIndex(lengths, length => length < 1 || length > g.Time);
        if (row >= 0)
            throw new ArgumentException($"found length {lengths[row]} in row {row}, expected 1 to {g.Time}", nameof(lengths));
    }
}
