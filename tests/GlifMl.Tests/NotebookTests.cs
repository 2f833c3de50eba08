using GlifMl.Tests.Cli;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests;

/// <summary>The notebook, run by .NET's own kernel without a browser.</summary>
[Collection(TorchTests.Name)]
public sealed class NotebookTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public void Quickstart_ByTheKernel_RunsFromSimulationToOnnxWithFigures()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/', '\\'));
        var runner = Glifml.Path($"tests/GlifMl.Notebooks/bin/{output.Parent!.Name}/{output.Name}/notebooks.dll");

        var said = OutsideProjectTests.Dotnet(Path.GetTempPath(), runner, Glifml.Path("pipelines/quickstart.ipynb"));

        Assert.EndsWith("7 cells, 0 failed\n", said, StringComparison.Ordinal);
        Assert.Equal(3, said.Split("text/html").Length - 1);
        Assert.Contains("R2 ", said, StringComparison.Ordinal);
        Assert.Matches(@"C \d+ pF, R \d+ Mohm, dt \d+ us", said);
    }
}
