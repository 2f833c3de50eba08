using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace GlifMl.Pipelines;

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
