namespace GlifMl.Pipelines;

/// <summary>Marks text that names an existing file, relative to the definition that says it; bound to the file's full path.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InputFileAttribute : Attribute;
