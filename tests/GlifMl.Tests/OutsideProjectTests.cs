using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests;

/// <summary>
/// A project of someone else's, outside this repository, that does nothing but reference one of these: neither central package versions nor
/// what Directory.Build.props sets is there for it.
/// </summary>
[Collection(TorchTests.Name)]
public sealed class OutsideProjectTests
{
    // What dotnet test tells its children would make a build believe that it is part of this one.
    private static readonly string[] OfTheTestHost =
    [
        "MSBuildSDKsPath",
        "MSBuildExtensionsPath",
        "MSBuildLoadMicrosoftTargetsReadOnly",
        "MSBUILD_EXE_PATH",
    ];

    private static readonly string Configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/', '\\'))!);

    // A pinned version of what only a package asks for holds within this repository alone, unless a project asks for it too.
    [Fact]
    public void PinnedPackages_OfAProject_TravelWithAReferenceToIt()
    {
        var locks = Directory
            .GetFiles(Glifml.Path("src"), "packages.lock.json", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetFileName(Path.GetDirectoryName(path)!), Packages, StringComparer.OrdinalIgnoreCase);

        foreach (var (project, packages) in locks)
        {
            var asked = packages
                .Where(p => p.Value == "Project")
                .Select(p => locks[p.Key])
                .Append(packages)
                .SelectMany(own => own.Where(p => p.Value == "Direct").Select(p => p.Key));
            var pinned = packages.Where(p => p.Value == "CentralTransitive").Select(p => p.Key).Except(asked).ToArray();
            Assert.True(
                pinned.Length == 0,
                $"{project}: found {string.Join(", ", pinned)} pinned; expected a PackageReference to it where it comes in"
            );
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Snippets_OfReadme_RunInAProjectThatOnlyReferencesThis()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("run").Code);
        var readme = new ReadmeText("README.md");
        using var folder = new TempFolder();
        File.WriteAllText(folder["outside.csproj"], Project("GlifMl.Pipelines"));
        File.WriteAllText(
            folder["Program.cs"],
            $$"""
            using GlifMl;
            using GlifMl.Datasets;
            using GlifMl.Estimators;
            using GlifMl.Onnx;
            using GlifMl.Torch;
            using Microsoft.ML;
            using Microsoft.ML.Data;

            Example(args[0]);
            Scoring(args[1], ShardDataView.Open(args[0]).GetColumn<float[]>("VoltageMv").ToArray(), null);

            static void Example(string path)
            {
            {{readme.Code("ReadmeTests.Example").Replace("\"datasets/shards/mine/train\"", "path", StringComparison.Ordinal)}}
                Console.WriteLine($"{shards.GetRowCount()} traces, {onnx.Length > 1000}");
            }

            static void Scoring(string path, float[][] voltagesMv, float[][]? stimuliPa)
            {
            {{readme.Code("ReadmeTests.Scoring").Replace("\"models/quickstart/model.onnx\"", "path", StringComparison.Ordinal)}}
                Console.WriteLine($"{parameters.GetLength(0)} x {parameters.GetLength(1)}");
            }

            """
        );

        // The libraries are there: they were built with this test.
        Dotnet(
            folder.Path,
            "build",
            "-c",
            Configuration,
            "-p:BuildProjectReferences=false",
            "--nologo",
            "--disable-build-servers",
            "-warnaserror"
        );
        var program = Directory.GetFiles(folder["bin"], "outside.dll", SearchOption.AllDirectories).Single();
        var output = Dotnet(folder.Path, program, Path.Combine(tiny.Data, "train"), Path.Combine(tiny.Model, "model.onnx"));

        Assert.Equal("32 traces, True\n32 x 5\n", output);
    }

    // As a person writes it, but for the last group: natives of one system, linked, spare the disk a gigabyte.
    private static string Project(string reference) =>
        $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{Glifml.Path($"src/{reference}/{reference}.csproj")}" />
              </ItemGroup>
              <PropertyGroup>
                <RuntimeIdentifier>{RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
              </PropertyGroup>
            </Project>
            """;

    private static Dictionary<string, string> Packages(string lockFile)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(lockFile));
        return json
            .RootElement.GetProperty("dependencies")
            .EnumerateObject()
            .SelectMany(framework => framework.Value.EnumerateObject())
            .ToDictionary(package => package.Name, package => package.Value.GetProperty("type").GetString()!);
    }

    private static string Dotnet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in OfTheTestHost)
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}{error.Result}");
        return output.ReplaceLineEndings("\n");
    }
}
