using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests;

/// <summary>
/// What a build server makes of the same sources is the same to the byte, wherever they lie. The smallest library stands for all: what
/// decides it is in the props that they share.
/// </summary>
[Collection(TorchTests.Name)]
public sealed class DeterminismTests
{
    private const string Library = "src/GlifMl.Lstm";

    // All that a build of it reads.
    private static readonly string[] Sources =
    [
        "Directory.Build.props",
        "Directory.Packages.props",
        "global.json",
        ".editorconfig",
        "LICENSE",
        ".github/THIRD-PARTY-NOTICES.md",
        "src/Directory.Build.props",
        "src/BannedSymbols.txt",
        "src/Shared",
        Library,
    ];

    [Fact]
    [Trait("Category", "Slow")]
    public void Library_BuiltInTwoFolders_IsTheSameToTheByte()
    {
        using var folder = new TempFolder();
        var (here, there) = (Build(folder["one"]), Build(folder["another", "deeper"]));

        foreach (var file in (string[])["GlifMl.Lstm.dll", "GlifMl.Lstm.pdb", "GlifMl.Lstm.xml"])
            Assert.True(
                File.ReadAllBytes(Path.Combine(here, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(there, file))),
                $"{file}: found other bytes in another folder; expected the same"
            );
    }

    private static string Build(string root)
    {
        foreach (var source in Sources)
        {
            var path = Glifml.Path(source);
            foreach (var file in File.Exists(path) ? [path] : Directory.GetFiles(path, "*", SearchOption.AllDirectories))
            {
                var relative = Path.GetRelativePath(Glifml.Repository, file);
                if (relative.Split(Path.DirectorySeparatorChar).Intersect(["bin", "obj"]).Any())
                    continue;
                var copy = Path.Combine(root, relative);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
        }

        string[] quick = ["-p:RunAnalyzers=false", "--nologo", "--disable-build-servers"];
        OutsideProjectTests.Dotnet(root, ["build", Library, "-c", "Release", "-p:ContinuousIntegrationBuild=true", .. quick]);
        return Path.Combine(root, Library, "bin", "Release", "net10.0");
    }
}
