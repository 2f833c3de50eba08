namespace GlifMl.Pipelines;

/// <summary>
/// Loads definitions: reads the file and those it extends, applies overrides, binds and checks, and reports every fault at once.
/// </summary>
internal static class DefinitionLoader
{
    /// <summary>Loads a definition.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="context">The steps and stimuli it may name.</param>
    /// <param name="setOverrides">
    /// Overrides, each <c>key.path=value</c> with a YAML value, applied in turn after <c>extends</c>. A step of the chain
    /// is reached by name (<c>pipeline.bilstm.epochs=1</c>) or by position from 0 (<c>pipeline.1.epochs=1</c>). Paths in
    /// values start from the working directory.
    /// </param>
    /// <returns>The definition with every default filled in and full paths.</returns>
    /// <exception cref="FileNotFoundException">There is no file at <paramref name="path"/>.</exception>
    /// <exception cref="DefinitionException">The definition has faults.</exception>
    public static PipelineDefinition Load(string path, DefinitionContext context, IReadOnlyList<string>? setOverrides = null)
    {
        var tree = DefinitionTree.Read(path, setOverrides);
        if (SweepPoint.First(tree.Root) is { } swept)
            throw new DefinitionException([
                new(swept.Mark, $"found a sweep, {swept.Shown}; expected one value: `glifml sweep {path}` runs them all"),
            ]);
        return tree.Bind(context);
    }

    /// <summary>Loads a file of another kind, a record with a name, in the same way.</summary>
    internal static T Load<T>(string path, DefinitionContext context, IReadOnlyList<string>? setOverrides = null) =>
        DefinitionTree.Read(path, setOverrides).Bind<T>(context);
}

/// <summary>The names a definition may refer to.</summary>
/// <param name="Steps">The estimators that may stand in a <c>pipeline</c>.</param>
/// <param name="StimulusNames">The stimuli that may be named in a split, besides CSV files.</param>
internal sealed record DefinitionContext(IStepCatalog Steps, IReadOnlyCollection<string> StimulusNames);

/// <summary>What a definition needs to know of the estimators it may name in its <c>pipeline</c>.</summary>
internal interface IStepCatalog
{
    /// <summary>Every step name a definition may use.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>The type a step's options are bound to.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>
    /// A record with a parameterless constructor and init properties, or a record with one constructor parameter, which is bound from the
    /// options as a whole (a list or a dictionary); null for a step without options.
    /// </returns>
    Type? OptionsType(string name);

    /// <summary>Why a step that ML.NET has is none of <see cref="Names"/>; null for any other name.</summary>
    string? Refusal(string name) => null;

    /// <summary>Whether an assembly's steps are in the catalogue.</summary>
    /// <param name="assemblyFile">Its full path.</param>
    bool Has(string assemblyFile) => false;

    /// <summary>Adds an assembly's steps, unless they are there.</summary>
    /// <param name="assemblyFile">Its full path; it exists.</param>
    /// <exception cref="ArgumentException">It has none, or they cannot be added.</exception>
    void AddFrom(string assemblyFile) => throw new ArgumentException("found a catalogue that takes no steps; expected one that does");
}
