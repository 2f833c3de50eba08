using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests;

/// <summary>.github/THIRD-PARTY-NOTICES.md names every package that src is built from, and what it asks for.</summary>
public sealed partial class ThirdPartyTests
{
    private static readonly string Packages =
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    [Fact]
    public void Notices_NameThePackagesOfTheLockFiles()
    {
        var locked = Directory
            .GetFiles(Glifml.Path("src"), "packages.lock.json", SearchOption.AllDirectories)
            .SelectMany(Locked)
            .Distinct();

        Assert.Equal(
            locked.Select(package => $"{package.Name} {package.Version}").Order(StringComparer.OrdinalIgnoreCase),
            Noticed().Select(row => $"{row[0]} {row[1]}").Order(StringComparer.OrdinalIgnoreCase)
        );
    }

    [Fact]
    public void Notices_SayTheLicenceThatThePackageSays()
    {
        foreach (var row in Noticed())
        {
            Assert.NotEmpty(row[2]);
            Assert.NotEmpty(row[3]);
            var id = row[0].ToLowerInvariant();
            // Natives of other systems are not fetched (Directory.Build.props).
            if (Natives.IsMatch(row[0]) && !Directory.Exists(Path.Combine(Packages, id)))
                continue;
            var description = XDocument.Load(Path.Combine(Packages, id, row[1].ToLowerInvariant(), $"{id}.nuspec"));
            var licence = description
                .Descendants()
                .FirstOrDefault(e => e.Name.LocalName == "license" && (string?)e.Attribute("type") == "expression");
            if (licence is not null)
                Assert.True(
                    row[2].StartsWith(licence.Value, StringComparison.Ordinal),
                    $"{row[0]}: found {row[2]}; expected {licence.Value}"
                );
        }
    }

    [GeneratedRegex(@"-(linux|osx|win)-(x64|arm64)$|\.NativeAssets\.")]
    private static partial Regex Natives { get; }

    private static IEnumerable<(string Name, string Version)> Locked(string path) =>
        JsonNode.Parse(File.ReadAllText(path))!["dependencies"]!
            .AsObject()
            .SelectMany(framework => framework.Value!.AsObject())
            .Where(package => (string?)package.Value!["type"] != "Project")
            .Select(package => (package.Key, (string)package.Value!["resolved"]!));

    private static IEnumerable<string[]> Noticed() =>
        File.ReadAllLines(Glifml.Path(".github/THIRD-PARTY-NOTICES.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| package", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));
}
