using System.Collections.Concurrent;
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
