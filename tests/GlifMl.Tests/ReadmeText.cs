using GlifMl.Tests.Cli;

namespace GlifMl.Tests;

/// <summary>A README whose code stands, line by line, in a test that runs it.</summary>
internal sealed class ReadmeText(string relative)
{
    public string Text { get; } = Read(relative);

    /// <summary>What stands between two comments, <c>name</c> and <c>/name</c>.</summary>
    public string Between(string name) => Text.Split($"<!-- {name} -->\n")[1].Split($"<!-- /{name} -->")[0];

    /// <summary>The code behind <c>tested: example</c>.</summary>
    public string Code(string example, string language = "csharp") =>
        Text.Split($"<!-- tested: {example} -->\n```{language}\n")[1].Split("\n```")[0];

    /// <summary>The code behind <c>tested: example</c> is part of a source file, but for how it is laid out.</summary>
    /// <param name="example">What the comment calls it.</param>
    /// <param name="source">The file, from the repository's root.</param>
    /// <param name="published">What a line of the source is for a reader; null: as it stands.</param>
    public void AssertCodeIsIn(string example, string source, Func<string, string>? published = null)
    {
        Assert.Contains(Bare(Code(example)), Bare(published?.Invoke(Read(source)) ?? Read(source)), StringComparison.Ordinal);
    }

    private static string Read(string relative) => File.ReadAllText(Glifml.Path(relative)).ReplaceLineEndings("\n");

    // Whatever the formatter decides: white space, and the comma that it adds where it breaks an initialiser.
    private static string Bare(string code) =>
        string.Concat(code.Where(c => !char.IsWhiteSpace(c))).Replace(",}", "}", StringComparison.Ordinal);
}
