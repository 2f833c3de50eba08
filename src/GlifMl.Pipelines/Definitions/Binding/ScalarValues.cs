using System.ComponentModel;
using System.Globalization;
using System.Numerics;
using System.Reflection;

namespace GlifMl.Pipelines;

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
