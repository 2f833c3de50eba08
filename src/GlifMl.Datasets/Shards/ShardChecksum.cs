using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace GlifMl.Datasets;

/// <summary>
/// The SHA-256 of a shard, in a file beside it in the format of <c>sha256sum</c>, so that <c>sha256sum -c *.sha256</c> checks a split, and
/// once more in the manifest. What was written is checked when it is read, once a file and process.
/// </summary>
internal static class ShardChecksum
{
    private const int BlockBytes = 1 << 20;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Files whose bytes this process knows, as they were then.</summary>
    private static readonly ConcurrentDictionary<string, FileState> Known = new(StringComparer.Ordinal);

    public static string PathOf(string shardPath) => shardPath + ".sha256";

    public static void Write(string shardPath, string sha256) =>
        AtomicFile.Write(PathOf(shardPath), file => file.Write(Encoding.ASCII.GetBytes(Line(shardPath, sha256))));

    /// <summary>The hash recorded beside a shard that is there.</summary>
    public static string Require(string shardPath)
    {
        var folder = Path.GetDirectoryName(shardPath) ?? "";
        return Require(new LocalFiles(folder), Path.GetFileName(shardPath));
    }

    /// <summary>The same, of a shard wherever it is.</summary>
    public static string Require(IFileStore files, string shard)
    {
        var (shardPath, path) = (files.PathOf(shard), files.PathOf(PathOf(shard)));
        if (!files.Exists(PathOf(shard)))
            throw DatasetErrors.ShardWithoutChecksum(shardPath, path);
        using var reader = new StreamReader(files.OpenRead(PathOf(shard)));
        var text = reader.ReadToEnd();
        var digits = SHA256.HashSizeInBytes * 2;
        if (text.Length < digits || text != Line(shardPath, text[..digits]) || text.AsSpan(0, digits).ContainsAnyExcept(HexDigits))
            throw DatasetErrors.BadChecksumFile(path);
        return text[..digits];
    }

    /// <summary>Checks a shard against the hash beside it, unless that was done; false where there is none.</summary>
    /// <exception cref="InvalidDataException">The shard has other bytes than were written.</exception>
    public static bool Verify(string shardPath, CancellationToken cancellation)
    {
        var path = Path.GetFullPath(shardPath);
        // Taken before the bytes are read: a change in between shows the next time.
        var state = FileState.Of(path);
        if (Known.TryGetValue(path, out var known) && known == state)
            return true;
        if (Expected(shardPath) is not { } expected)
            return false;
        var found = Compute(shardPath, cancellation);
        if (found != expected)
            throw DatasetErrors.CorruptShard(shardPath, found, expected);
        Known[path] = state;
        return true;
    }

    /// <summary>Remembers that the bytes of a file are those that its hash was made of.</summary>
    public static void Remember(string shardPath)
    {
        var path = Path.GetFullPath(shardPath);
        Known[path] = FileState.Of(path);
    }

    public static string Compute(string shardPath, CancellationToken cancellation = default)
    {
        using FileStream file = new(shardPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            while (file.Read(block) is > 0 and var bytes)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(block, 0, bytes);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string? Expected(string shardPath) =>
        File.Exists(PathOf(shardPath))
            ? Require(shardPath)
            : Manifest.Sha256Of(Path.GetDirectoryName(Path.GetFullPath(shardPath))!, Path.GetFileName(shardPath));

    private static string Line(string shardPath, string sha256) => $"{sha256}  {Path.GetFileName(shardPath)}\n";

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct FileState(long Length, DateTime Written)
    {
        public static FileState Of(string path)
        {
            FileInfo file = new(path);
            return new(file.Length, file.LastWriteTimeUtc);
        }
    }
}
