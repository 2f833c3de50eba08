using System.Globalization;
using System.Text.Json.Nodes;
using GlifMl.Pipelines;
using GlifMl.Tests.Pipelines.Generation;
using GlifMl.Tests.Simulation;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GlifMl.Tests.Pipelines.Inspection;

public sealed class DefinitionJsonSchemaTests : IDisposable
{
    internal static readonly string Pipelines = Path.Combine(Neurons.Root, "pipelines");
    private readonly GridFolder _folder = new();

    public static TheoryData<string> CheckedIn =>
        [
            .. Directory
                .GetFiles(Pipelines, "*.yaml", SearchOption.AllDirectories)
                .Where(path => !RunList.IsRunList(path) && !PipelineSweep.IsSweep(path))
                .Select(path => Path.GetRelativePath(Pipelines, path))
                .Order(),
        ];

    [Fact]
    public void ToText_CheckedInSchema_HasNotDrifted() =>
        Assert.True(
            File.ReadAllText(Path.Combine(Pipelines, "schema.json")) == DefinitionJsonSchema.ToText(EstimatorCatalog.Default),
            "pipelines/schema.json is not what the catalogue and the definition records give; `glifml schema --out "
                + "pipelines/schema.json` writes it again"
        );

    [Theory]
    [MemberData(nameof(CheckedIn))]
    public void Create_CheckedInDefinition_IsValidAndNamesTheSchema(string file)
    {
        var text = File.ReadAllText(Path.Combine(Pipelines, file));
        Assert.Empty(JsonSchemaCheck.Faults(Json(text), DefinitionJsonSchema.Create(EstimatorCatalog.Default)));
        Assert.StartsWith("# yaml-language-server: $schema=", text, StringComparison.Ordinal);
        Assert.True(
            File.Exists(Path.GetFullPath(text.Split('\n')[0].Split('=')[1].Trim(), Path.GetDirectoryName(Path.Combine(Pipelines, file))!))
        );
    }

    [Fact]
    public void Create_WhatTheWriterWrites_IsValid()
    {
        var definition = _folder.Load(
            GridFolder.Yaml(
                "train: {stimulus: {name: noise, seed: per-trace, mean_pA: {min: 60, max: 500, scale: log}}, traces: 8}\n    "
                    + "validation: {stimulus: [noise, {name: square, amplitude_pA: 90}], traces: 8}\n    test: "
                    + "{stimulus: noise-2, traces: all}",
                "hold_out: {}"
            )
        );
        Assert.Empty(Faults(DefinitionWriter.ToYaml(definition)));
    }

    [Theory]
    [InlineData("seed: 3", "sed: 3", "$.sed: unknown key")]
    [InlineData("seed: 3", "seed: many", "$.seed: type")]
    [InlineData("seed: 3", "seed: -3", "$.seed: minimum")]
    [InlineData("design: grid", "design: gride", "$.dataset.parameters.design: enum")]
    [InlineData("C: [1e-10, 2e-10]", "C: many", "$.dataset.parameters.values.C: type")]
    [InlineData("samples: 100", "samples: 0", "$.dataset.trace.samples: minimum")]
    [InlineData("samples: 100", "samples: 1.5", "$.dataset.trace.samples: type")]
    [InlineData("traces: 50", "traces: some", "$.dataset.splits.train.traces: anyOf")]
    [InlineData("stimulus: noise-2", "stimulus: noise-9", "$.dataset.splits.test.stimulus: anyOf")]
    [InlineData("stimulus: noise-2", "stimulus: [noise-1, noise-9]", "$.dataset.splits.test.stimulus: anyOf")]
    [InlineData("stimulus: noise-2", "stimulus: []", "$.dataset.splits.test.stimulus: anyOf")]
    [InlineData("bilstm: {hidden: 2}", "bilsmt: {hidden: 2}", "$.pipeline[0]: anyOf")]
    [InlineData("bilstm: {hidden: 2}", "bilstm: {hidden: 2000}", "$.pipeline[0]: anyOf")]
    [InlineData("bilstm: {hidden: 2}", "bilstm: {hiden: 2}", "$.pipeline[0]: anyOf")]
    [InlineData("pipeline:\n  - bilstm: {hidden: 2}", "", "$: if")]
    public void Create_WrongDefinition_IsMarkedThere(string found, string wrong, string fault) =>
        Assert.Equal([fault], Faults(GridFolder.Yaml().Replace(found, wrong, StringComparison.Ordinal)));

    [Theory]
    [InlineData("extends: base.yaml\nseed: 2")]
    [InlineData("extends: base.yaml\ndataset: {parameters: {values: ~}}")]
    [InlineData("extends: base.yaml\npipeline:\n  - scale-trace: {scale: [3]}\n  - bilstm")]
    public void Create_DefinitionOverABase_MayLeaveTheRestToIt(string yaml) => Assert.Empty(Faults(yaml));

    [Fact]
    public void Create_EveryKey_SaysWhatItIs()
    {
        static IEnumerable<string> Silent(JsonObject schema, string path)
        {
            foreach (var (key, value) in schema["properties"]?.AsObject() ?? [])
            {
                if (value!["description"] is null)
                    yield return $"{path}.{key}";
                foreach (var inner in Silent(value.AsObject(), $"{path}.{key}"))
                    yield return inner;
            }

            foreach (var option in schema["anyOf"]?.AsArray() ?? [])
            {
                foreach (var inner in Silent(option!.AsObject(), path))
                    yield return inner;
            }
        }

        Assert.Empty(Silent(DefinitionJsonSchema.Create(EstimatorCatalog.Default), "$"));
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Faults(string yaml) =>
        [.. JsonSchemaCheck.Faults(Json(yaml), DefinitionJsonSchema.Create(EstimatorCatalog.Default))];

    internal static JsonNode? Json(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return Json(stream.Documents[0].RootNode);
    }

    private static JsonNode? Json(YamlNode node) =>
        node switch
        {
            YamlMappingNode mapping => new JsonObject(
                mapping.Select(entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value!, Json(entry.Value)))
            ),
            YamlSequenceNode list => new JsonArray([.. list.Select(Json)]),
            YamlScalarNode { Style: not ScalarStyle.Plain } text => text.Value,
            YamlScalarNode { Value: "~" or "" or "null" } => null,
            YamlScalarNode { Value: "true" or "false" } flag => flag.Value == "true",
            YamlScalarNode scalar when double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
                number,
            _ => ((YamlScalarNode)node).Value,
        };
}
