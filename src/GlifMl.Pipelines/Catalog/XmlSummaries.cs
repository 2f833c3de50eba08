using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GlifMl.Pipelines;

/// <summary>
/// What the XML documentation says of types and options, as plain text: the one wording that IntelliSense, the command line and the JSON Schema share.
/// The compiler writes it beside each assembly, and build, publish and pack copy it along.
/// </summary>
internal static partial class XmlSummaries
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, XElement>> Files = new();

    /// <summary>The summary of a type; empty where its assembly comes without documentation.</summary>
    public static string Of(Type type) => Text(type.Assembly, $"T:{FullName(type)}");

    /// <summary>The summary of an option, or of an enum's value.</summary>
    public static string Of(MemberInfo member) =>
        Text(member.Module.Assembly, $"{(member is FieldInfo ? 'F' : 'P')}:{FullName(member.DeclaringType!)}.{member.Name}");

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

    /// <summary>A reference as a reader of definitions knows it: an option by its key, an enum's value by its YAML name, anything else by its last name.</summary>
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
