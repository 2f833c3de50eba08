using System.Security.Cryptography;
using System.Text;

namespace GlifMl.Datasets;

/// <summary>One hash for the data a model was trained on, to be carried in the model's metadata.</summary>
public static class DatasetFingerprint
{
    /// <summary>
    /// SHA-256 over the splits in the order of their names: each name, then its shards' SHA-256 in row order, each on a line of its own.
    /// </summary>
    /// <param name="manifests">Manifests of the splits, in any order.</param>
    /// <returns>Lower-case hexadecimal.</returns>
    /// <exception cref="ArgumentException">No manifests, or two of one split.</exception>
    public static string Compute(IEnumerable<Manifest> manifests)
    {
        Manifest[] splits = [.. manifests.OrderBy(manifest => manifest.Split, StringComparer.Ordinal)];
        if (splits.Length == 0)
            throw new ArgumentException("No manifests given: a fingerprint needs at least one.", nameof(manifests));
        StringBuilder text = new();
        for (var split = 0; split < splits.Length; split++)
        {
            if (split > 0 && splits[split].Split == splits[split - 1].Split)
                throw new ArgumentException($"Split {splits[split].Split} is given twice.", nameof(manifests));
            text.Append(splits[split].Split).Append('\n');
            foreach (var shard in splits[split].Shards)
                text.Append(shard.Sha256).Append('\n');
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
