using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GlifMl.Estimators;

/// <summary>
/// What ML.NET's own documentation says of its methods and options: the XML files that its packages hold, where a build has copied them
/// beside the assemblies, or else the help texts that are compiled into its options.
/// </summary>
internal static partial class StockDocumentation
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, XElement>> Files = new();

    /// <summary>What a method's step does: one sentence.</summary>
    public static string Of(MethodInfo method)
    {
        var text = Creates().Replace(Text(Member(method.DeclaringType!.Assembly, Id(method))?.Element("summary")), "").TrimEnd('.');
        text = text.Length == 0 ? $"ML.NET's {method.Name}" : char.ToUpperInvariant(text[0]) + text[1..];
        return text + ".";
    }

    /// <summary>What a parameter does.</summary>
    public static string Of(ParameterInfo parameter)
    {
        var method = (MethodInfo)parameter.Member;
        var said = Member(method.DeclaringType!.Assembly, Id(method))
            ?.Elements("param")
            .FirstOrDefault(p => p.Attribute("name")?.Value == parameter.Name);
        return Sentence(Text(said), $"ML.NET's {parameter.Name} of {method.Name}");
    }

    /// <summary>What a field or property of an options class does.</summary>
    public static string Of(MemberInfo field)
    {
        var declaring = field.DeclaringType!;
        var name = (declaring.IsGenericType ? declaring.GetGenericTypeDefinition() : declaring).FullName!.Replace('+', '.');
        var said = Text(Member(declaring.Assembly, $"{(field is FieldInfo ? 'F' : 'P')}:{name}.{field.Name}")?.Element("summary"));
        var help =
            field.CustomAttributes.SelectMany(a => a.NamedArguments).FirstOrDefault(a => a.MemberName == "HelpText").TypedValue.Value
            as string;
        return Sentence(said.Length > 0 ? said : help ?? "", $"ML.NET's {field.Name}");
    }

    private static string Sentence(string text, string otherwise)
    {
        text = text.Length > 0 ? text : otherwise;
        return text.EndsWith('.') || text.EndsWith('?') || text.EndsWith(')') ? text : text + ".";
    }

    private static XElement? Member(Assembly assembly, string id) => Files.GetOrAdd(assembly, Read).GetValueOrDefault(id);

    private static Dictionary<string, XElement> Read(Assembly assembly)
    {
        var path = Path.ChangeExtension(assembly.Location, ".xml");
        return !File.Exists(path)
            ? []
            : XDocument
                .Load(path)
                .Descendants("member")
                .GroupBy(member => member.Attribute("name")!.Value, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
    }

    private static string Id(MethodInfo method)
    {
        var parameters = method.GetParameters().Select(p => TypeId(p.ParameterType));
        return $"M:{method.DeclaringType!.FullName}.{method.Name}({string.Join(',', parameters)})";
    }

    private static string TypeId(Type type) =>
        type.IsArray ? TypeId(type.GetElementType()!) + "[]"
        : type.IsGenericType
            ? $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0].Replace('+', '.')}"
                + $"{{{string.Join(',', type.GenericTypeArguments.Select(TypeId))}}}"
        : (type.FullName ?? type.Name).Replace('+', '.');

    private static string Text(XElement? element) =>
        element is null ? "" : Spaces().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) =>
        node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "paramref" or "see" or "typeparamref" or "seealso" } reference => reference.IsEmpty
                ? Last((reference.Attribute("cref") ?? reference.Attribute("name") ?? reference.Attribute("langword"))?.Value ?? "")
                : reference.Value,
            XElement { Name.LocalName: "format" or "example" } => "",
            XElement element => string.Concat(element.Nodes().Select(Text)),
            _ => "",
        };

    private static string Last(string reference)
    {
        var name = reference.Split('(')[0];
        return name[(name.LastIndexOf('.') + 1)..].Replace("T:", "", StringComparison.Ordinal);
    }

    // "Create a NormalizingEstimator, which normalizes ..." says by its first half what a definition does not name.
    [GeneratedRegex(@"^Create .*?\b(which|that) |^Create .*?\bto |^Create an? ", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Creates();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
