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

    /// <summary>Columns of the terminal that standard output goes to; null where it goes to a file.</summary>
    public int? Width => Output.Profile.Capabilities.Interactive ? Output.Profile.Width : null;

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
