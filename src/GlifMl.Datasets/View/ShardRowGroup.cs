namespace GlifMl;

/// <summary>One row group of a <see cref="ShardDataView"/>: the unit of reading and of shuffling.</summary>
public sealed class ShardRowGroup
{
    internal ShardRowGroup(int file, int group, long firstRow, int rows, IReadOnlyList<int>? selected)
    {
        File = file;
        Group = group;
        FirstRow = firstRow;
        Rows = rows;
        Selected = selected ?? new AllRows(rows);
    }

    /// <summary>Number of its first row among all rows of the shards, from 0.</summary>
    public long FirstRow { get; }

    /// <summary>Rows stored in it, all of which are read together.</summary>
    public int Rows { get; }

    /// <summary>The rows that belong to the view, ascending, from 0 within the group: all of them unless the view is a subset.</summary>
    public IReadOnlyList<int> Selected { get; }

    internal int File { get; }

    internal int Group { get; }

    /// <summary>0, 1, 2, ...: a list of a billion rows would take 4 GB.</summary>
    private sealed class AllRows(int count) : IReadOnlyList<int>
    {
        public int Count => count;

        public int this[int index] =>
            (uint)index < (uint)count
                ? index
                : throw new ArgumentOutOfRangeException(nameof(index), $"found row {index}; expected 0 to {count - 1}");

        public IEnumerator<int> GetEnumerator() => Enumerable.Range(0, count).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
