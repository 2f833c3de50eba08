namespace GlifMl.Datasets;

/// <summary>What a generation did.</summary>
/// <param name="Made">Shards written.</param>
/// <param name="Kept">Shards that were there and valid.</param>
/// <param name="Manifest">The split's manifest; null while other processes still have shards to make.</param>
public sealed record GenerationResult(int Made, int Kept, Manifest? Manifest);
