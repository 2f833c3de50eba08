using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines;

/// <summary>One option of an estimator, as a person who writes definitions needs to know it.</summary>
/// <param name="Key">Its key in a definition; an option of an option is behind a point (<c>layers[].hidden</c>).</param>
/// <param name="Type">What its value looks like.</param>
/// <param name="Default">Its value when it is not given, as YAML; <c>required</c> where it must be given.</param>
/// <param name="Range">Which values are valid, such as <c>at least 1</c>; empty where every value of the type is.</param>
/// <param name="Meaning">What it does: the XML documentation's summary of the property.</param>
/// <param name="Choices">What each value of an enum means, by its YAML name; empty for other types.</param>
public sealed record OptionDocumentation(
    string Key,
    string Type,
    string Default,
    string Range,
    string Meaning,
    IReadOnlyDictionary<string, string> Choices
)
{
    /// <summary>The options of a record, in the order that they are bound in; those of a record within it follow it.</summary>
    /// <param name="optionsType">The record.</param>
    public static IReadOnlyList<OptionDocumentation> Of(Type optionsType) =>
        OptionSchema.WholeParameter(optionsType) is { } whole
            ?
            [
                new(
                    "(all of it)",
                    TypeWords(whole.ParameterType),
                    "required",
                    "",
                    XmlSummaries.Of(optionsType),
                    ChoicesOf(whole.ParameterType)
                ),
            ]
            : [.. Of(optionsType, prefix: "")];

    private static IEnumerable<OptionDocumentation> Of(Type optionsType, string prefix)
    {
        foreach (var option in OptionSchema.Of(optionsType))
        {
            var type = option.Property.PropertyType;
            yield return new OptionDocumentation(
                prefix + option.Key,
                TypeWords(type),
                option.IsRequired ? "required" : DefaultText(option.Default),
                RangeText(option),
                XmlSummaries.Of(option.Property),
                ChoicesOf(type)
            );
            var (inner, suffix) = ItemType(type) is { } item ? (item, "[]") : (type, "");
            if (IsRecord(inner))
            {
                foreach (var nested in Of(inner, $"{prefix}{option.Key}{suffix}."))
                    yield return nested;
            }
        }
    }

    private static string TypeWords(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return ScalarValues.Expected(type) is { } words ? WithoutArticle(words)
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
                ? $"mapping to: {TypeWords(type.GenericTypeArguments[1])}"
            : ItemType(type) is { } item ? $"list of: {TypeWords(item)}"
            : "mapping";
    }

    private static string WithoutArticle(string words) =>
        words.StartsWith("an ", StringComparison.Ordinal) ? words[3..]
        : words.StartsWith("a ", StringComparison.Ordinal) ? words[2..]
        : words;

    private static Dictionary<string, string> ChoicesOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum
                ? Enum.GetNames(type).ToDictionary(name => OptionSchema.YamlName(name, '-'), name => XmlSummaries.Of(type.GetField(name)!))
            : type != typeof(string) && ItemType(type) is { } item ? ChoicesOf(item)
            : [];
    }

    private static string DefaultText(object? value) =>
        value switch
        {
            null => "none",
            // A record's own options follow it, each with its default.
            _ when IsRecord(value.GetType()) => "",
            _ => Flow(new YamlNodeWriter(DefinitionConverters.For(context: null), path => path).Write(value)),
        };

    private static string Flow(YamlNode node) =>
        node switch
        {
            YamlSequenceNode list => $"[{string.Join(", ", list.Select(Flow))}]",
            YamlMappingNode mapping => $"{{{string.Join(", ", mapping.Select(entry => $"{Flow(entry.Key)}: {Flow(entry.Value)}"))}}}",
            YamlScalarNode { Value: "" } => "\"\"",
            _ => ((YamlScalarNode)node).Value!,
        };

    private static string RangeText(OptionProperty option) =>
        string.Join(
            ", ",
            option
                .Property.GetCustomAttributes<ValidationAttribute>()
                .Select(rule => ValidationWords.Expected(rule, option.Key).Replace("expected ", "", StringComparison.Ordinal))
        );

    private static Type? ItemType(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) && type.GenericTypeArguments is [var item] ? item
        : null;

    private static bool IsRecord(Type type) =>
        !ScalarValues.Handles(type) && !type.IsAssignableTo(typeof(IEnumerable)) && type.GetConstructor(System.Type.EmptyTypes) is not null;
}
