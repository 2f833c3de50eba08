namespace GlifMl.Pipelines;

/// <summary>A definition with what it extends and what overrides it, before any of it means anything.</summary>
internal sealed class DefinitionTree
{
    private readonly IReadOnlyList<DefinitionFault> _found;

    private DefinitionTree(MarkedNode.Mapping root, IReadOnlyList<string> files, IReadOnlyList<DefinitionFault> found) =>
        (Root, Files, _found) = (root, files, found);

    /// <summary>Everything that is said, with a name.</summary>
    public MarkedNode.Mapping Root { get; }

    /// <summary>The files read: the definition first, then what it extends.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Reads a file, and applies overrides to it.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="setOverrides">Overrides, each <c>key.path=value</c>.</param>
    /// <exception cref="FileNotFoundException">There is no file at <paramref name="path"/>.</exception>
    /// <exception cref="DefinitionException">It cannot be read at all.</exception>
    public static DefinitionTree Read(string path, IReadOnlyList<string>? setOverrides)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"found no file {path}; expected a definition", path);

        var faults = new DefinitionFaults();
        var source = new DefinitionSource(faults);
        if (source.Read(path) is not { } root)
            throw faults.ToException(source.Files);
        foreach (var text in setOverrides ?? [])
            root = SetOverride.Apply(root, text, faults);
        if (root["name"] is null or MarkedNode.Scalar { IsNull: true })
            root = root.With(
                new("name", root.Mark, new MarkedNode.Scalar(Path.GetFileNameWithoutExtension(path), IsPlain: false, root.Mark))
            );
        return new(root, source.Files, faults.All);
    }

    /// <summary>The same files with other values.</summary>
    public DefinitionTree With(MarkedNode.Mapping root) => new(root, Files, _found);

    /// <summary>Binds the tree to a record, and checks it.</summary>
    /// <param name="context">The steps and stimuli it may name.</param>
    /// <param name="check">Checks values that hang together. Null: nothing more.</param>
    /// <exception cref="DefinitionException">The definition has faults; all of them are reported, those of reading it too.</exception>
    public T Bind<T>(DefinitionContext context, Action<MarkedNode.Mapping, YamlBinder>? check = null)
    {
        var faults = new DefinitionFaults(_found);
        var binder = new YamlBinder(faults, DefinitionConverters.For(context));
        var definition = binder.Bind(typeof(T), Root, "");
        check?.Invoke(Root, binder);
        return faults.Count == 0 ? (T)definition! : throw faults.ToException(Files);
    }

    /// <summary>Binds the tree to a pipeline, once the assemblies that it uses are in the catalogue.</summary>
    public PipelineDefinition Bind(DefinitionContext context)
    {
        var used = Use(context.Steps);
        var definition = Bind<PipelineDefinition>(context, (root, binder) => new DefinitionValidator(root, binder).Validate());
        return used.Count > 0 ? definition with { Uses = used } : definition;
    }

    /// <summary>Adds the steps of what the definition uses.</summary>
    /// <returns>The full paths.</returns>
    private List<string> Use(IStepCatalog steps)
    {
        var used = new List<string>();
        foreach (var file in (Root["uses"] as MarkedNode.Sequence)?.Items.OfType<MarkedNode.Scalar>() ?? [])
        {
            var full = Path.GetFullPath(file.Text, file.Mark.BaseDirectory);
            if (!File.Exists(full))
                throw Refused(file, $"expected an existing file, but there is no {full}");
            if (!PluginPermission.IsGiven && !steps.Has(full))
                throw Refused(file, $"expected {PluginPermission.Option}, because a definition does not run code by itself");
            try
            {
                steps.AddFrom(full);
            }
            catch (ArgumentException e)
            {
                throw Refused(file, e.Message.ReplaceLineEndings(" "));
            }

            used.Add(full);
        }

        return used;
    }

    private static DefinitionException Refused(MarkedNode.Scalar file, string expected) =>
        new([new(file.Mark, $"uses: found {Quoted.Of(file.Text)}; {expected}")]);
}
