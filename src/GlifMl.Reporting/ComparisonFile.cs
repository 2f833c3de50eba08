using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>Writes a comparison: one file by its ending, or all forms of it into a folder.</summary>
public static class ComparisonFile
{
    private static readonly string[] Endings = [".md", ".json", ".svg", ".png"];

    /// <summary>Refuses an ending that has no form, before anything is trained.</summary>
    /// <exception cref="ArgumentException">The path has an ending that is none of .md, .json, .svg, .png.</exception>
    public static void RequireForm(string path)
    {
        if (Path.GetExtension(path) is { Length: > 0 } ending && !Endings.Contains(ending))
            throw new ArgumentException(
                $"--out {path}: found ending '{ending}'; expected .md, .json, .svg, .png, or a folder, which gets all of them"
            );
    }

    /// <summary>Writes a comparison. Each file appears whole or not at all.</summary>
    /// <param name="path">A file; or a folder, without an ending, which gets <c>comparison.md</c>, <c>.json</c>, <c>.svg</c> and <c>.png</c>.</param>
    /// <param name="table">The comparison.</param>
    /// <returns>The files written.</returns>
    /// <exception cref="ArgumentException">The path has an ending that is none of .md, .json, .svg, .png.</exception>
    public static IReadOnlyList<string> Write(string path, ComparisonTable table)
    {
        RequireForm(path);
        string[] files = Path.HasExtension(path) ? [path] : [.. Endings.Select(ending => Path.Combine(path, $"comparison{ending}"))];
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            switch (Path.GetExtension(file))
            {
                case ".md":
                    AtomicFile.WriteAllText(file, ComparisonMarkdown.Of(table));
                    break;
                case ".json":
                    AtomicFile.WriteAllText(file, Json.ToText(table));
                    break;
                case ".svg":
                    AtomicFile.WriteAllBytes(file, ComparisonFigure.Svg(table));
                    break;
                default:
                    AtomicFile.WriteAllBytes(file, ComparisonFigure.Png(table));
                    break;
            }
        }

        return files;
    }
}
