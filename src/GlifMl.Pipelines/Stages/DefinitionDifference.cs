using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines;

/// <summary>The first option in which the definition of a trained model and another one differ.</summary>
/// <param name="Key">Its keys from the root, such as <c>pipeline.bilstm.hidden</c>.</param>
/// <param name="Found">What it is in the model's definition.</param>
/// <param name="Expected">What it is in the other one.</param>
/// <remarks>
/// Where model and shards are is no part of either. A data set is compared by its hash first, so that a folder may be moved away from the
/// neuron and stimulus files that its definition names. An option that the model's definition is too old to know has its default there.
/// </remarks>
internal sealed record DefinitionDifference(string Key, string Found, string Expected)
{
    // A text for each file: what it holds, where it is there to be read.
    private static readonly YamlNodeWriter Writer = new(
        DefinitionConverters.For(context: null),
        path => File.Exists(path) ? DatasetHash.ContentText(path) : path
    );

    /// <summary>Compares.</summary>
    /// <param name="trained">What the model says of itself.</param>
    /// <param name="folder">Its folder, which the paths in its definition are relative to.</param>
    /// <param name="wanted">The other definition.</param>
    /// <param name="dataHash">Hash of the other definition's data set.</param>
    /// <param name="catalog">Knows the steps of both.</param>
    /// <returns>Null where they are one.</returns>
    public static DefinitionDifference? Of(
        OnnxModelInfo trained,
        string folder,
        PipelineDefinition wanted,
        string dataHash,
        EstimatorCatalog catalog
    )
    {
        if (Read(trained.Definition, folder, catalog) is not { } found)
            return new("its definition", "no YAML", "a mapping");
        var difference = Of("name", found.Name, wanted.Name);
        if (trained.DataHash != dataHash)
            difference ??=
                Of("seed", found.Seed, wanted.Seed)
                ?? Of("dataset", found.Dataset, wanted.Dataset)
                ?? new("dataset", ShortHash.Of(trained.DataHash), ShortHash.Of(dataHash));
        return difference ?? Of("targets", found.Targets, wanted.Targets) ?? OfSteps(found.Steps, wanted.Steps);
    }

    /// <summary>Both on one line, as a message goes on with it.</summary>
    public override string ToString() => $"{Key} {Found}; expected {Expected}";

    /// <summary>A definition as far as it can be read: options in which there is a fault are left out.</summary>
    private static PipelineDefinition? Read(string yaml, string folder, EstimatorCatalog catalog)
    {
        var faults = new DefinitionFaults();
        var file = new ModelDirectory(folder).Onnx;
        var binder = new YamlBinder(faults, DefinitionConverters.For(new DefinitionContext(catalog, StimulusCatalog.Names)));
        return MarkedNodeReader.Read(yaml, mark => new(file, (int)mark.Line, (int)mark.Column), faults) is MarkedNode.Mapping root
            ? (PipelineDefinition?)binder.Bind(typeof(PipelineDefinition), root, "")
            : null;
    }

    private static DefinitionDifference? Of(string key, object? found, object? wanted) =>
        DatasetPopulation.Difference(key, [Node(found), Node(wanted)]) is { } difference
            ? new(difference.Key, difference.Values[0], difference.Values[1])
            : null;

    private static YamlNode? Node(object? value) => value is null ? null : Writer.Write(value);

    private static DefinitionDifference? OfSteps(IReadOnlyList<StepDefinition>? found, IReadOnlyList<StepDefinition> wanted)
    {
        var names = found?.Select(step => step.Name).ToArray();
        return Of("pipeline", names ?? [], wanted.Select(step => step.Name).ToArray())
            ?? found!
                .Zip(wanted)
                .Select(step => Of($"pipeline.{step.First.Name}", step.First.Options, step.Second.Options))
                .FirstOrDefault(difference => difference is not null);
    }
}
