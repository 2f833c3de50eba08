namespace GlifMl.Datasets;

/// <summary>One row group of a <see cref="ShardDataView"/>: the unit of reading and of shuffling.</summary>
public sealed class ShardRowGroup
{
    internal ShardRowGroup(int file, int group, long firstRow, int rows, IReadOnlyList<int>? selected)
    {
        File = file;
        Group = group;
        FirstRow = firstRow;
        Rows = rows;
        Selected = selected ?? [.. Enumerable.Range(0, rows)];
    }

    /// <summary>Number of its first row among all rows of the shards, from 0.</summary>
    public long FirstRow { get; }

    /// <summary>Rows stored in it, all of which are read together.</summary>
    public int Rows { get; }

    /// <summary>The rows that belong to the view, ascending, from 0 within the group: all of them unless the view is a subset.</summary>
    public IReadOnlyList<int> Selected { get; }

    internal int File { get; }

    internal int Group { get; }
}
