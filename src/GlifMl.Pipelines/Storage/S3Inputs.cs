using System.Globalization;
using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>Files in S3 that a command reads: each is brought onto this machine, into a temporary folder.</summary>
internal static class S3Inputs
{
    /// <summary>The files of an input, in their order: the one of that name, else the shards below it, else the recordings.</summary>
    /// <exception cref="FileNotFoundException">There is nothing to read.</exception>
    /// <exception cref="InvalidDataException">Of the shards some are missing; or S3 cannot be asked.</exception>
    public static IReadOnlyList<S3Address> Of(string input)
    {
        var (storage, address) = (S3Storage.Default, S3Address.Parse(input));
        if (storage.LengthOf(address) is not null)
            return [address];
        string[] names = [.. storage.List(address, deep: false).Select(file => file.Name).Order(StringComparer.Ordinal)];
        string[] shards = [.. names.Where(name => name.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))];
        RequireWholeSplit(address, shards);
        var found = shards.Length > 0 ? shards : [.. names.Where(Recordings.HasEnding)];
        return found.Length > 0
            ? [.. found.Select(address.Child)]
            : throw new FileNotFoundException(
                $"{address}: found no such file; expected a shard, a recording, or a prefix of either",
                input
            );
    }

    /// <summary>Brings a file into a folder, and what belongs to it: a shard's checksum.</summary>
    /// <returns>Its path.</returns>
    public static string Fetch(S3Address file, string folder)
    {
        var (storage, path) = (S3Storage.Default, Path.Combine(folder, Path.GetFileName(file.Key)));
        var sum = file with { Key = ShardChecksum.PathOf(file.Key) };
        if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) && storage.LengthOf(sum) is not null)
            storage.Fetch(sum, ShardChecksum.PathOf(path));
        storage.Fetch(file, path);
        return path;
    }

    /// <summary>The same fault, of the file as it was named.</summary>
    public static Exception Renamed(Exception fault, string path, S3Address file) =>
        fault.Message.Contains(path, StringComparison.Ordinal)
            ? new InvalidDataException(fault.Message.Replace(path, file.ToString(), StringComparison.Ordinal), fault)
            : fault;

    private static void RequireWholeSplit(S3Address address, string[] shards)
    {
        // shard-00000-of-00010.parquet
        if (
            shards.Length == 0
            || shards[0].Split('-', '.') is not [_, _, "of", var digits, _]
            || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        )
            return;
        var there = shards.Select(name => ShardName.IndexOf(name, count)).OfType<int>().ToHashSet();
        var missing = Enumerable.Range(0, count).FirstOrDefault(shard => !there.Contains(shard), -1);
        if (missing >= 0)
            throw DatasetErrors.MissingShards(address.ToString(), there.Count, count, ShardName.Of(missing, count));
    }
}

/// <summary>A model's file that a command reads: where it is, or, of one in S3, where it was brought.</summary>
internal sealed class ModelFile : IDisposable
{
    private readonly TemporaryFolder? _folder;

    /// <param name="path">A file of this machine; or one in S3, or the folder there that it is in.</param>
    public ModelFile(string path)
    {
        Path = path;
        if (!S3Address.Is(path))
            return;
        var address = S3Address.Parse(path);
        if (!path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            address = address.Child("model.onnx");
        _folder = TemporaryFolder.Create("s3");
        try
        {
            Path = S3Inputs.Fetch(address, _folder.Path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it is on this machine.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public void Dispose() => _folder?.Dispose();
}
