using System.Text.RegularExpressions;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests;

/// <summary>What the pages for people say is so: links lead somewhere, files are there, commands and definitions are understood.</summary>
public sealed partial class DocumentationTests
{
    private const int LongestReadme = 200;

    public static TheoryData<string> Pages =>
        [
            .. Directory
                .EnumerateFiles(Glifml.Repository, "*.md", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Glifml.Repository, path).Replace('\\', '/'))
                .Where(path => !MadeByBuilds().IsMatch(path))
                .Order(StringComparer.Ordinal),
        ];

    [Fact]
    public void Readme_ForANewcomer_IsShort() => Assert.InRange(File.ReadAllLines(Glifml.Path("README.md")).Length, 1, LongestReadme);

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfAPage_LeadSomewhere(string page)
    {
        var folder = Path.GetDirectoryName(Glifml.Path(page))!;
        foreach (var link in Link().Matches(Prose(Read(page))).Select(match => match.Groups[1].Value).Where(IsRelative))
        {
            var (file, anchor) = link.Split('#') is [var path, var name] ? (path, name) : (link, null);
            var target = file.Length == 0 ? Glifml.Path(page) : Path.GetFullPath(Path.Combine(folder, file));
            Assert.True(
                File.Exists(target) || Directory.Exists(target),
                $"{page}: found a link to {link}; expected a file or folder there"
            );
            if (anchor is not null)
                Assert.Contains(anchor, Headings(File.ReadAllText(target)));
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Files_ThatCommandsOfAPageRead_AreThere(string page)
    {
        foreach (var path in Blocks(page, "sh").SelectMany(block => RepositoryFile().Matches(block)).Select(match => match.Value))
        {
            var folder = Path.GetDirectoryName(path)!.Replace('\\', '/');
            Assert.True(
                path.Contains('*', StringComparison.Ordinal)
                    ? Directory.EnumerateFiles(Glifml.Path(folder), Path.GetFileName(path)).Any()
                    : Path.Exists(Glifml.Path(path)),
                $"{page}: found {path} in a command; expected it in the repository"
            );
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Chains_OfAPage_AreDefinitions(string page)
    {
        using var folder = new TempFolder();
        foreach (var chain in Blocks(page, "yaml").Where(block => PipelineKey().IsMatch(block)))
        {
            var path = folder["definition.yaml"];
            var text = ExtendsKey().Replace(chain, "");
            File.WriteAllText(path, $"name: of-a-page\nextends: {Glifml.Path("pipelines/quickstart.yaml")}\n{text}\n");

            _ = new Pipeline(Pipeline.Load(path));
        }
    }

    private static string Read(string page) => File.ReadAllText(Glifml.Path(page)).ReplaceLineEndings("\n");

    private static IEnumerable<string> Blocks(string page, string language) =>
        Block().Matches(Read(page)).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    private static string Prose(string text) => Block().Replace(text, "");

    private static bool IsRelative(string link) => !link.Contains("://", StringComparison.Ordinal);

    /// <summary>The anchors that a page's headings have: lower case, spaces to hyphens, punctuation dropped.</summary>
    private static IEnumerable<string> Headings(string text) =>
        Heading()
            .Matches(Prose(text.ReplaceLineEndings("\n")))
            .Select(match => NoAnchor().Replace(match.Groups[1].Value.ToLowerInvariant().Replace(' ', '-'), ""));

    [GeneratedRegex(@"(^|/)(bin|obj|TestResults|Fixtures|models/[^/]+|BenchmarkDotNet\.Artifacts|results)/")]
    private static partial Regex MadeByBuilds();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"(?<![\w/.-])(?:pipelines|datasets|src|tests)/[\w./*-]*\w", RegexOptions.Multiline)]
    private static partial Regex RepositoryFile();

    [GeneratedRegex(@"^pipeline:", RegexOptions.Multiline)]
    private static partial Regex PipelineKey();

    [GeneratedRegex(@"^extends:.*\n", RegexOptions.Multiline)]
    private static partial Regex ExtendsKey();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w-]")]
    private static partial Regex NoAnchor();
}
