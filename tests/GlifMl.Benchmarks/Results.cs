using System.Runtime.CompilerServices;
using GlifMl.Lstm;

namespace GlifMl.Benchmarks;

/// <summary>Where results are published: results/PROCESSOR.</summary>
internal static class Results
{
    /// <summary>What this processor's folder is called: a name that may stand in a link.</summary>
    public static string FolderName { get; } = Processor.Name.Replace("(R)", "", StringComparison.Ordinal).Replace(' ', '-');

    /// <summary>This processor's folder, which may not be there yet.</summary>
    public static string Folder { get; } = Path.Combine(All(), FolderName);

    /// <summary>The repository, from the place that this was compiled at.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(All(), "..", "..", ".."));

    /// <summary>The folders of all processors that there are results of.</summary>
    public static IEnumerable<string> Folders() => Directory.GetDirectories(All()).Order(StringComparer.Ordinal);

    private static string All([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "results");
}
