using System.Text;
using System.Text.Json;
using GlifMl.Pipelines;
using Spectre.Console;

namespace GlifMl.Cli;

/// <summary>Where a command's words go: results to standard output, progress and notes to standard error.</summary>
internal sealed class Terminal
{
    // A terminal that does not say its width, or output that goes to a file.
    private const int DefaultWidth = 100;

    // Notes and progress that go to a file are a line each, however long.
    private const int UnbrokenWidth = 10_000;

    public Terminal(TextWriter output, TextWriter error)
    {
        (Writer, Output, Error) = (
            output,
            Create(output, Console.IsOutputRedirected, DefaultWidth),
            Create(error, Console.IsErrorRedirected, UnbrokenWidth)
        );
    }

    /// <summary>Standard output, plain.</summary>
    public TextWriter Writer { get; }

    /// <summary>Standard output, for tables.</summary>
    public IAnsiConsole Output { get; }

    /// <summary>Standard error, for progress and notes.</summary>
    public IAnsiConsole Error { get; }

    /// <summary>Takes down what is done, where that was asked for.</summary>
    public Journal? Journal { get; set; }

    /// <summary>Columns of the terminal that standard output goes to; null where it goes to a file.</summary>
    public int? Width => Output.Profile.Capabilities.Interactive ? Output.Profile.Width : null;

    /// <summary>Prints a line on standard error, and takes it down.</summary>
    public void Note(string line)
    {
        Error.WriteLine(line);
        Journal?.Keep(line);
    }

    /// <summary>What follows a run: its progress is shown, unless that is not wanted, and taken down.</summary>
    public ProgressListener Follow(bool quiet) => new(quiet ? null : Error, Journal);

    /// <summary>Prints tables and lines of Markdown: as they are into a file, fitted to its width on a terminal.</summary>
    public void WriteMarkdown(string markdown) => Writer.Write(Width is { } width ? TerminalMarkdown.Fit(markdown, width) : markdown);

    /// <summary>Says in a line what was written where: on standard output, unless it was written there.</summary>
    public void WriteDone(string path, string line)
    {
        if (OutputFile.IsStandardOutput(path))
            Error.WriteLine(line);
        else
            Writer.WriteLine(line);
    }

    /// <summary>Prints the one JSON document of a command.</summary>
    public void WriteJson(object value) => Writer.WriteLine(JsonSerializer.Serialize(value, Json.Options));

    private static IAnsiConsole Create(TextWriter writer, bool redirected, int widthOfFiles)
    {
        var isReal = ReferenceEquals(writer, Console.Out) || ReferenceEquals(writer, Console.Error);
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = isReal && !redirected ? AnsiSupport.Detect : AnsiSupport.No,
                Interactive = isReal && !redirected ? InteractionSupport.Detect : InteractionSupport.No,
            }
        );
        if (!isReal || redirected)
            console.Profile.Width = widthOfFiles;
        return console;
    }
}

/// <summary>
/// Markdown of tables and lines as a terminal can show it: a table that is too wide becomes several below each other, each with the first
/// column, and long lines are broken between words.
/// </summary>
internal static class TerminalMarkdown
{
    private const string Indent = "  ";

    /// <summary>Fits a text to a width.</summary>
    /// <param name="markdown">Tables with aligned columns, as this program writes them, and lines.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static string Fit(string markdown, int width)
    {
        var (text, table) = (new StringBuilder(), new List<string[]>());
        foreach (var line in markdown.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith('|'))
            {
                table.Add(line.Trim('|').Split('|'));
                continue;
            }

            AppendTable(text, table, width);
            var margin = line[..^line.TrimStart().Length];
            text.Append(margin).AppendJoin($"\n{margin}{Indent}", Wrap(line, width - Indent.Length - margin.Length)).Append('\n');
        }

        AppendTable(text, table, width);
        return text.ToString();
    }

    /// <summary>Breaks a text between words into lines of at most a width; a longer word has a line of its own.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }

    /// <summary>
    /// Names, which may be paths, leave half of the width to the figures: a line that the terminal breaks tears their digits.
    /// </summary>
    private static void ShortenNames(List<string[]> lines, int width)
    {
        var room = Math.Max(width / 2, 8);
        foreach (var cells in lines.Where(cells => cells[0].Length > room))
            cells[0] = cells[0].StartsWith("---", StringComparison.Ordinal) ? cells[0][..room] : $"{cells[0].AsSpan(0, room - 2)}… ";
    }

    private static void AppendTable(StringBuilder text, List<string[]> lines, int width)
    {
        ShortenNames(lines, width);
        for (int first = 1, next; lines.Count > 0 && first < lines[0].Length; first = next)
        {
            var used = lines[0][0].Length + 2;
            for (next = first; next < lines[0].Length && (next == first || used + lines[0][next].Length + 1 <= width); next++)
                used += lines[0][next].Length + 1;
            if (first > 1)
                text.Append('\n');
            foreach (var cells in lines)
                text.Append('|').Append(cells[0]).Append('|').AppendJoin('|', cells[first..next]).Append("|\n");
        }

        lines.Clear();
    }
}
