using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests;

/// <summary>An assembly of someone else's that a definition uses: README's, built outside this repository.</summary>
[Collection(TorchTests.Name)]
public sealed class PluginTests : IDisposable
{
    private static readonly string Configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/', '\\'))!);
    private static readonly string Pipelines = Glifml.Path("src/GlifMl.Pipelines/GlifMl.Pipelines.csproj");
    private readonly TinyPipeline _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    [Trait("Category", "Slow")]
    public void Plugin_OfReadme_RunsWhereItIsAllowed()
    {
        using var folder = new TempFolder();
        var readme = new ReadmeText("src/GlifMl.Pipelines/README.md");
        // README's project, but for the package, which is this repository's project.
        var project = readme
            .Code("PluginTests.Project", "xml")
            .Replace(
                "<PackageReference Include=\"GlifMl.Pipelines\" Version=\"*-*\" ExcludeAssets=\"runtime\" />",
                $"<ProjectReference Include=\"{Pipelines}\" ExcludeAssets=\"runtime\" Private=\"false\" />",
                StringComparison.Ordinal
            );
        Assert.Contains("ProjectReference", project, StringComparison.Ordinal);
        File.WriteAllText(folder["My.Estimators.csproj"], project);
        File.WriteAllText(folder["MyEstimators.cs"], readme.Code("PluginTests.Plugin"));
        string[] build =
        [
            "-c",
            Configuration,
            "-p:BuildProjectReferences=false",
            "--nologo",
            "--disable-build-servers",
            "-o",
            folder["out"],
        ];
        OutsideProjectTests.Dotnet(folder.Path, ["build", .. build]);
        Assert.DoesNotContain(
            Directory.GetFiles(folder["out"], "*.dll"),
            file => Path.GetFileName(file).StartsWith("GlifMl", StringComparison.Ordinal)
        );
        foreach (var file in (string[])["My.Estimators.dll", "My.Estimators.xml"])
            File.Copy(folder["out", file], _tiny[file]);
        Uses("My.Estimators.dll", "  - centre: {constant: 2}\n  - wide: {units: 8, epochs: 3}\n");

        var (refused, _, why) = _tiny.Run("run");
        Assert.Equal(2, refused);
        Assert.EndsWith(
            "uses: found 'My.Estimators.dll'; expected --allow-plugins, because a definition does not run code by itself\n",
            why,
            StringComparison.Ordinal
        );
        Assert.Single(why.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(_tiny.Model));

        string[] arguments = ["--data", _tiny.Data, "--output", _tiny.Model, "--quiet", "--allow-plugins"];
        var ran = GlifmlProcess.Run([], ["run", _tiny.Definition, .. arguments]);

        Assert.True(ran.Code == 0, ran.Error);
        using var model = OnnxModel.Load(Path.Combine(_tiny.Model, "model.onnx"));
        Assert.Equal(5, model.Info.Parameters.Count);
        // What is kept beside the model says what it uses, and is refused and run in the same way.
        var kept = Path.Combine(_tiny.Model, "pipeline.yaml");
        Assert.Equal(2, Glifml.Run("evaluate", kept).Code);
        var again = GlifmlProcess.Run([], "evaluate", kept, "--allow-plugins", "--quiet");
        Assert.True(again.Code == 0, again.Error);

        // The catalogue and the schema know its steps as they know the program's own.
        string[] allowed = ["--uses", _tiny["My.Estimators.dll"], "--allow-plugins"];
        var step = GlifmlProcess.Run([], ["estimators", "centre", .. allowed]);
        Assert.True(step.Code == 0, step.Error);
        Assert.Equal(
            [
                "centre (trace): Takes a constant from every sample.",
                "  constant: number; default 1",
                "      What is taken away. Default 1.",
            ],
            step.Output.ReplaceLineEndings("\n")
                .Split('\n')
                .Where(line => line.Length > 0 && !line.StartsWith("What", StringComparison.Ordinal))
        );
        var list = GlifmlProcess.Run([], ["estimators", "--json", .. allowed]);
        Assert.Contains("\"wide\"", list.Output, StringComparison.Ordinal);
        var schema = GlifmlProcess.Run([], ["schema", .. allowed]);
        Assert.Contains("\"centre\": {", schema.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("centre", EstimatorCatalog.Default.Names);
    }

    [Theory]
    [InlineData("GlifMl.Lstm.dll", "", "expected --allow-plugins beside it, because to list an assembly's steps is to run its code")]
    [InlineData(
        "GlifMl.Lstm.dll",
        "--allow-plugins",
        "found no plugin in it; expected a .NET assembly with a public class that implements"
    )]
    [InlineData("no.dll", "--allow-plugins", "expected an assembly of estimators")]
    public void Estimators_OfAnAssemblyThatIsNotToBeHad_IsOneLine(string file, string allowed, string expected)
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "GlifMl.Lstm.dll"), _tiny["GlifMl.Lstm.dll"]);
        foreach (var command in (string[])["estimators", "schema"])
        {
            var (code, output, error) = Glifml.Run([
                command,
                "--uses",
                _tiny[file],
                .. allowed.Length > 0 ? [allowed] : Array.Empty<string>(),
            ]);

            Assert.Equal((2, ""), (code, output));
            Assert.Contains(expected, error, StringComparison.Ordinal);
            Assert.Single(error.TrimEnd().Split('\n'));
        }
    }

    [Theory]
    [InlineData("no.dll", "expected an existing file, but there is no ")]
    [InlineData("text.dll", "found one that does not load (")]
    [InlineData("GlifMl.Lstm.dll", "found no plugin in it; expected a .NET assembly with a public class that implements IEstimatorPlugin")]
    public void Plugin_ThatIsNone_IsOneLine(string file, string expected)
    {
        File.WriteAllText(_tiny["text.dll"], "no assembly");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "GlifMl.Lstm.dll"), _tiny["GlifMl.Lstm.dll"]);
        Uses(file, "  - mean\n");

        var (code, _, error) = _tiny.Run("run", "--allow-plugins");

        Assert.Equal(2, code);
        Assert.Contains($"uses: found '{file}'; {expected}", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private void Uses(string file, string steps)
    {
        var text = File.ReadAllText(_tiny.Definition).Split("  - scale-trace", StringSplitOptions.None)[0];
        // A module of one's own reads traces of one length.
        text = text.Replace("spike_cuts: drop", "spike_cuts: fill", StringComparison.Ordinal);
        File.WriteAllText(_tiny.Definition, $"uses: [{file}]\n{text}{steps}");
    }
}
