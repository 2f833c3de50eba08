namespace GlifMl.Datasets;

/// <summary>How shards are laid out. Part of the bytes: other options give other files with the same rows.</summary>
public sealed record ShardOptions
{
    /// <summary>Rows a row group, the unit that is read and shuffled at once. Default: 32. At least 1.</summary>
    public int RowGroupRows { get; init; } = 32;

    /// <summary>
    /// Bytes of samples a row group, before compression; longer traces get fewer rows a group, at least one. Default: 64 MiB.
    /// </summary>
    public long RowGroupBytes { get; init; } = 64L << 20;

    /// <summary>Rows that a full row group of <paramref name="schema"/> holds.</summary>
    /// <param name="schema">The columns.</param>
    /// <returns>At least 1, at most <see cref="RowGroupRows"/>.</returns>
    /// <exception cref="ArgumentException">A setting is below 1.</exception>
    public int RowsFor(ShardSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (RowGroupRows < 1 || RowGroupBytes < 1)
            throw new ArgumentException(
                $"Row groups cannot have {RowGroupRows} rows and {RowGroupBytes} bytes: expected at least 1 of each."
            );
        // 256 MiB a column keeps the level buffers, one int a value, indexable whatever the settings.
        var bytes = Math.Min(RowGroupBytes, 256L << 20);
        return (int)Math.Clamp(bytes / schema.RowBytes, 1, RowGroupRows);
    }
}
