using System.Text;

namespace GlifMl.Cli;

/// <summary>
/// Markdown of tables and lines as a terminal can show it: a table that is too wide becomes several below each other, each with the first column, and long
/// lines are broken between words.
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
            text.AppendJoin("\n" + Indent, Wrap(line, width - Indent.Length)).Append('\n');
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

    private static void AppendTable(StringBuilder text, List<string[]> lines, int width)
    {
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
