namespace GlifMl.Datasets;

/// <summary>
/// The order in which a cursor, or a set of cursors together, visits the rows: windows of row groups, and in each the rows. Unshuffled, a window
/// is one row group. Shuffled, the row groups are permuted, and the rows of each window among themselves.
/// </summary>
internal sealed class ShardWindows
{
    private readonly ShardRowGroup[] _groups;
    private readonly int _size;
    private readonly int? _seed;

    public ShardWindows(IEnumerable<ShardRowGroup> groups, int shuffleWindow, Random? random)
    {
        _groups = [.. groups];
        _size = random is null ? 1 : shuffleWindow;
        // One draw whatever the number of rows: the caller's generator moves on equally for every view.
        _seed = random?.Next();
        if (_seed is { } seed)
            new Random(seed).Shuffle(_groups);
    }

    public int Count => (_groups.Length + _size - 1) / _size;

    /// <summary>Most row groups in a window.</summary>
    public int GroupsPerWindow => Math.Min(_size, _groups.Length);

    /// <summary>Most rows in a row group.</summary>
    public int MaxGroupRows => _groups.Max(group => group.Rows);

    public ReadOnlySpan<ShardRowGroup> Groups(int window) =>
        _groups.AsSpan(window * _size, Math.Min(_size, _groups.Length - window * _size));

    /// <summary>The rows of a window in visiting order, as (group within the window, row within the group).</summary>
    public (int Group, int Row)[] Rows(int window)
    {
        List<(int Group, int Row)> rows = [];
        var groups = Groups(window);
        for (var group = 0; group < groups.Length; group++)
        {
            foreach (var row in groups[group].Selected)
                rows.Add((group, row));
        }
        (int Group, int Row)[] order = [.. rows];
        // Each window has its own generator, so that the order does not depend on which cursor of a set visits it.
        if (_seed is { } seed)
            new Random(unchecked(seed + (window + 1) * (int)0x9E3779B9)).Shuffle(order);
        return order;
    }
}
