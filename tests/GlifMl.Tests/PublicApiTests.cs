using System.Reflection;
using GlifMl.Tests.Cli;
using PublicApiGenerator;

namespace GlifMl.Tests;

/// <summary>
/// The public API of each library is what was approved in PublicApi/*.txt. To approve a change, run the tests with GLIFML_APPROVE=1 and
/// read the difference before committing it.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("GlifMl.Simulation")]
    [InlineData("GlifMl.Datasets")]
    [InlineData("GlifMl.Onnx")]
    [InlineData("GlifMl.Estimators")]
    [InlineData("GlifMl.Lstm")]
    [InlineData("GlifMl.Torch")]
    [InlineData("GlifMl.Pipelines")]
    [InlineData("GlifMl.Reporting")]
    public void PublicApi_OfALibrary_IsTheApprovedOne(string library)
    {
        var api =
            Assembly
                .Load(library)
                .GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
                .ReplaceLineEndings("\n")
                .TrimEnd() + "\n";
        var approved = Glifml.Path($"tests/GlifMl.Tests/PublicApi/{library}.txt");
        if (Environment.GetEnvironmentVariable("GLIFML_APPROVE") == "1")
            File.WriteAllText(approved, api);

        Assert.True(
            File.ReadAllText(approved).ReplaceLineEndings("\n") == api,
            $"the public API of {library} is not the approved one; "
                + "GLIFML_APPROVE=1 dotnet test approves it, and git diff shows what changed"
        );
    }
}
