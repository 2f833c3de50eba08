using YamlDotNet.RepresentationModel;

namespace GlifMl.Pipelines;

/// <summary>How a type is written in YAML where that is not simply its options: a name or a number that stands for a record, for example.</summary>
/// <param name="Read">Binds a node; returns null after reporting a fault. The binder binds whatever the form hands back to it.</param>
/// <param name="Write">Writes a value.</param>
internal sealed record YamlConverter(Func<YamlBinder, MarkedNode, string, object?> Read, Func<YamlNodeWriter, object, YamlNode> Write);
