using GlifMl.Cli;

namespace GlifMl.Tests.Cli;

public sealed class TerminalMarkdownTests
{
    private const string Table =
        "| name |  a |  bb | ccc |\n|------|---:|----:|----:|\n| x    |  1 |   2 |   3 |\n\n- one note of seven words in all\n";

    [Fact]
    public void Fit_TableThatFits_IsLeftAlone() => Assert.Equal(Table, TerminalMarkdown.Fit(Table, 60));

    [Fact]
    public void Fit_TableThatIsTooWide_IsSeveralWithTheFirstColumn() =>
        Assert.Equal(
            """
            | name |  a |  bb |
            |------|---:|----:|
            | x    |  1 |   2 |

            | name | ccc |
            |------|----:|
            | x    |   3 |

            - one note of
              seven words in
              all

            """,
            TerminalMarkdown.Fit(Table, 19)
        );

    [Fact]
    public void Fit_ColumnWiderThanTheTerminal_IsATableOfItsOwn() =>
        Assert.Equal(
            "| name |  a |\n|------|---:|\n| x    |  1 |\n",
            string.Join('\n', TerminalMarkdown.Fit(Table, 5).Split('\n')[..3]) + "\n"
        );

    [Fact]
    public void Fit_IndentedLine_KeepsItsMargin() =>
        Assert.Equal("trace 0:\n  a note of\n    some words\n", TerminalMarkdown.Fit("trace 0:\n  a note of some words\n", 14));

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    public void Fit_LongNamesAndManyFigures_BreakNoLine(int width)
    {
        var table = new System.Text.StringBuilder();
        GlifMl.Pipelines.MarkdownTable.Append(
            table,
            [
                ["source", .. Enumerable.Range(0, 9).Select(k => $"column {k} (pF)"), "status"],
                [new string('x', 70) + ".csv", .. Enumerable.Range(0, 9).Select(k => $"{1234.5678 + k:F4}"), "outside"],
            ]
        );

        var lines = TerminalMarkdown.Fit(table.ToString(), width).Split('\n');

        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.All(
            Enumerable.Range(0, 9),
            k => Assert.Single(lines, line => line.Contains($" {1234.5678 + k:F4} ", StringComparison.Ordinal))
        );
    }
}
