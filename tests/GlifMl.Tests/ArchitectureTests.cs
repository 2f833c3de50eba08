using System.Reflection;
using System.Xml.Linq;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests;

/// <summary>How the house is built: which project uses which, which folder which, and how long a file and a line may be.</summary>
public sealed class ArchitectureTests
{
    private const int LongestLine = 140;
    private const int LongestFile = 300;

    /// <summary>The arrows between the projects: each project uses these, every one of them, and no other.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["GlifMl.Simulation"] = [],
        ["GlifMl.Lstm"] = [],
        ["GlifMl.Datasets"] = ["GlifMl.Simulation"],
        ["GlifMl.Onnx"] = ["GlifMl.Lstm"],
        ["GlifMl.Estimators"] = ["GlifMl.Onnx", "GlifMl.Simulation"],
        ["GlifMl.Torch"] = ["GlifMl.Lstm", "GlifMl.Onnx"],
        ["GlifMl.Pipelines"] = ["GlifMl.Datasets", "GlifMl.Estimators", "GlifMl.Lstm", "GlifMl.Onnx", "GlifMl.Simulation", "GlifMl.Torch"],
        ["GlifMl.Reporting"] =
        [
            "GlifMl.Datasets",
            "GlifMl.Estimators",
            "GlifMl.Onnx",
            "GlifMl.Pipelines",
            "GlifMl.Simulation",
            "GlifMl.Torch",
        ],
        ["GlifMl.Cli"] = ["GlifMl.Datasets", "GlifMl.Onnx", "GlifMl.Pipelines", "GlifMl.Reporting", "GlifMl.Simulation"],
    };

    /// <summary>Packages that one project keeps from all others.</summary>
    private static readonly Dictionary<string, string> Keepers = new()
    {
        ["AWSSDK.Core"] = "GlifMl.Pipelines",
        ["AWSSDK.S3"] = "GlifMl.Pipelines",
        ["ScottPlot"] = "GlifMl.Reporting",
        ["SkiaSharp"] = "GlifMl.Reporting",
        ["TorchSharp"] = "GlifMl.Torch",
    };

    /// <summary>The folders of GlifMl.Pipelines: each uses those before it.</summary>
    private static readonly string[] Folders =
    [
        "Text",
        "Storage",
        "Definitions/Yaml",
        "Definitions/Binding",
        "Definitions",
        "Generation",
        "Metrics",
        "Catalog",
        "Scoring",
        "Fitting",
        "Stages",
        "Experiments",
        "Experiments/Cluster",
        "Inspection",
    ];

    public static TheoryData<string> Projects => [.. Arrows.Keys];

    [Fact]
    public void Projects_OfTheHouse_AreThoseWithArrows() =>
        Assert.Equal(
            Arrows.Keys.Order(StringComparer.Ordinal),
            Directory
                .GetFiles(Glifml.Path("src"), "*.csproj", SearchOption.AllDirectories)
                .Select(path => Path.GetFileNameWithoutExtension(path))
                .Order(StringComparer.Ordinal)
        );

    [Theory]
    [MemberData(nameof(Projects))]
    public void Arrows_OfAProject_AreUsedAndNoOther(string project)
    {
        var compiled = References(project).Where(Arrows.ContainsKey).Order(StringComparer.Ordinal);
        var written = XDocument
            .Load(Glifml.Path($"src/{project}/{project}.csproj"))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Equal(Arrows[project], compiled);
        // What those it names bring along it need not name.
        Assert.Subset(Arrows[project].ToHashSet(), written.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Packages_OfOneProject_AreUsedByNoOther(string project) =>
        Assert.DoesNotContain(References(project), name => Keepers.TryGetValue(name, out var keeper) && keeper != project);

    [Fact]
    public void Scoring_NeedsNoLibtorch()
    {
        var seen = new HashSet<string>();
        void Visit(Assembly assembly)
        {
            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                if (seen.Add(reference.Name!) && !reference.Name!.StartsWith("System", StringComparison.Ordinal))
                    Visit(Assembly.Load(reference));
            }
        }

        Visit(Assembly.Load("GlifMl.Onnx"));

        Assert.DoesNotContain("TorchSharp", seen);
        Assert.Contains("Microsoft.ML.OnnxRuntime", seen);
    }

    [Fact]
    public void Folders_OfPipelines_UseOnlyThoseBeforeThem()
    {
        var files = SourceFile.In("src/GlifMl.Pipelines");
        var declared = files
            .SelectMany(file => file.Types.Select(type => (Type: type, Folder: Folder(file))))
            .DistinctBy(type => type.Type)
            .ToDictionary(type => type.Type, type => type.Folder);

        Assert.Equal(Folders.Order(StringComparer.Ordinal), files.Select(Folder).Distinct().Order(StringComparer.Ordinal));
        AssertNone(
            files.SelectMany(file =>
                file.Identifiers.Where(used => declared.TryGetValue(used.Name, out var folder) && Place(folder) > Place(Folder(file)))
                    .Select(used =>
                        $"{file.Path}:{used.Line}: {Folder(file)} uses {used.Name} of {declared[used.Name]}, which stands after it"
                    )
            )
        );

        static string Folder(SourceFile file) =>
            Path.GetDirectoryName(Path.GetRelativePath("src/GlifMl.Pipelines", file.Path))!.Replace('\\', '/');
        static int Place(string folder) => Array.IndexOf(Folders, folder);
    }

    [Fact]
    public void Namespace_OfAFile_IsItsProjects() =>
        AssertNone(
            SourceFile
                .In("src")
                .Where(file => file.Namespace is not null && file.Namespace != "GlifMl" && file.Namespace != file.Path.Split('/')[1])
                .Select(file => $"{file.Path}: found namespace {file.Namespace}; expected {file.Path.Split('/')[1]} or GlifMl")
        );

    [Fact]
    public void Files_OfSrc_HaveAtMost300Lines() =>
        AssertNone(
            SourceFile
                .In("src")
                .Where(file => file.Lines.Length - 1 > LongestFile)
                .Select(file => $"{file.Path}: found {file.Lines.Length - 1} lines; expected at most {LongestFile}")
        );

    [Fact]
    public void Lines_OfSrcAndTests_HaveAtMost140Columns() =>
        AssertNone(
            SourceFile
                .In("src")
                .Concat(SourceFile.In("tests"))
                .SelectMany(file =>
                    file.Lines.Index()
                        .Where(line => line.Item.Length > LongestLine)
                        .Select(line => $"{file.Path}:{line.Index + 1}: found {line.Item.Length} columns; expected at most {LongestLine}")
                )
        );

    /// <summary>Every fault is named, where Assert.Empty names the first few.</summary>
    private static void AssertNone(IEnumerable<string> faults)
    {
        string[] all = [.. faults];
        Assert.True(all.Length == 0, string.Join('\n', all));
    }

    private static IEnumerable<string> References(string project) =>
        Assembly.Load(project == "GlifMl.Cli" ? "glifml" : project).GetReferencedAssemblies().Select(reference => reference.Name!);
}
