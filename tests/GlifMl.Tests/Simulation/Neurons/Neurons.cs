namespace GlifMl.Tests.Simulation;

/// <summary>The published models of the case study's cell.</summary>
internal static class Neurons
{
    public static string Root { get; } = FindRoot();

    public static string Path(int level) => System.IO.Path.Combine(Root, "datasets", "neurons", $"483101699_glif{level}.json");

    public static NeuronConfig Load(int level) => NeuronConfig.Load(Path(level));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "GlifMl.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException("GlifMl.sln is above no folder of the test run");
    }
}
