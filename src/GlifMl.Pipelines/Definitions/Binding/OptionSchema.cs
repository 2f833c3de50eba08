using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using System.Text;

namespace GlifMl.Pipelines;

/// <summary>
/// How records map to YAML. Each init property is one key: its name in snake case (<c>LearningRate</c> is <c>learning_rate</c>)
/// unless <see cref="DataMemberAttribute.Name"/> gives another; properties with <see cref="IgnoreDataMemberAttribute"/> or without a
/// setter are left out. These attributes, like those of System.ComponentModel.DataAnnotations for valid values, let options records
/// live in projects that know nothing of YAML.
/// </summary>
internal static class OptionSchema
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<OptionProperty>> Known = new();

    /// <summary>The options of a record type.</summary>
    /// <param name="type">A record with a parameterless constructor.</param>
    /// <returns>One entry a key, in declaration order.</returns>
    /// <exception cref="ArgumentException"><paramref name="type"/> has no public parameterless constructor.</exception>
    public static IReadOnlyList<OptionProperty> Of(Type type) => Known.GetOrAdd(type, Read);

    /// <summary>The YAML form of a .NET name.</summary>
    /// <param name="name">A name in Pascal case, such as <c>LearningRate</c>.</param>
    /// <param name="separator">What stands between words: <c>_</c> for keys, <c>-</c> for enum values.</param>
    /// <returns>The words in lower case, such as <c>learning_rate</c>.</returns>
    public static string YamlName(string name, char separator = '_')
    {
        var words = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var startsWord =
                i > 0 && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (startsWord)
                words.Append(separator);
            words.Append(char.ToLowerInvariant(name[i]));
        }
        return words.ToString();
    }

    /// <summary>An instance with every option at its default, and required ones unset.</summary>
    internal static object NewInstance(Type type) =>
        type.GetConstructor(Type.EmptyTypes) is { } constructor
            ? constructor.Invoke([])
            : throw new ArgumentException(
                $"{type} has no public parameterless constructor, so that its options have no defaults",
                nameof(type)
            );

    /// <summary>The one parameter of a record that is bound from a node as a whole; null for a record of options.</summary>
    internal static ParameterInfo? WholeParameter(Type type) =>
        type.GetConstructors() is [var constructor] && constructor.GetParameters() is [var only] ? only : null;

    private static List<OptionProperty> Read(Type type)
    {
        var defaults = NewInstance(type);
        var nullability = new NullabilityInfoContext();
        return
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property =>
                    property.SetMethod is { IsPublic: true } && property.GetCustomAttribute<IgnoreDataMemberAttribute>() is null
                )
                .Select(property =>
                {
                    var required = property.GetCustomAttribute<RequiredMemberAttribute>() is not null;
                    return new OptionProperty(
                        property.GetCustomAttribute<DataMemberAttribute>()?.Name ?? YamlName(property.Name),
                        property,
                        required,
                        nullability.Create(property).WriteState == NullabilityState.Nullable,
                        required ? null : property.GetValue(defaults)
                    );
                }),
        ];
    }
}

/// <summary>One option of an options record, as a definition writes it.</summary>
/// <param name="Key">Its YAML key.</param>
/// <param name="Property">The property it is bound to.</param>
/// <param name="IsRequired">Whether a definition must give it (the property is <c>required</c>).</param>
/// <param name="IsNullable">Whether it may be given as nothing (<c>~</c>).</param>
/// <param name="Default">Its value when not given; null where it is required.</param>
internal sealed record OptionProperty(string Key, PropertyInfo Property, bool IsRequired, bool IsNullable, object? Default);

/// <summary>
/// Marks text that names a folder: relative to the working directory, or, where it begins with a dot, to the definition that says it, and
/// then bound to the folder's full path.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FolderAttribute : Attribute;

/// <summary>Marks text that names an existing file, relative to the definition that says it; bound to the file's full path.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class InputFileAttribute : Attribute;

/// <summary>Scalars between YAML text and .NET values: strict one way, round-trip exact the other.</summary>
internal static class ScalarValues
{
    public static bool Handles(Type type) => type.IsEnum || Expected(type) is not null;

    /// <summary>Reads a scalar.</summary>
    /// <returns>The value, or null when the text is not one of the type.</returns>
    public static object? Parse(Type type, MarkedNode.Scalar scalar)
    {
        var text = scalar.Text;
        if (type == typeof(string))
            return scalar.IsNull ? null : text;
        if (type.IsEnum)
        {
            var index = Array.IndexOf(EnumNames(type), text);
            return index < 0 ? null : Enum.GetValues(type).GetValue(index);
        }
        if (ParsableScalar.Handles(type))
            return ParsableScalar.Parse(type, text);
        if (!scalar.IsPlain)
            return null;
        if (type == typeof(bool))
            return text switch
            {
                "true" => true,
                "false" => false,
                _ => null,
            };
        if (type == typeof(int))
            return PlainNumber.Whole<int>(text);
        if (type == typeof(long))
            return PlainNumber.Whole<long>(text);
        if (type == typeof(double))
            return Infinity(text) ?? PlainNumber.Real(text);
        return (float?)Infinity(text) ?? PlainNumber.Single(text);
    }

    /// <summary>What a scalar of the type looks like, for a message; null for a type that is no scalar.</summary>
    public static string? Expected(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(int) ? "an integer"
        : type == typeof(long) ? "an integer"
        : type == typeof(double) || type == typeof(float) ? "a number"
        : type == typeof(string) ? "text"
        : ParsableScalar.Handles(type) ? ParsableScalar.Expected(type)
        : type.IsEnum ? $"one of {string.Join(", ", EnumNames(type))}"
        : null;

    /// <summary>
    /// What a scalar of the type looks like, for a message about one that is none; a whole number is told the numbers there are.
    /// </summary>
    public static string? Expected(Type type, MarkedNode found) =>
        type == typeof(int) && found is MarkedNode.Scalar { IsPlain: true } scalar && PlainNumber.Whole<BigInteger>(scalar.Text) is not null
            ? $"an integer from {int.MinValue} to {int.MaxValue}"
            : Expected(type);

    public static string[] EnumNames(Type type) => [.. Enum.GetNames(type).Select(name => OptionSchema.YamlName(name, '-'))];

    /// <summary>Writes a scalar so that it reads back as the same value.</summary>
    public static string Format(object value) =>
        value switch
        {
            bool b => b ? "true" : "false",
            double or float when Convert.ToDouble(value, CultureInfo.InvariantCulture) is var real && !double.IsFinite(real) =>
                double.IsPositiveInfinity(real) ? ".inf"
                : double.IsNegativeInfinity(real) ? "-.inf"
                : throw new ArgumentException("NaN cannot stand in a definition", nameof(value)),
            // One zero: -0 and 0 are equal, so they are written, and hashed, alike.
            double d => d == 0 ? "0" : d.ToString("R", CultureInfo.InvariantCulture),
            float f => f == 0 ? "0" : f.ToString("R", CultureInfo.InvariantCulture),
            Enum e => OptionSchema.YamlName(e.ToString(), '-'),
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            string text => text,
            _ => value.ToString()!,
        };

    /// <summary>YAML's <c>.inf</c> and <c>-.inf</c>, with which an option may switch a limit off; null for any other text.</summary>
    private static double? Infinity(string text) =>
        text switch
        {
            ".inf" => double.PositiveInfinity,
            "-.inf" => double.NegativeInfinity,
            _ => null,
        };
}

/// <summary>
/// An option's own value type that a definition writes as one scalar: an <see cref="IParsable{TSelf}"/> whose
/// <see cref="DescriptionAttribute"/> says what is expected, and whose <see cref="object.ToString"/> parses back.
/// </summary>
internal static class ParsableScalar
{
    public static bool Handles(Type type) => type.IsDefined(typeof(DescriptionAttribute), inherit: false) && IsParsable(type);

    public static object? Parse(Type type, string text) =>
        typeof(ParsableScalar)
            .GetMethod(nameof(TryParse), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type)
            .Invoke(null, [text]);

    public static string Expected(Type type) => type.GetCustomAttribute<DescriptionAttribute>()!.Description;

    private static bool IsParsable(Type type) =>
        type.GetInterfaces()
            .Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>) && i.GenericTypeArguments[0] == type);

    private static object? TryParse<T>(string text)
        where T : IParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null;
}
