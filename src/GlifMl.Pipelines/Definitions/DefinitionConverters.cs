using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines;

/// <summary>The parts of a definition that are written in a form of their own, read and written side by side.</summary>
internal static class DefinitionConverters
{
    private const string All = "all";
    private const string PerTrace = "per-trace";

    /// <summary>The forms by type.</summary>
    /// <param name="context">What names mean something; null where nothing is read.</param>
    public static IReadOnlyDictionary<Type, YamlConverter> For(DefinitionContext? context) =>
        new Dictionary<Type, YamlConverter>
        {
            [typeof(TraceCount)] = new(ReadTraceCount, (_, value) => new YamlScalarNode(value.ToString())),
            [typeof(StimulusSeed)] = new(ReadSeed, (_, value) => new YamlScalarNode(value.ToString())),
            [typeof(NumberRange)] = new(ReadRange, WriteRange),
            [typeof(StimulusDefinition)] = new(
                (binder, node, path) => ReadStimulus(binder, node, path, context!.StimulusNames),
                WriteStimulus
            ),
            [typeof(StimulusMixture)] = new(ReadMixture, WriteMixture),
            [typeof(StepDefinition)] = new((binder, node, path) => ReadStep(binder, node, path, context!.Steps), WriteStep),
        };

    private static object? ReadTraceCount(YamlBinder binder, MarkedNode node, string path) =>
        node is not MarkedNode.Scalar scalar ? binder.Refuse(node, path, "expected at least 1 or 'all'")
        : scalar.Text == All ? TraceCount.All
        : ScalarValues.Parse(typeof(int), scalar) is int number and >= 1 ? TraceCount.Of(number)
        : binder.Refuse(node, path, "expected at least 1 or 'all'");

    private static object? ReadSeed(YamlBinder binder, MarkedNode node, string path) =>
        node is not MarkedNode.Scalar scalar ? binder.Refuse(node, path, "expected an integer of at least 0 or 'per-trace'")
        : scalar.Text == PerTrace ? StimulusSeed.PerTrace
        : ScalarValues.Parse(typeof(int), scalar) is int value and >= 0 ? StimulusSeed.Of(value)
        : binder.Refuse(node, path, "expected an integer of at least 0 or 'per-trace'");

    private static object? ReadRange(YamlBinder binder, MarkedNode node, string path) =>
        node switch
        {
            MarkedNode.Mapping => binder.BindPlain(typeof(NumberRange), node, path),
            MarkedNode.Scalar scalar when ScalarValues.Parse(typeof(double), scalar) is double value && double.IsFinite(value) =>
                NumberRange.Fixed(value),
            _ => binder.Refuse(node, path, "expected a number or {min, max, scale}"),
        };

    private static YamlNode WriteRange(YamlNodeWriter writer, object value) =>
        value is NumberRange range && range == NumberRange.Fixed(range.Min) ? writer.Write(range.Min) : writer.WritePlain(value);

    private static object? ReadStimulus(YamlBinder binder, MarkedNode node, string path, IReadOnlyCollection<string> names)
    {
        if (node is MarkedNode.Scalar { IsNull: false } bare)
            return ReadStimulusName(binder, bare, path, names) is { } only ? new StimulusDefinition { Name = only } : null;
        if (node is not MarkedNode.Mapping mapping)
            return binder.Refuse(node, path, "expected the name of a stimulus, the path of a CSV file, or a mapping");
        var stimulus = (StimulusDefinition?)binder.BindPlain(typeof(StimulusDefinition), node, path);
        return
            mapping["name"] is MarkedNode.Scalar { IsNull: false } said
            && ReadStimulusName(binder, said, $"{path}.name", names) is { } name
            && stimulus is not null
            ? stimulus with
            {
                Name = name,
            }
            : null;
    }

    private static string? ReadStimulusName(YamlBinder binder, MarkedNode.Scalar node, string path, IReadOnlyCollection<string> names) =>
        StimulusDefinition.IsFileName(node.Text) ? binder.InputFile(node, path)
        : names.Contains(node.Text) ? node.Text
        : (string?)binder.Refuse(node, path, UnknownName.Advice(node.Text, names));

    private static YamlNode WriteStimulus(YamlNodeWriter writer, object value)
    {
        var stimulus = (StimulusDefinition)value;
        var name = stimulus.IsFile ? writer.FileText(stimulus.Name) : stimulus.Name;
        return stimulus == new StimulusDefinition { Name = stimulus.Name }
            ? YamlNodeWriter.Text(name)
            : writer.WritePlain(stimulus with { Name = name });
    }

    private static object? ReadMixture(YamlBinder binder, MarkedNode node, string path)
    {
        if (node is not MarkedNode.Sequence list)
            return binder.Bind(typeof(StimulusDefinition), node, path) is StimulusDefinition only ? (StimulusMixture)only : null;
        if (list.Items.Count == 0)
            return binder.Refuse(node, path, "expected at least one stimulus");
        StimulusDefinition?[] stimuli =
        [
            .. list.Items.Select((item, i) => (StimulusDefinition?)binder.Bind(typeof(StimulusDefinition), item, $"{path}.{i}")),
        ];
        return stimuli.Contains(null) ? null : new StimulusMixture(stimuli!);
    }

    private static YamlNode WriteMixture(YamlNodeWriter writer, object value) =>
        ((StimulusMixture)value).Stimuli is [var only] ? writer.Write(only) : writer.WritePlain(((StimulusMixture)value).Stimuli);

    private static StepDefinition? ReadStep(YamlBinder binder, MarkedNode node, string path, IStepCatalog catalog)
    {
        var (name, mark, options) = node switch
        {
            MarkedNode.Scalar { IsNull: false } bare => (bare.Text, bare.Mark, null),
            MarkedNode.Mapping { Entries: [var only] } => (only.Key, only.KeyMark, only.Value),
            _ => (null, node.Mark, null),
        };
        if (name is null)
            return (StepDefinition?)binder.Refuse(node, path, "expected one step, as a name or as 'name: {options}'");
        if (!catalog.Names.Contains(name))
        {
            binder.Faults.Add(
                mark,
                catalog.Refusal(name) is { } refusal
                    ? $"found step {Quoted.Of(name)}, which ML.NET has and a definition cannot use: {refusal}; expected another"
                    : $"found unknown step {Quoted.Of(name)}; {UnknownName.Advice(name, catalog.Names)}"
            );
            return null;
        }
        // "--set pipeline.bilstm=mean" is how one would first try to swap a step.
        if (options is MarkedNode.Scalar { Mark.Line: 0 } other && catalog.Names.Contains(other.Text))
            return (StepDefinition?)
                binder.Refuse(options, $"pipeline.{name}", $"expected its options; --set {path}={other.Text} swaps the step");
        if (catalog.OptionsType(name) is { } type)
            return new(name, binder.Bind(type, options ?? new MarkedNode.Scalar("", IsPlain: true, mark), $"pipeline.{name}"), mark);
        if (options is not null and not MarkedNode.Scalar { IsNull: true } and not MarkedNode.Mapping { Entries.Count: 0 })
            binder.Refuse(options, $"pipeline.{name}", "expected nothing, because the step has no options");
        return new(name, null, mark);
    }

    private static YamlNode WriteStep(YamlNodeWriter writer, object value)
    {
        var step = (StepDefinition)value;
        return step.Options is null
            ? new YamlScalarNode(step.Name)
            : new YamlMappingNode(YamlNodeWriter.Text(step.Name), writer.Write(step.Options))
            {
                Style = YamlDotNet.Core.Events.MappingStyle.Block,
            };
    }
}
