using System.Security.Cryptography;

namespace GlifMl.Pipelines;

/// <summary>A model's folder in S3, worked on in one of this machine: fetched before, put afterwards.</summary>
/// <param name="storage">Where it is.</param>
/// <param name="address">Its place there.</param>
internal sealed class S3Model(S3Storage storage, S3Address address)
{
    // What says that others are there goes last, and comes last.
    private static readonly string[] Last = ["model.onnx", "predictions.csv", "calibration.csv", "metrics.json", "report/report.html"];

    private readonly HashSet<string> _fetched = new(StringComparer.Ordinal);

    /// <summary>Where it is worked on: below the working directory, as models of this machine are.</summary>
    public string Folder { get; } = Path.Combine(["models", "s3", address.Bucket, .. address.Key.Split('/')]);

    /// <summary>The model in S3 at a path; null where the path is one of this machine.</summary>
    public static S3Model? At(string? path) => S3Address.Is(path) ? new(S3Storage.Default, S3Address.Parse(path!)) : null;

    /// <summary>Where a list or a sweep writes its own results: its folder, or, of one in S3, this machine's.</summary>
    public static string Here(string folder) => At(folder)?.Folder ?? folder;

    /// <inheritdoc/>
    public override string ToString() => address.ToString();

    /// <summary>Brings what differs onto this machine.</summary>
    public void Fetch() => Fetch(Folder);

    /// <summary>Brings what differs into a folder.</summary>
    public void Fetch(string folder)
    {
        var files = storage.List(address, deep: true).OrderBy(file => Place(file.Name)).ThenBy(file => file.Name, StringComparer.Ordinal);
        foreach (var file in files)
        {
            var path = PathOf(folder, file.Name);
            _fetched.Add(file.Name);
            if (!IsSame(path, file))
            {
                // A run that was killed here put nothing: what it left is newer.
                if (File.Exists(path) && File.GetLastWriteTimeUtc(path) > file.Written)
                    continue;
                storage.Fetch(address.Child(file.Name), path);
            }

            // Figures count where they are newer than the model.
            File.SetLastWriteTimeUtc(path, file.Written);
        }
    }

    /// <summary>Puts what differs, and removes what was fetched and is no longer here; what others put meanwhile stays.</summary>
    public void Put() => Put(Folder);

    /// <summary>The same of what is in a folder.</summary>
    public void Put(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        var there = storage.List(address, deep: true).ToDictionary(file => file.Name);
        string[] here =
        [
            .. Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
                .Where(name => name != "checkpoint/lock" && !name.EndsWith(TemporaryName.Suffix, StringComparison.Ordinal))
                .OrderBy(Place)
                .ThenBy(name => name, StringComparer.Ordinal),
        ];
        foreach (var name in here)
        {
            var path = PathOf(folder, name);
            if (!there.TryGetValue(name, out var file) || !IsSame(path, file))
                storage.Put(address.Child(name), path);
        }

        foreach (var name in _fetched.Intersect(there.Keys).Except(here))
            storage.Delete(address.Child(name));
    }

    /// <summary>Puts one file of the folder.</summary>
    public void Put(string folder, string name) => storage.Put(address.Child(name), PathOf(folder, name));

    private static int Place(string name) => Array.IndexOf(Last, name);

    // A server's names lead nowhere but into the folder.
    private static string PathOf(string folder, string name)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        return path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new InvalidDataException(
                $"{Quoted.Text(name)}: found a name that leads out of the model's folder; expected one within"
            );
    }

    private static bool IsSame(string path, S3File file)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != file.Length)
            return false;
        using var stream = File.OpenRead(path);
#pragma warning disable CA5351 // It is the tag that S3 gives a content, and guards nothing.
        return Convert.ToHexStringLower(MD5.HashData(stream)) == file.Tag;
#pragma warning restore CA5351
    }
}
