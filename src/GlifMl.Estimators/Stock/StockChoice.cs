using System.Reflection;

namespace GlifMl.Estimators;

/// <summary>
/// An option of ML.NET's that is an object, such as LightGBM's booster or a loss: a definition chooses its class, which then has ML.NET's
/// defaults.
/// </summary>
/// <param name="Choices">The classes' names, as an enum made while the program runs.</param>
/// <param name="Classes">The classes, in the same order.</param>
internal sealed record StockChoice(Type Choices, IReadOnlyList<Type> Classes)
{
    /// <summary>The choice that a property of an options class leaves; null where it leaves none.</summary>
    /// <param name="property">The property.</param>
    /// <param name="value">Its default; null where ML.NET chooses.</param>
    public static StockChoice? Of(PropertyInfo property, object? value)
    {
        // Early stopping asks for validation rows, which a chain gives to none of ML.NET's own trainers.
        if (
            !property.CanWrite
            || !(property.PropertyType.IsInterface || property.PropertyType.IsAbstract)
            || property.Name.StartsWith("EarlyStopping", StringComparison.Ordinal)
        )
            return null;
        Type[] classes =
        [
            .. property
                .PropertyType.Assembly.GetExportedTypes()
                .Where(type => type.IsAssignableTo(property.PropertyType) && !type.IsAbstract && Constructor(type) is not null)
                .OrderBy(NameOf, StringComparer.Ordinal),
        ];
        return classes.Length < 2 || (value is not null && !classes.Contains(value.GetType()))
            ? null
            : new(StockOptionTypes.MakeEnum($"{property.ReflectedType!.FullName}.{property.Name}", [.. classes.Select(NameOf)]), classes);
    }

    /// <summary>The choice that an object is.</summary>
    public object? Value(object? chosen) => chosen is null ? null : Enum.ToObject(Choices, Classes.ToList().IndexOf(chosen.GetType()));

    /// <summary>An object of the class that was chosen.</summary>
    public object Create(object value)
    {
        var constructor = Constructor(Classes[Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)])!;
        return constructor.Invoke([.. constructor.GetParameters().Select(p => p.DefaultValue)]);
    }

    // A class that is called Options within another is known by the other's name.
    private static string NameOf(Type type) => type is { Name: "Options", DeclaringType: { } owner } ? owner.Name : type.Name;

    private static ConstructorInfo? Constructor(Type type) =>
        Array.Find(type.GetConstructors(), c => c.GetParameters().All(p => p.HasDefaultValue));
}
