using System.Collections;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines.Definitions;

/// <summary>Writes records as YAML nodes, every option with its value, so that <see cref="YamlBinder"/> reads them back equal.</summary>
/// <param name="forms">The types with a form of their own.</param>
/// <param name="fileText">How the full path of an input file is written.</param>
internal sealed class YamlNodeWriter(IReadOnlyDictionary<Type, NodeForm> forms, Func<string, string> fileText)
{
    public string FileText(string fullPath) => fileText(fullPath);

    public YamlNode Write(object value) =>
        forms.TryGetValue(value.GetType(), out var form) ? form.Write(this, value) : WritePlain(value);

    /// <summary>Writes a value without asking for a form.</summary>
    public YamlNode WritePlain(object value)
    {
        if (ScalarValues.Handles(value.GetType()))
            return Scalar(value);
        if (value is IDictionary dictionary)
            return Flow(new YamlMappingNode(dictionary.Keys.Cast<string>().Select(key => KeyValuePair.Create<YamlNode, YamlNode>(Text(key), Write(dictionary[key]!)))));
        if (value is IEnumerable list)
            return WriteList(list);
        if (OptionSchema.WholeParameter(value.GetType()) is { } parameter)
            return Write(value.GetType().GetProperty(parameter.Name!)!.GetValue(value)!);
        return WriteOptions(value);
    }

    private YamlSequenceNode WriteList(IEnumerable list)
    {
        var items = list.Cast<object>().Select(Write).ToList();
        return new YamlSequenceNode(items) { Style = items.TrueForAll(item => item is YamlScalarNode) ? SequenceStyle.Flow : SequenceStyle.Block };
    }

    private YamlMappingNode WriteOptions(object value)
    {
        var mapping = new YamlMappingNode();
        foreach (var option in OptionSchema.Of(value.GetType()))
        {
            var at = option.Property.GetValue(value);
            if (at is not null)
                mapping.Add(Text(option.Key), option.Property.IsDefined(typeof(InputFileAttribute), false) ? Text(fileText((string)at)) : Write(at));
            else if (option.Default is not null)
                mapping.Add(Text(option.Key), new YamlScalarNode("~"));
        }
        return Flow(mapping);
    }

    /// <summary>Text that stays text: quoted where a plain scalar would read as nothing.</summary>
    public static YamlScalarNode Text(string text) =>
        new(text) { Style = text is "" or "~" || text.Equals("null", StringComparison.OrdinalIgnoreCase) ? ScalarStyle.DoubleQuoted : ScalarStyle.Any };

    private static YamlScalarNode Scalar(object value) => value is string text ? Text(text) : new YamlScalarNode(ScalarValues.Format(value));

    /// <summary>One line for a mapping that holds nothing but scalars and lists of them.</summary>
    private static YamlMappingNode Flow(YamlMappingNode mapping)
    {
        mapping.Style = mapping.Children.Values.All(child => child is YamlScalarNode or YamlSequenceNode { Style: SequenceStyle.Flow } or YamlMappingNode { Style: MappingStyle.Flow })
            ? MappingStyle.Flow
            : MappingStyle.Block;
        return mapping;
    }
}
