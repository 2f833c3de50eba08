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
}
