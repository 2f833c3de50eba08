using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GlifMl.Estimators;
using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines;

/// <summary>What an estimator of the catalogue does, and every option it takes.</summary>
/// <param name="Name">Its name in definitions.</param>
/// <param name="Role">Its place in a chain, as <c>label</c>, <c>trace</c>, <c>trainer</c>.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="About">What its options are as a whole: the summary of the options record.</param>
/// <param name="Options">The options.</param>
internal sealed record EstimatorDocumentation(
    string Name,
    string Role,
    string Summary,
    string About,
    IReadOnlyList<OptionDocumentation> Options
)
{
    /// <summary>The documentation of an estimator by its name.</summary>
    /// <param name="catalog">The catalogue it is in.</param>
    /// <param name="name">Its name in definitions.</param>
    /// <exception cref="ArgumentException">There is none of the name; the message gives the nearest one.</exception>
    public static EstimatorDocumentation Of(EstimatorCatalog catalog, string name) =>
        catalog.Names.Contains(name)
            ? Of(catalog[name])
            : throw new ArgumentException($"found unknown estimator {Quoted.Of(name)}; {UnknownName.Advice(name, catalog.Names)}");

    /// <summary>The documentation of an entry.</summary>
    public static EstimatorDocumentation Of(EstimatorEntry entry) =>
        new(
            entry.Name,
            OptionSchema.YamlName(entry.Role.ToString(), '-'),
            entry.Summary,
            XmlSummaries.Of(entry.OptionsType),
            OptionDocumentation.Of(entry.OptionsType)
        );
}

/// <summary>One option of an estimator, as a person who writes definitions needs to know it.</summary>
/// <param name="Key">Its key in a definition; an option of an option is behind a point (<c>layers[].hidden</c>).</param>
/// <param name="Type">What its value looks like.</param>
/// <param name="Default">Its value when it is not given, as YAML; <c>required</c> where it must be given.</param>
/// <param name="Range">Which values are valid, such as <c>at least 1</c>; empty where every value of the type is.</param>
/// <param name="Meaning">What it does: the XML documentation's summary of the property.</param>
/// <param name="Choices">What each value of an enum means, by its YAML name; empty for other types.</param>
internal sealed record OptionDocumentation(
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
                ? Enum.GetNames(type)
                    .ToDictionary(
                        name => OptionSchema.YamlName(name, '-'),
                        name => XmlSummaries.Of(type.GetField(name)!) is { Length: > 0 } said ? said : name
                    )
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

/// <summary>
/// What the XML documentation says of types and options, as plain text: the one wording that IntelliSense, the command line and the JSON
/// Schema share. The compiler writes it beside each assembly, and build, publish and pack copy it along.
/// </summary>
internal static partial class XmlSummaries
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, XElement>> Files = new();

    /// <summary>The summary of a type; empty where its assembly comes without documentation.</summary>
    public static string Of(Type type) =>
        type.IsSubclassOf(typeof(StockOptions)) ? StockOptions.StepOf(type).About : Text(type.Assembly, $"T:{FullName(type)}");

    /// <summary>The summary of an option, or of an enum's value.</summary>
    public static string Of(MemberInfo member) =>
        member.DeclaringType!.IsSubclassOf(typeof(StockOptions))
            ? StockOptions.StepOf(member.DeclaringType).Meaning(member.Name)
            : Text(member.Module.Assembly, $"{(member is FieldInfo ? 'F' : 'P')}:{FullName(member.DeclaringType!)}.{member.Name}");

    private static string Text(Assembly assembly, string id) =>
        Files.GetOrAdd(assembly, Read).TryGetValue(id, out var summary)
            ? Spaces().Replace(string.Concat(summary.Nodes().Select(n => Text(assembly, n))), " ").Trim()
            : "";

    private static Dictionary<string, XElement> Read(Assembly assembly)
    {
        var path = Path.ChangeExtension(assembly.Location, ".xml");
        return !File.Exists(path)
            ? []
            : XDocument
                .Load(path)
                .Descendants("member")
                .Where(member => member.Element("summary") is not null)
                .DistinctBy(member => member.Attribute("name")!.Value, StringComparer.Ordinal)
                .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!, StringComparer.Ordinal);
    }

    private static string Text(Assembly assembly, XNode node) =>
        node switch
        {
            XText text => text.Value,
            XElement element
                when (element.Attribute("cref") ?? element.Attribute("langword") ?? element.Attribute("name"))?.Value is { } reference =>
                element.IsEmpty ? Named(assembly, reference) : element.Value,
            XElement element => string.Concat(element.Nodes().Select(n => Text(assembly, n))),
            _ => "",
        };

    /// <summary>
    /// A reference as a reader of definitions knows it: an option by its key, an enum's value by its
    /// YAML name, anything else by its last name.
    /// </summary>
    private static string Named(Assembly assembly, string reference)
    {
        var last = reference[(reference.LastIndexOf('.') + 1)..];
        if (reference is not ['P' or 'F', ':', ..])
            return last.Length > 2 && last[1] == ':' ? last[2..] : last;
        var type = assembly.GetType(reference[2..(reference.Length - last.Length - 1)]);
        return type is { IsEnum: true } ? OptionSchema.YamlName(last, '-')
            : type?.GetConstructor(Type.EmptyTypes) is null ? last
            : OptionSchema.Of(type).FirstOrDefault(option => option.Property.Name == last)?.Key ?? last;
    }

    private static string FullName(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
