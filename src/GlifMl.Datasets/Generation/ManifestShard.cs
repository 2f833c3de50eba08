namespace GlifMl.Datasets;

/// <summary>One shard in the manifest.</summary>
/// <param name="File">File name in the split's folder.</param>
/// <param name="Rows">Traces in it.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
public sealed record ManifestShard(string File, long Rows, long Bytes, string Sha256);
