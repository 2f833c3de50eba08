using System.Reflection;

namespace GlifMl.Tests;

/// <summary>The arrows between the projects run one way.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["GlifMl.Simulation"] = [],
        ["GlifMl.Lstm"] = [],
        ["GlifMl.Onnx"] = ["GlifMl.Lstm"],
        ["GlifMl.Datasets"] = ["GlifMl.Simulation"],
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
        ["glifml"] =
        [
            "GlifMl.Datasets",
            "GlifMl.Estimators",
            "GlifMl.Onnx",
            "GlifMl.Pipelines",
            "GlifMl.Reporting",
            "GlifMl.Simulation",
            "GlifMl.Torch",
        ],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_OfAProject_FollowTheArrows(string project)
    {
        var referenced = Assembly.Load(project).GetReferencedAssemblies().Select(a => a.Name!).ToArray();

        Assert.DoesNotContain(referenced, name => Allowed.ContainsKey(name) && !Allowed[project].Contains(name));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void ScottPlot_OfAProject_IsReportingsAlone(string project) =>
        Assert.Equal(
            project == "GlifMl.Reporting",
            Assembly.Load(project).GetReferencedAssemblies().Any(assembly => assembly.Name is "ScottPlot" or "SkiaSharp")
        );

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
}
