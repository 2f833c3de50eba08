using System.Text.Json.Nodes;
using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Inspection;

/// <summary>What editors know of definitions with several values at some places.</summary>
public sealed class SweepJsonSchemaTests
{
    private const string Checked = "sweep.schema.json";

    private static readonly JsonObject Schema = SweepJsonSchema.Create(EstimatorCatalog.Default);

    public static TheoryData<string> CheckedIn => DefinitionJsonSchemaTests.CheckedIn;

    public static TheoryData<string> Sweeps =>
        [
            .. Directory
                .GetFiles(DefinitionJsonSchemaTests.Pipelines, "*.yaml", SearchOption.AllDirectories)
                .Where(path => !RunList.IsRunList(path) && PipelineSweep.IsSweep(path))
                .Select(path => Path.GetRelativePath(DefinitionJsonSchemaTests.Pipelines, path))
                .Order(),
        ];

    [Fact]
    public void ToText_CheckedInSchema_HasNotDrifted() =>
        Assert.True(
            Read(Checked) == SweepJsonSchema.ToText(EstimatorCatalog.Default),
            $"pipelines/{Checked} is not what the catalogue and the definition records give; `glifml schema --sweep --out "
                + $"pipelines/{Checked}` writes it again"
        );

    [Theory]
    [MemberData(nameof(Sweeps))]
    public void Create_CheckedInSweep_IsValidAndNamesTheSchema(string file)
    {
        var text = Read(file);

        Assert.Empty(Faults(text));
        Assert.StartsWith($"# yaml-language-server: $schema={Checked}\n", text, StringComparison.Ordinal);
        Assert.NotEmpty(
            JsonSchemaCheck.Faults(DefinitionJsonSchemaTests.Json(text), DefinitionJsonSchema.Create(EstimatorCatalog.Default))
        );
    }

    [Theory]
    [MemberData(nameof(CheckedIn))]
    public void Create_PlainDefinition_IsValidToo(string file) => Assert.Empty(Faults(Read(file)));

    [Theory]
    [InlineData("seed: {sweep: [1, 2]}")]
    [InlineData("dataset: {trace: {noise: {sweep: [~, {sd_mv: 0.2}]}}}")]
    [InlineData("dataset: {trace: {noise: {sd_mv: {sweep: {min: 0.1, max: 0.4, steps: 3}}}}}")]
    [InlineData("pipeline: [{bilstm: {hidden: {sweep: [16, 32]}, learning_rate: {sweep: {min: 1e-3, max: 1e-2, scale: log}}}}]")]
    [InlineData("pipeline: [{sweep: [mean, linear, [trace-features, {lightgbm: {leaves: {sweep: [7, 15]}}}]]}]")]
    [InlineData("pipeline: [{bilstm: {read_out: {sweep: [both, mean]}}}]")]
    [InlineData("sweep: {search: halving, trials: 9, minutes: 2.5, by: score, seed: 3}")]
    public void Create_Sweep_IsValid(string yaml) => Assert.Empty(Faults($"extends: base.yaml\n{yaml}"));

    [Theory]
    [InlineData("seed: {sweep: [1, many]}")]
    [InlineData("seed: {sweep: []}")]
    [InlineData("seed: {swep: [1, 2]}")]
    [InlineData("seed: {sweep: {min: 1}}")]
    [InlineData("seed: {sweep: [1, 2], search: grid}")]
    [InlineData("name: {sweep: [a, b]}")]
    [InlineData("pipeline: [{bilstm: {hidden: {sweep: [16, 3200000]}}}]")]
    [InlineData("pipeline: [{bilstm: {read_out: {sweep: {min: 1, max: 2}}}}]")]
    [InlineData("pipeline: [{sweep: [mean, liner]}]")]
    [InlineData("pipeline: [{sweep: [mean, [trace-features, {lightgbm: {leafs: {sweep: [7, 15]}}}]]}]")]
    [InlineData("sweep: {search: all}")]
    public void Create_WrongSweep_IsMarked(string yaml) => Assert.NotEmpty(Faults($"extends: base.yaml\n{yaml}"));

    private static string Read(string file) => File.ReadAllText(Path.Combine(DefinitionJsonSchemaTests.Pipelines, file));

    private static IEnumerable<string> Faults(string yaml) => JsonSchemaCheck.Faults(DefinitionJsonSchemaTests.Json(yaml), Schema);
}
