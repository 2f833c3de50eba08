namespace GlifMl.Datasets;

/// <summary>The four kinds of shard columns, each with one storage type.</summary>
internal enum ColumnKind
{
    /// <summary>List of float, fixed length.</summary>
    Trace,

    /// <summary>Double.</summary>
    Label,

    /// <summary>Long.</summary>
    Id,

    /// <summary>Int.</summary>
    Count,
}
