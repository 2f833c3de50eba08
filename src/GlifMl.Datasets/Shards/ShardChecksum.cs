using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace GlifMl.Datasets;

/// <summary>The checksum file beside each shard, in the format of <c>sha256sum</c>: <c>sha256sum -c *.sha256</c> checks a split.</summary>
internal static class ShardChecksum
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static string PathOf(string shardPath) => shardPath + ".sha256";

    public static void Write(string shardPath, string sha256) =>
        AtomicFile.Write(PathOf(shardPath), file => file.Write(Encoding.ASCII.GetBytes(Line(shardPath, sha256))));

    /// <summary>The hash recorded beside a shard that is there.</summary>
    public static string Require(string shardPath)
    {
        var path = PathOf(shardPath);
        if (!File.Exists(path))
            throw DatasetErrors.ShardWithoutChecksum(shardPath, path);
        var text = File.ReadAllText(path);
        var digits = SHA256.HashSizeInBytes * 2;
        if (text.Length < digits || text != Line(shardPath, text[..digits]) || text.AsSpan(0, digits).ContainsAnyExcept(HexDigits))
            throw DatasetErrors.BadChecksumFile(path);
        return text[..digits];
    }

    public static string Compute(string shardPath)
    {
        using var file = File.OpenRead(shardPath);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static string Line(string shardPath, string sha256) => $"{sha256}  {Path.GetFileName(shardPath)}\n";
}
