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
        var address = S3Address.Parse(input);
        if (Exists(address))
            return [address];
        var names = Below(address);
        string[] shards = [.. names.Where(name => name.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))];
        RequireWholeSplit(address, shards);
        return Found(address, shards.Length > 0 ? shards : RecordingsAmong(address, names), "a shard, a recording, or a prefix of either");
    }

    /// <summary>The recordings of an input, in their order: the one of that name, else those below it.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">S3 cannot be asked.</exception>
    public static IReadOnlyList<S3Address> RecordingsOf(string input)
    {
        var address = S3Address.Parse(input);
        return Exists(address) ? [address] : Found(address, RecordingsAmong(address, Below(address)), "a recording, or a prefix of some");
    }

    /// <summary>Whether there is such a file.</summary>
    public static bool Exists(S3Address file) => S3Storage.Default.LengthOf(file) is not null;

    /// <summary>Brings a file into a folder, and what belongs to it: a shard's checksum, the other one of a pair of Igor's waves.</summary>
    /// <returns>Its path.</returns>
    public static string Fetch(S3Address file, string folder)
    {
        var (storage, path) = (S3Storage.Default, Path.Combine(folder, Path.GetFileName(file.Key)));
        var sum = file with { Key = ShardChecksum.PathOf(file.Key) };
        if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) && storage.LengthOf(sum) is not null)
            storage.Fetch(sum, ShardChecksum.PathOf(path));
        if (Path.GetExtension(path).Equals(IgorFile.Ending, StringComparison.OrdinalIgnoreCase))
        {
            var beside = file with { Key = Path.GetDirectoryName(file.Key)!.Replace('\\', '/') };
            foreach (var other in Below(beside).Where(name => IgorFile.MayBePaired(file.Key, name)))
                storage.Fetch(beside.Child(other), Path.Combine(folder, other));
        }

        storage.Fetch(file, path);
        return path;
    }

    /// <summary>The same fault, of the file as it was named.</summary>
    public static Exception Renamed(Exception fault, string path, S3Address file) =>
        fault.Message.Contains(path, StringComparison.Ordinal)
            ? new InvalidDataException(fault.Message.Replace(path, file.ToString(), StringComparison.Ordinal), fault)
            : fault;

    private static string[] Below(S3Address address) =>
        [.. S3Storage.Default.List(address, deep: false).Select(file => file.Name).Order(StringComparer.Ordinal)];

    private static string[] RecordingsAmong(S3Address address, string[] names)
    {
        return [.. names.Where(name => Recordings.HasEnding(name) && !IsOfCurrent(name))];

        // Of a pair of Igor's waves the file of voltage is the recording; which one it is stands in them alone.
        bool IsOfCurrent(string name)
        {
            if (!names.Any(other => IgorFile.MayBePaired(name, other)))
                return false;
            using var folder = TemporaryFolder.Create("s3");
            return IgorFile.IsOfCurrent(Fetch(address.Child(name), folder.Path));
        }
    }

    private static IReadOnlyList<S3Address> Found(S3Address address, string[] names, string expected) =>
        names.Length > 0
            ? [.. names.Select(address.Child)]
            : throw new FileNotFoundException($"{address}: found no such file; expected {expected}", $"{address}");

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

/// <summary>A file that a command reads: where it is, or, of one in S3, where it was brought until this is disposed.</summary>
internal sealed class InputFile : IDisposable
{
    private readonly S3Address? _remote;
    private readonly TemporaryFolder? _folder;

    /// <param name="name">A file of this machine, or one in S3.</param>
    /// <exception cref="FileNotFoundException">There is none of that name in S3.</exception>
    public InputFile(string name)
    {
        Path = name;
        if (!S3Address.Is(name))
            return;
        _remote = S3Address.Parse(name);
        _folder = TemporaryFolder.Create("s3");
        try
        {
            Path = S3Inputs.Fetch(_remote, _folder.Path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it is on this machine.</summary>
    public string Path { get; }

    /// <summary>A model's.</summary>
    /// <param name="path">The file; or one in S3, or the folder there that it is in.</param>
    public static InputFile OfModel(string path) =>
        new(
            S3Address.Is(path) && !path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)
                ? S3Address.Parse(path).Child("model.onnx").ToString()
                : path
        );

    /// <summary>What is said of it, of the file as it was named.</summary>
    public string Named(string text) => _remote is null ? text : text.Replace(Path, _remote.ToString(), StringComparison.Ordinal);

    /// <summary>Does something with the file on this machine; what is at fault is said of the file as it was named.</summary>
    public T Read<T>(Func<string, T> read)
    {
        try
        {
            return read(Path);
        }
        catch (Exception e) when (_remote is not null && e.Message.Contains(Path, StringComparison.Ordinal))
        {
            throw S3Inputs.Renamed(e, Path, _remote);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder?.Dispose();
}
