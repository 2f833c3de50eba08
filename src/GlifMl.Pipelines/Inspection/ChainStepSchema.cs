namespace GlifMl.Pipelines;

/// <summary>What one step of a chain adds to the data.</summary>
/// <param name="Step">Its name in the definition; <c>data</c> for the columns of the shards.</param>
/// <param name="Columns">The columns that it adds and their types, such as <c>Single[200, 4]</c>: samples, then channels.</param>
/// <param name="Note">Why the columns are not known; null where they are.</param>
public sealed record ChainStepSchema(string Step, IReadOnlyDictionary<string, string> Columns, string? Note = null);
