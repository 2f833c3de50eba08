using System.Text;
using System.Text.Unicode;

namespace GlifMl.Pipelines;

/// <summary>Reads a definition file and those it extends into one tree, in which every node keeps the file it comes from.</summary>
internal sealed class DefinitionSource(DefinitionFaults faults)
{
    private const string ExtendsKey = "extends";

    /// <summary>
    /// Keys that say which experiment a file is, and so are not inherited: two definitions must not share a model folder unasked.
    /// </summary>
    private static readonly string[] OwnKeys = ["name", "output", "data", ExtendsKey];

    private readonly List<string> _files = [];

    /// <summary>The files read, as messages name them: the definition first, then what it extends.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Reads a definition and all it extends.</summary>
    /// <param name="path">The file; it exists.</param>
    /// <returns>The merged tree without <c>extends</c>; null after a fault that leaves nothing to go on with.</returns>
    public MarkedNode.Mapping? Read(string path)
    {
        _files.Add(path);
        if (ReadText(path) is not { } text)
            return null;
        var root = MarkedNodeReader.Read(text, mark => new(path, (int)mark.Line, (int)mark.Column), faults);
        if (root is MarkedNode.Scalar { IsNull: true })
            root = new MarkedNode.Mapping([], new(path, 1, 1));
        if (root is not MarkedNode.Mapping definition)
        {
            if (root is not null)
                faults.Add(root.Mark, $"found {root.Shown}; expected a mapping");
            return null;
        }
        return definition[ExtendsKey] is { } extends ? Extend(definition.Without(ExtendsKey), extends) : definition;
    }

    /// <summary>The text of a file; null after a byte that is not UTF-8, which would be read as another character without a word.</summary>
    private string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            var bytes = File.ReadAllBytes(path);
            _ = Utf8.ToUtf16(bytes, new char[bytes.Length], out var at, out _, replaceInvalidSequences: false);
            var before = bytes.AsSpan(0, at);
            faults.Add(
                new(path, before.Count((byte)'\n') + 1, at - before.LastIndexOf((byte)'\n')),
                $"found byte 0x{bytes[at]:X2}; expected text in UTF-8"
            );
            return null;
        }
    }

    private MarkedNode.Mapping? Extend(MarkedNode.Mapping definition, MarkedNode extends)
    {
        if (extends is not MarkedNode.Scalar { IsNull: false } file)
        {
            faults.Add(extends.Mark, $"extends: found {extends.Shown}; expected the path of a definition");
            return null;
        }
        var full = Path.GetFullPath(file.Text, extends.Mark.BaseDirectory);
        // Named as the user named the first file: absolute if that was, else from the working directory.
        var shown = Path.IsPathRooted(_files[0]) ? full : Path.GetRelativePath(Directory.GetCurrentDirectory(), full);
        if (!File.Exists(full))
        {
            faults.Add(extends.Mark, $"extends: found {Quoted.Of(file.Text)}; expected an existing file, but there is no {full}");
            return null;
        }
        if (_files.Exists(seen => Path.GetFullPath(seen) == full))
        {
            faults.Add(
                extends.Mark,
                $"extends: found {Quoted.Of(file.Text)}; expected no circle, but this makes {string.Join(" -> ", _files)} -> {shown}"
            );
            return null;
        }
        return Read(shown) is { } inherited ? Merge(inherited.Without(OwnKeys), definition) : null;
    }

    /// <summary>Mappings merge key by key; anything else, lists included, replaces what it overrides as a whole.</summary>
    private static MarkedNode.Mapping Merge(MarkedNode.Mapping inherited, MarkedNode.Mapping overriding)
    {
        var merged = inherited with { Mark = overriding.Mark };
        foreach (var entry in overriding.Entries)
        {
            var value =
                merged[entry.Key] is MarkedNode.Mapping below && entry.Value is MarkedNode.Mapping above
                    ? Merge(below, above)
                    : entry.Value;
            merged = merged.With(entry with { Value = value });
        }
        return merged;
    }
}
