using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests;

/// <summary>The packages of src, from a feed that is a folder, in a project that knows nothing else of this repository.</summary>
[Collection(TorchTests.Name)]
public sealed class PackageTests
{
    private static readonly string Configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/', '\\'))!);

    // The cache of this test is empty; what others publish is read where this machine has it already.
    private static readonly string Others =
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    [Fact]
    [Trait("Category", "Slow")]
    public void Onnx_FromAFeed_ScoresWithoutLibtorch()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("run").Code);
        using var folder = new TempFolder();
        string[] libraries = ["GlifMl.Lstm", "GlifMl.Onnx"];
        foreach (var library in libraries)
            Dotnet(folder.Path, "pack", Glifml.Path($"src/{library}"), "-c", Configuration, "--no-build", "-o", folder["feed"]);
        foreach (var package in Directory.GetFiles(folder["feed"], "*.nupkg"))
            AssertIsWhole(package);

        Directory.CreateDirectory(folder["app"]);
        File.WriteAllText(Path.Combine(folder["app"], "nuget.config"), Feed(folder["feed"]));
        File.WriteAllText(Path.Combine(folder["app"], "app.csproj"), Project(folder));
        File.WriteAllText(Path.Combine(folder["app"], "Program.cs"), Program);
        Dotnet(folder["app"], "publish", "-c", "Release", "-o", folder["published"], "--nologo", "--disable-build-servers");

        var score = Dotnet(folder.Path, Path.Combine(folder["published"], "app.dll"), Path.Combine(tiny.Model, "model.onnx"));

        Assert.Equal("C, El, R_input, dt, th_inf: 5 finite numbers\n", score);
        Assert.DoesNotContain(
            Directory.GetFiles(folder["published"], "*", SearchOption.AllDirectories),
            file => Path.GetFileName(file).Contains("torch", StringComparison.OrdinalIgnoreCase)
        );
    }

    // From nothing but the package: no clone, no cache, and, because the feed is a folder, no network.
    [Fact]
    [Trait("Category", "Slow")]
    public void Tool_FromAFeed_RunsTheQuickstartThatItBrings()
    {
        using var folder = new TempFolder();
        var packed = Dotnet(folder.Path, "pack", Glifml.Path("src/GlifMl.Cli"), "-c", Configuration, "--no-build", "-o", folder["feed"]);
        Assert.Contains("glifml.", packed, StringComparison.Ordinal);
        File.WriteAllText(folder["nuget.config"], ToolFeed(folder));

        Dotnet(folder.Path, "tool", "install", "glifml", "--tool-path", folder["tools"], "--version", "*-*");
        var program = Directory.GetFiles(folder["tools"], "glifml.dll", SearchOption.AllDirectories).Single();
        Directory.CreateDirectory(folder["work"]);
        Dotnet(folder["work"], program, "new", "quickstart", "--out", ".");
        string[] smaller = ["splits.train.traces=200", "splits.validation.traces=50", "splits.test.traces=50"];
        string[] set = [.. smaller.SelectMany(key => new[] { "--set", $"dataset.{key}" }), "--set", "pipeline.bilstm.epochs=1"];
        Dotnet(folder["work"], [program, "run", "quickstart.yaml", "--quiet", .. set]);

        Assert.True(File.Exists(folder["work", "models", "quickstart", "report", "report.html"]));
        // One system's libtorch.
        Assert.Single(
            Directory.GetDirectories(folder["tools"], "native", SearchOption.AllDirectories),
            native => Directory.GetFiles(native).Any(file => Path.GetFileName(file).Contains("torch_cpu", StringComparison.Ordinal))
        );
    }

    // A lock file that lacks a system's natives would break the restore of whoever works there.
    [Fact]
    public void LockFiles_NameTheNativesOfEverySystem()
    {
        string[] systems = ["libtorch-cpu-linux-x64", "libtorch-cpu-osx-arm64", "libtorch-cpu-win-x64"];
        foreach (var file in Directory.GetFiles(Glifml.Repository, "packages.lock.json", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(file);
            if (text.Contains("\"libtorch-cpu\"", StringComparison.Ordinal))
                Assert.All(
                    systems,
                    system =>
                        Assert.True(
                            text.Contains($"\"{system}\"", StringComparison.Ordinal),
                            $"{file}: found no {system}; expected every system's: dotnet restore --force-evaluate -p:EverySystem=true"
                        )
                );
        }
    }

    private const string Program = """
        using GlifMl;

        using var model = OnnxModel.Load(args[0]);
        var voltage = Enumerable.Range(0, model.Info.Samples).Select(n => -70f + (5 * (1 - MathF.Exp(-n / 200f)))).ToArray();
        var answer = model.Score(voltage);
        var finite = answer.Cast<float>().Count(float.IsFinite);
        Console.WriteLine($"{string.Join(", ", model.Info.Parameters.Select(p => p.Name))}: {finite} finite numbers");

        """;

    private static void AssertIsWhole(string package)
    {
        using var zip = ZipFile.OpenRead(package);
        var names = zip.Entries.Select(entry => entry.FullName).ToHashSet();
        Assert.Superset(new HashSet<string> { "README.md", "LICENSE", "THIRD-PARTY-NOTICES.md" }, names);
        Assert.Contains(
            names,
            name => name.StartsWith("lib/net10.0/", StringComparison.Ordinal) && name.EndsWith(".xml", StringComparison.Ordinal)
        );
        using var bom = JsonDocument.Parse(zip.GetEntry("bom.json")!.Open());
        Assert.Equal("CycloneDX", bom.RootElement.GetProperty("bomFormat").GetString());
        // The lock file's packages, each with its hash; GlifMl.Lstm has none.
        var listed = bom.RootElement.TryGetProperty("components", out var components) ? components.EnumerateArray().ToArray() : [];
        Assert.All(listed.Where(c => c.GetProperty("name").GetString() == "Google.Protobuf"), c => c.GetProperty("hashes"));
        Assert.Equal(
            Path.GetFileName(package).StartsWith("GlifMl.Onnx", StringComparison.Ordinal),
            Array.Exists(listed, c => c.GetProperty("name").GetString() == "Google.Protobuf")
        );
        Assert.True(File.Exists(Path.ChangeExtension(package, ".snupkg")), $"{package}: found no symbols beside it; expected a .snupkg");
    }

    private static string Feed(string folder) =>
        $"""
            <configuration>
              <packageSources>
                <add key="here" value="{folder}" />
              </packageSources>
              <fallbackPackageFolders>
                <add key="others" value="{Others}" />
              </fallbackPackageFolders>
            </configuration>
            """;

    private static string ToolFeed(TempFolder folder) =>
        $"""
            <configuration>
              <config>
                <add key="globalPackagesFolder" value="{folder["cache"]}" />
              </config>
              <packageSources>
                <clear />
                <add key="here" value="{folder["feed"]}" />
              </packageSources>
            </configuration>
            """;

    private static string Project(TempFolder folder) =>
        $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <RestorePackagesPath>{folder["cache"]}</RestorePackagesPath>
                <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="GlifMl.Onnx" Version="*-*" />
              </ItemGroup>
            </Project>
            """;

    private static string Dotnet(string folder, params string[] arguments) => OutsideProjectTests.Dotnet(folder, arguments);
}
