using System.Reflection;

namespace GlifMl.Pipelines;

/// <summary>One option of an options record, as a definition writes it.</summary>
/// <param name="Key">Its YAML key.</param>
/// <param name="Property">The property it is bound to.</param>
/// <param name="IsRequired">Whether a definition must give it (the property is <c>required</c>).</param>
/// <param name="IsNullable">Whether it may be given as nothing (<c>~</c>).</param>
/// <param name="Default">Its value when not given; null where it is required.</param>
public sealed record OptionProperty(string Key, PropertyInfo Property, bool IsRequired, bool IsNullable, object? Default);
