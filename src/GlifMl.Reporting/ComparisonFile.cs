using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>Writes a comparison: one file by its ending, or all forms of it into a folder.</summary>
public static class ComparisonFile
{
    private static readonly string[] Endings = [".md", ".json", ".svg", ".png"];

    /// <summary>Refuses an ending that has no form, and a file that cannot be written to, before anything is trained.</summary>
    /// <param name="path">The path that <see cref="Write"/> is to have.</param>
    /// <param name="inputs">Files that are read, none of which may be written over. Default: none.</param>
    /// <exception cref="ArgumentException">The path has an ending that is none of .md, .json, .svg, .png, or is one of the inputs.</exception>
    public static void RequireForm(string path, IReadOnlyList<string>? inputs = null)
    {
        if (Path.GetExtension(path) is { Length: > 0 } ending && !Endings.Contains(ending))
            throw new ArgumentException(
                $"--out {path}: found ending '{ending}'; expected .md, .json, .svg, .png, or a folder, which gets all of them"
            );
        foreach (var file in Files(path))
            OutputFile.RefuseInputs(file, inputs ?? []);
    }

    /// <summary>Writes a comparison. Each file appears whole or not at all.</summary>
    /// <param name="path">A file; or a folder, without an ending, which gets <c>comparison.md</c>, <c>.json</c>, <c>.svg</c> and <c>.png</c>.</param>
    /// <param name="table">The comparison.</param>
    /// <returns>The files written.</returns>
    /// <exception cref="ArgumentException">The path has an ending that is none of .md, .json, .svg, .png.</exception>
    public static IReadOnlyList<string> Write(string path, ComparisonTable table)
    {
        RequireForm(path);
        var files = Files(path);
        foreach (var file in files)
        {
            switch (Path.GetExtension(file))
            {
                case ".md":
                    OutputFile.WriteAllText(file, ComparisonMarkdown.Of(table));
                    break;
                case ".json":
                    OutputFile.WriteAllText(file, Json.ToText(table));
                    break;
                case ".svg":
                    OutputFile.WriteAllBytes(file, ComparisonFigure.Svg(table));
                    break;
                default:
                    OutputFile.WriteAllBytes(file, ComparisonFigure.Png(table));
                    break;
            }
        }

        return files;
    }

    private static string[] Files(string path) =>
        Path.HasExtension(path) ? [path] : [.. Endings.Select(ending => Path.Combine(path, $"comparison{ending}"))];
}
