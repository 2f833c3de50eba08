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
        var output = Run(
            "GlifMl.Pipelines",
            $$"""
            using GlifMl;
            using Microsoft.ML;
            using Microsoft.ML.Data;

            Example(args[0]);
            Scoring(args[1], ShardDataView.Open(args[0]).GetColumn<float[]>("VoltageMv").ToArray(), null);

            static void Example(string path)
            {
            {{Code(readme, "ReadmeTests.Example")}}
                Console.WriteLine($"{answers.GetColumn<float[]>("Parameters").Count()} traces, {figures.Rows == 32}");
            }

            static void Scoring(string path, float[][] voltagesMv, float[][]? stimuliPa)
            {
            {{Code(readme, "ReadmeTests.Scoring")}}
                Console.WriteLine($"{parameters.GetLength(0)} x {parameters.GetLength(1)}");
            }

            """,
            Path.Combine(tiny.Data, "train"),
            Path.Combine(tiny.Model, "model.onnx")
        );

        Assert.Equal("32 traces, True\n32 x 5\n", output);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Snippets_OfTheOnnxReadme_RunInAProjectThatOnlyReferencesOnnx()
    {
        using var tiny = new TinyPipeline();
        const string Chain =
            "pipeline=[{scale-targets: {C: log}}, {channels: {columns: [voltage, stimulus]}}, {bilstm: {hidden: 3, epochs: 1}}]";
        Assert.Equal(0, tiny.Run("run", "--set", Chain).Code);
        var readme = new ReadmeText("src/GlifMl.Onnx/README.md");
        var output = Run(
            "GlifMl.Onnx",
            $$"""
            using System.Text.Json;
            using GlifMl;
            using GlifMl.Onnx;
            using Microsoft.ML.OnnxRuntime;

            var voltage = Enumerable.Range(0, 2000).Select(n => -70f + (n < 100 ? 0 : 5 * (1 - MathF.Exp((100 - n) / 200f)))).ToArray();
            var current = Enumerable.Range(0, 2000).Select(n => n < 100 ? 0f : 50).ToArray();
            Traces(args[0], [voltage[..200]], [current[..200]]);
            Recordings(args[0], 1e-4, voltage, current);
            Runtime(args[0], voltage[..200], current[..200]);

            static void Traces(string path, float[][] voltagesMv, float[][] stimuliPa)
            {
            {{Code(readme, "OnnxReadmeTests.Traces")}}
            }

            static void Recordings(string path, double samplingIntervalSeconds, float[] voltageMv, float[] currentPa)
            {
            {{Code(readme, "OnnxReadmeTests.Recording")}}
            }

            static void Runtime(string path, float[] voltagesMv, float[] stimuliPa)
            {
            {{Code(readme, "OnnxReadmeTests.Runtime")}}
            }

            """,
            Path.Combine(tiny.Model, "model.onnx")
        );

        Assert.Equal(
            ["C", "El", "R_input", "dt", "th_inf", "C"],
            output.Split('\n').Where(line => line.Contains(" = ")).Select(line => line.Split(' ')[0])
        );
    }

    /// <summary>A snippet, with the paths that the program is given in the place of those that a reader has.</summary>
    private static string Code(ReadmeText readme, string example) =>
        readme
            .Code(example)
            .Replace("\"datasets/shards/mine/train\"", "path", StringComparison.Ordinal)
            .Replace("\"models/quickstart/model.onnx\"", "path", StringComparison.Ordinal);

    /// <summary>Builds and runs a program that references one project; gives what it prints.</summary>
    private static string Run(string reference, string program, params string[] arguments)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["outside.csproj"], Project(reference));
        File.WriteAllText(folder["Program.cs"], program);
        // The libraries are there: they were built with this test.
        string[] build = ["-c", Configuration, "-p:BuildProjectReferences=false", "--nologo", "--disable-build-servers", "-warnaserror"];
        Dotnet(folder.Path, ["build", .. build]);
        return Dotnet(folder.Path, [Directory.GetFiles(folder["bin"], "outside.dll", SearchOption.AllDirectories).Single(), .. arguments]);
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

    internal static string Dotnet(string folder, params string[] arguments)
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
