namespace GlifMl.Pipelines;

/// <summary>A cell, and the files that hold its sweeps.</summary>
/// <param name="Name">The cell's name: also that of its folder.</param>
/// <param name="Files">The recordings.</param>
internal sealed record CellInput(string Name, IReadOnlyList<string> Files)
{
    /// <summary>Reads what stands on the command line: files, each a cell; folders of such; <c>CELL=FILE,FILE</c>; in S3 too.</summary>
    /// <exception cref="ArgumentException">A name is none, or two cells have the same.</exception>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    public static IReadOnlyList<CellInput> Parse(IEnumerable<string> inputs)
    {
        var cells = inputs.SelectMany(Cells).ToArray();
        foreach (var same in cells.GroupBy(cell => cell.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            throw new ArgumentException(
                $"found {same.Count()} cells named {Quoted.Of(same.Key)} ({same.First().Files[0]}, {same.Last().Files[0]}); "
                    + "expected different names: give them one each with NAME=FILE"
            );
        }
        return cells;
    }

    private static IEnumerable<CellInput> Cells(string input)
    {
        if (S3Address.Is(input))
            return S3Inputs.RecordingsOf(input).Select(file => new CellInput(NameOf(file.Key), [file.ToString()]));
        if (Directory.Exists(input))
        {
            var files = Recordings.Files(input);
            return files.Count > 0
                ? files.Select(file => new CellInput(NameOf(file), [file]))
                : throw new FileNotFoundException($"{input}: found no recordings; expected some", input);
        }
        if (File.Exists(input))
            return [new CellInput(NameOf(input), [input])];
        if (input.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
        {
            var files = input[(at + 1)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (files.Length > 0)
                return [new CellInput(Plain(input[..at], input), [.. files.Select(Existing)])];
        }
        throw new FileNotFoundException($"{input}: found no such file or folder; expected a recording, a folder, or CELL=FILE,FILE", input);
    }

    private static string Existing(string file) =>
        (S3Address.Is(file) ? S3Inputs.Exists(S3Address.Parse(file)) : File.Exists(file))
            ? file
            : throw new FileNotFoundException($"{file}: found no such file; expected a recording", file);

    private static string NameOf(string file) => Path.GetFileNameWithoutExtension(file) is { Length: > 0 } name ? name : "cell";

    private static string Plain(string name, string input) =>
        name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) < 0 && name.Trim('.').Length > 0
            ? name
            : throw new ArgumentException($"{input}: found cell name {Quoted.Of(name)}; expected one that can name a folder");
}
