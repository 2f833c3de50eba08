using System.Collections;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines;

/// <summary>Writes records as YAML nodes, every option with its value, so that <see cref="YamlBinder"/> reads them back equal.</summary>
/// <param name="forms">The types with a form of their own.</param>
/// <param name="fileText">How the full path of an input file is written.</param>
internal sealed class YamlNodeWriter(IReadOnlyDictionary<Type, YamlConverter> forms, Func<string, string> fileText)
{
    private const int LongestLine = 110;

    public string FileText(string fullPath) => fileText(fullPath);

    public YamlNode Write(object value) => forms.TryGetValue(value.GetType(), out var form) ? form.Write(this, value) : WritePlain(value);

    /// <summary>Writes a value without asking for a form.</summary>
    public YamlNode WritePlain(object value)
    {
        if (ScalarValues.Handles(value.GetType()))
            return Scalar(value);
        if (value is IDictionary dictionary)
            return Flow(
                new YamlMappingNode(
                    dictionary
                        .Keys.Cast<string>()
                        .Select(key => KeyValuePair.Create<YamlNode, YamlNode>(Text(key), Write(dictionary[key]!)))
                )
            );
        if (value is IEnumerable list)
            return WriteList(list);
        if (OptionSchema.WholeParameter(value.GetType()) is { } parameter)
            return Write(value.GetType().GetProperty(parameter.Name!)!.GetValue(value)!);
        return WriteOptions(value);
    }

    private YamlSequenceNode WriteList(IEnumerable list)
    {
        var items = list.Cast<object>().Select(Write).ToList();
        return new YamlSequenceNode(items)
        {
            Style = items.TrueForAll(item => item is YamlScalarNode) ? SequenceStyle.Flow : SequenceStyle.Block,
        };
    }

    private YamlMappingNode WriteOptions(object value)
    {
        var mapping = new YamlMappingNode();
        foreach (var option in OptionSchema.Of(value.GetType()))
        {
            var at = option.Property.GetValue(value);
            if (at is not null)
                mapping.Add(
                    Text(option.Key),
                    option.Property.IsDefined(typeof(InputFileAttribute), false) ? Text(fileText((string)at))
                        : option.Property.IsDefined(typeof(FolderAttribute), false) ? Text(FolderText((string)at))
                        : Write(at)
                );
            else if (option.Default is not null)
                mapping.Add(Text(option.Key), new YamlScalarNode("~"));
        }
        return Flow(mapping);
    }

    /// <summary>A full path as that of a file is written, with the dot that says what it is relative to.</summary>
    private string FolderText(string folder)
    {
        var text = Path.IsPathFullyQualified(folder) ? fileText(folder) : folder;
        return text == folder || text.StartsWith('.') ? text : $"./{text}";
    }

    /// <summary>Text that stays text: quoted where a plain scalar would read as nothing.</summary>
    public static YamlScalarNode Text(string text) =>
        new(text)
        {
            Style =
                text is "" or "~" || text.Equals("null", StringComparison.OrdinalIgnoreCase) ? ScalarStyle.DoubleQuoted : ScalarStyle.Any,
        };

    private static YamlScalarNode Scalar(object value) =>
        value is string text ? Text(text) : new YamlScalarNode(ScalarValues.Format(value));

    /// <summary>One line for a mapping that fits on it.</summary>
    private static YamlMappingNode Flow(YamlMappingNode mapping)
    {
        mapping.Style = Length(mapping) <= LongestLine ? MappingStyle.Flow : MappingStyle.Block;
        return mapping;
    }

    /// <summary>Characters a node takes on one line, quotes apart.</summary>
    private static int Length(YamlNode node) =>
        node switch
        {
            YamlMappingNode mapping => mapping.Children.Sum(entry => Length(entry.Key) + Length(entry.Value) + 4),
            YamlSequenceNode sequence => sequence.Children.Sum(item => Length(item) + 2),
            _ => ((YamlScalarNode)node).Value!.Length,
        };
}
