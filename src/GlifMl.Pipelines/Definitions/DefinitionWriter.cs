using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;
using YamlDotNet.Serialization;

namespace GlifMl.Pipelines;

/// <summary>Writes a definition with every effective value, so that <see cref="DefinitionLoader"/> loads an equal one.</summary>
internal static class DefinitionWriter
{
    /// <summary>Writes a definition.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="directory">
    /// The folder the text will be saved in: paths are written relative to it, with forward slashes, so that the text is the same on every
    /// machine. Null writes full paths, for a text that is saved nowhere in particular.
    /// </param>
    /// <returns>YAML, ending with a line feed.</returns>
    public static string ToYaml(PipelineDefinition definition, string? directory = null)
    {
        string FileText(string full) =>
            directory is null ? full : Path.GetRelativePath(Path.GetFullPath(directory), full).Replace('\\', '/');

        var root = (YamlMappingNode)
            new YamlNodeWriter(DefinitionConverters.For(context: null), FileText).Write(
                definition.Uses is { } uses ? definition with { Uses = [.. uses.Select(FileText)] } : definition
            );
        root.Style = MappingStyle.Block;
        return Emit(root);
    }

    private static string Emit(YamlNode root)
    {
        var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        ((IYamlConvertible)root).Write(emitter, (_, _) => throw new InvalidOperationException("a YAML tree holds nodes only"));
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }
}
