using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines;

/// <summary>
/// Binds YAML nodes to immutable records by <see cref="OptionSchema"/>: scalars, enums, lists, dictionaries by name and
/// nested records. It is strict (an unknown key is a fault) and goes on after a fault, so that all are reported; a
/// value with faults below it is unfit for use.
/// </summary>
internal sealed class YamlBinder(DefinitionFaults faults, IReadOnlyDictionary<Type, YamlConverter> forms)
{
    private readonly Dictionary<(MarkedNode Node, Type Type), object> _clean = new(NodeIdentity.Instance);

    public DefinitionFaults Faults { get; } = faults;

    /// <summary>What a node was bound to without any fault below it, for rules that look at several values; null otherwise.</summary>
    public T? Clean<T>(MarkedNode? node)
        where T : class => node is not null && _clean.TryGetValue((node, typeof(T)), out var value) ? (T)value : null;

    /// <summary>Binds a node.</summary>
    /// <param name="type">The type wanted.</param>
    /// <param name="node">The node.</param>
    /// <param name="path">The node's keys from the root, for messages.</param>
    /// <returns>The value; null, or a value unfit for use, after a fault.</returns>
    public object? Bind(Type type, MarkedNode node, string path)
    {
        var wanted = Nullable.GetUnderlyingType(type) ?? type;
        var before = Faults.Count;
        var value = forms.TryGetValue(wanted, out var form) ? form.Read(this, node, path) : BindPlain(wanted, node, path);
        if (Faults.Count == before && value is not null)
            _clean[(node, wanted)] = value;
        return value;
    }

    /// <summary>Binds a node without asking for a form: what a form calls for the part it leaves to the binder.</summary>
    public object? BindPlain(Type type, MarkedNode node, string path)
    {
        if (ScalarValues.Handles(type))
            return BindScalar(type, node, path);
        if (Element(type, typeof(IReadOnlyList<>)) is { } item)
            return BindList(item, node, path);
        if (DictionaryValue(type) is { } value)
            return BindDictionary(value, node, path);
        return OptionSchema.WholeParameter(type) is { } parameter ? BindWhole(type, parameter, node, path) : BindRecord(type, node, path);
    }

    /// <summary>Reports a value of the wrong kind.</summary>
    /// <returns>Null, for the caller to return.</returns>
    public object? Refuse(MarkedNode node, string path, string expected)
    {
        Faults.Add(node.Mark, $"{path}: found {node.Shown}; {expected}");
        return null;
    }

    private object? BindScalar(Type type, MarkedNode node, string path)
    {
        if (node is MarkedNode.Scalar scalar && ScalarValues.Parse(type, scalar) is { } value)
            return value;
        return Refuse(
            node,
            path,
            type.IsEnum && node is MarkedNode.Scalar { IsNull: false } unknown
                ? UnknownName.Advice(unknown.Text, ScalarValues.EnumNames(type))
                : $"expected {ScalarValues.Expected(type, node)}"
        );
    }

    private object? BindList(Type itemType, MarkedNode node, string path)
    {
        if (node is not MarkedNode.Sequence sequence)
            return Refuse(node, path, "expected a list");
        var before = Faults.Count;
        var items = sequence.Items.Select((item, i) => Bind(itemType, item, $"{path}.{i}")).ToList();
        if (Faults.Count != before)
            return null;
        var list = Array.CreateInstance(itemType, items.Count);
        for (var i = 0; i < items.Count; i++)
            list.SetValue(items[i], i);
        return list;
    }

    private object? BindDictionary(Type valueType, MarkedNode node, string path)
    {
        if (node is not MarkedNode.Mapping mapping)
            return Refuse(node, path, "expected a mapping");
        var before = Faults.Count;
        var values = mapping.Entries.Select(entry => Bind(valueType, entry.Value, $"{path}.{entry.Key}")).ToList();
        if (Faults.Count != before)
            return null;
        var dictionary = (IDictionary)Activator.CreateInstance(typeof(OrderedDictionary<,>).MakeGenericType(typeof(string), valueType))!;
        foreach (var (entry, value) in mapping.Entries.Zip(values))
            dictionary.Add(entry.Key, value);
        return dictionary;
    }

    private object? BindWhole(Type type, ParameterInfo parameter, MarkedNode node, string path)
    {
        var before = Faults.Count;
        var value = Bind(parameter.ParameterType, node, path);
        if (Faults.Count != before)
            return null;
        var instance = Construct(() => Activator.CreateInstance(type, value), node, path);
        if (instance is not null)
            Validate(instance, node, path, keys: null);
        return instance;
    }

    private object? BindRecord(Type type, MarkedNode node, string path)
    {
        // A key with nothing behind it ("trace:") gives no option, and so does a bare step name.
        if (node is MarkedNode.Scalar { IsNull: true })
            node = new MarkedNode.Mapping([], node.Mark);
        if (node is not MarkedNode.Mapping mapping)
            return Refuse(node, path, "expected a mapping");

        var before = Faults.Count;
        var options = OptionSchema.Of(type);
        var keys = options.Select(option => option.Key).ToArray();
        foreach (var entry in mapping.Entries.Where(entry => !keys.Contains(entry.Key)))
            Faults.Add(entry.KeyMark, $"found unknown key {Quoted.Of(entry.Key)}; {UnknownName.Advice(entry.Key, keys)}");

        var instance = OptionSchema.NewInstance(type);
        foreach (var option in options)
            BindOption(instance, option, mapping, path);
        if (Faults.Count == before)
            Validate(instance, mapping, path, options);
        return instance;
    }

    private void BindOption(object instance, OptionProperty option, MarkedNode.Mapping mapping, string path)
    {
        var node = mapping[option.Key];
        var optionPath = path.Length == 0 ? option.Key : $"{path}.{option.Key}";
        if (node is null or MarkedNode.Scalar { IsNull: true })
        {
            if (option.IsRequired && !(node is not null && option.IsNullable))
                Faults.Add(
                    node?.Mark ?? mapping.Mark,
                    $"found no key '{option.Key}'{(path.Length == 0 ? "" : $" in {path}")}; expected one"
                );
            else if (node is not null && option.IsNullable)
                option.Property.SetValue(instance, null);
            return;
        }
        var before = Faults.Count;
        var value =
            option.Property.IsDefined(typeof(InputFileAttribute)) ? InputFile(node, optionPath)
            : option.Property.IsDefined(typeof(FolderAttribute)) ? Folder(node, optionPath)
            : Bind(option.Property.PropertyType, node, optionPath);
        if (Faults.Count != before)
            return;
        foreach (var rule in option.Property.GetCustomAttributes<ValidationAttribute>().Where(rule => !rule.IsValid(value)))
            Refuse(node, optionPath, ValidationWords.Expected(rule, option.Key, value));
        if (Faults.Count == before)
            Construct(
                () =>
                {
                    option.Property.SetValue(instance, value);
                    return instance;
                },
                node,
                optionPath
            );
    }

    /// <summary>Turns a path into a full one, reporting a file that does not exist.</summary>
    public string? InputFile(MarkedNode node, string path)
    {
        if (node is not MarkedNode.Scalar { Text.Length: > 0 } scalar)
            return (string?)Refuse(node, path, "expected the path of a file");
        var full = Path.GetFullPath(scalar.Text, node.Mark.BaseDirectory);
        return File.Exists(full) ? full : (string?)Refuse(node, path, $"expected an existing file, but there is no {full}");
    }

    private string? Folder(MarkedNode node, string path) =>
        node is not MarkedNode.Scalar { Text.Length: > 0 } scalar ? (string?)Refuse(node, path, "expected the path of a folder")
        : scalar.Text.StartsWith('.') ? Path.GetFullPath(scalar.Text, node.Mark.BaseDirectory)
        : scalar.Text;

    private void Validate(object instance, MarkedNode node, string path, IReadOnlyList<OptionProperty>? keys)
    {
        if (instance is not IValidatableObject validatable)
            return;
        var prefix = path.Length == 0 ? "" : $"{path}.";
        foreach (var result in validatable.Validate(new ValidationContext(instance)))
        {
            var expected = result.ErrorMessage ?? "expected another value";
            var option = keys?.FirstOrDefault(option => result.MemberNames.Contains(option.Property.Name));
            var at = option is null ? null : (node as MarkedNode.Mapping)?[option.Key];
            if (option is null)
                Refuse(node, path, expected);
            else if (at is not null)
                Refuse(at, $"{prefix}{option.Key}", expected);
            else
                Faults.Add(node.Mark, $"{prefix}{option.Key}: found {Words(option.Property.GetValue(instance))}; {expected}");
        }
    }

    private static string Words(object? value) =>
        value is null ? "nothing"
        : ScalarValues.Handles(value.GetType()) ? ScalarValues.Format(value)
        : $"{value}";

    /// <summary>Runs a constructor or an init accessor, which may refuse its value by an ArgumentException.</summary>
    private object? Construct(Func<object?> construct, MarkedNode node, string path)
    {
        try
        {
            return construct();
        }
        catch (TargetInvocationException e) when (e.InnerException is ArgumentException refusal)
        {
            return Refuse(node, path, refusal.Message.ReplaceLineEndings(" "));
        }
    }

    private static Type? Element(Type type, Type generic) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType
        && (
            type.GetGenericTypeDefinition() == generic
            || type.GetGenericTypeDefinition() == typeof(IEnumerable<>)
            || type.GetGenericTypeDefinition() == typeof(IReadOnlyCollection<>)
        )
            ? type.GetGenericArguments()[0]
        : null;

    private static Type? DictionaryValue(Type type) =>
        type.IsGenericType
        && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
        && type.GetGenericArguments()[0] == typeof(string)
            ? type.GetGenericArguments()[1]
            : null;

    /// <summary>Nodes are records; two equal ones at different places are different nodes here.</summary>
    private sealed class NodeIdentity : IEqualityComparer<(MarkedNode Node, Type Type)>
    {
        public static NodeIdentity Instance { get; } = new();

        public bool Equals((MarkedNode Node, Type Type) x, (MarkedNode Node, Type Type) y) =>
            ReferenceEquals(x.Node, y.Node) && x.Type == y.Type;

        public int GetHashCode((MarkedNode Node, Type Type) obj) =>
            HashCode.Combine(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj.Node), obj.Type);
    }
}

/// <summary>Words what a validation attribute expects.</summary>
internal static class ValidationWords
{
    /// <param name="rule">The rule.</param>
    /// <param name="key">The option's key.</param>
    /// <param name="found">The value that breaks it; null where the rule is only described.</param>
    public static string Expected(ValidationAttribute rule, string key, object? found = null) =>
        rule switch
        {
            RangeAttribute range =>
                $"expected {Expected(range)}{(found is double.PositiveInfinity or double.NegativeInfinity ? ", finite" : "")}",
            AllowedValuesAttribute allowed => $"expected one of {string.Join(", ", allowed.Values.Select(Words))}",
            MinLengthAttribute least => $"expected at least {least.Length} {(least.Length == 1 ? "entry" : "entries")}",
            _ => rule.FormatErrorMessage(key),
        };

    private static string Words(object? value) => value is null ? "nothing" : ScalarValues.Format(value);

    private static string Expected(RangeAttribute range)
    {
        var least = $"{(range.MinimumIsExclusive ? "more than" : "at least")} {Number(range.Minimum)}";
        var most = $"{(range.MaximumIsExclusive ? "below" : "at most")} {Number(range.Maximum)}";
        return IsUnbounded(range.Maximum) ? least
            : IsUnbounded(range.Minimum) ? most
            : $"{least} and {most}";
    }

    private static bool IsUnbounded(object bound) =>
        bound is int.MinValue or int.MaxValue or double.MinValue or double.MaxValue or double.NegativeInfinity or double.PositiveInfinity;

    private static string Number(object bound) => Convert.ToString(bound, CultureInfo.InvariantCulture)!;
}

/// <summary>
/// How a type is written in YAML where that is not simply its options: a name or a number that stands for a record, for example.
/// </summary>
/// <param name="Read">Binds a node; returns null after reporting a fault. The binder binds whatever the form hands back to it.</param>
/// <param name="Write">Writes a value.</param>
internal sealed record YamlConverter(Func<YamlBinder, MarkedNode, string, object?> Read, Func<YamlNodeWriter, object, YamlNode> Write);
