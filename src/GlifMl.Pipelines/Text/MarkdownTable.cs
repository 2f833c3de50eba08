using System.Text;

namespace GlifMl.Pipelines;

/// <summary>Markdown tables whose columns are aligned, so that they read as plain text too.</summary>
internal static class MarkdownTable
{
    /// <summary>Appends a table: names to the left in the first column, figures to the right in the others.</summary>
    /// <param name="text">What is appended to.</param>
    /// <param name="lines">The header, then the rows; all of as many cells.</param>
    public static void Append(StringBuilder text, IReadOnlyList<string[]> lines)
    {
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(column => lines.Max(line => line[column].Length))];
        AppendLine(text, lines[0], widths);
        text.Append('|')
            .AppendJoin('|', widths.Select((w, column) => column == 0 ? new string('-', w + 2) : $"{new string('-', w + 1)}:"))
            .Append("|\n");
        foreach (var line in lines.Skip(1))
            AppendLine(text, line, widths);
    }

    private static void AppendLine(StringBuilder text, string[] cells, int[] widths) =>
        text.Append("| ")
            .AppendJoin(" | ", cells.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))
            .Append(" |\n");
}
