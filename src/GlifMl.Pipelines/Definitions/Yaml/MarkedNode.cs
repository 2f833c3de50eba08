using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GlifMl.Pipelines;

/// <summary>A YAML node that remembers the file and place it was written at, also after merging with nodes of other files.</summary>
internal abstract record MarkedNode(SourceMark Mark)
{
    private const int LongestShown = 60;

    /// <summary>The node in a few characters, for a message.</summary>
    public string Shown
    {
        get
        {
            var text = new StringBuilder();
            Flow(text);
            return text.Length <= LongestShown
                ? text.ToString()
                : this switch
                {
                    Mapping => "a mapping",
                    Sequence => "a list",
                    _ => $"{text.ToString(0, LongestShown)}...'",
                };
        }
    }

    /// <summary>
    /// Writes the node on one line, no further than a message shows: a few aliases of aliases can stand for more than memory holds.
    /// </summary>
    private protected abstract void Flow(StringBuilder text);

    private static void Flow<T>(StringBuilder text, char open, IReadOnlyList<T> parts, Action<T> write, char close)
    {
        text.Append(open);
        for (var i = 0; i < parts.Count && text.Length <= LongestShown; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            write(parts[i]);
        }

        text.Append(close);
    }

    /// <summary>Text. A plain one may be read as a number, a truth value or null; a quoted one is text only.</summary>
    internal sealed record Scalar(string Text, bool IsPlain, SourceMark Mark) : MarkedNode(Mark)
    {
        public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";

        private protected override void Flow(StringBuilder text) =>
            text.Append(
                IsNull ? "nothing"
                : IsPlain && (Text is "true" or "false" || PlainNumber.Real(Text) is not null) ? Text
                : Quoted.Of(Text)
            );
    }

    /// <summary>A list.</summary>
    internal sealed record Sequence(IReadOnlyList<MarkedNode> Items, SourceMark Mark) : MarkedNode(Mark)
    {
        private protected override void Flow(StringBuilder text) => Flow(text, '[', Items, item => item.Flow(text), ']');
    }

    /// <summary>Keys and values, in the order written; no key twice.</summary>
    internal sealed record Mapping(IReadOnlyList<Entry> Entries, SourceMark Mark) : MarkedNode(Mark)
    {
        public MarkedNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key == key)?.Value;

        /// <summary>The mapping with one entry replaced where it stands, or added at the end.</summary>
        public Mapping With(Entry added)
        {
            var replaced = Entries.Any(entry => entry.Key == added.Key);
            return this with
            {
                Entries = replaced ? [.. Entries.Select(entry => entry.Key == added.Key ? added : entry)] : [.. Entries, added],
            };
        }

        /// <summary>The mapping without the named keys.</summary>
        public Mapping Without(params string[] keys) => this with { Entries = [.. Entries.Where(entry => !keys.Contains(entry.Key))] };

        private protected override void Flow(StringBuilder text) =>
            Flow(text, '{', Entries, entry => entry.Value.Flow(text.Append(Quoted.Text(entry.Key)).Append(": ")), '}');
    }

    /// <summary>One key of a mapping.</summary>
    internal sealed record Entry(string Key, SourceMark KeyMark, MarkedNode Value);
}

/// <summary>
/// Reads one YAML document into <see cref="MarkedNode"/>s. YamlDotNet's own tree is not used because it stops at the first duplicate key
/// and does not remember files.
/// </summary>
internal sealed class MarkedNodeReader
{
    /// <summary>No definition nests deeper; without a bound a hostile file would exhaust the stack.</summary>
    private const int DeepestNesting = 64;

    private readonly Parser _parser;
    private readonly Func<Mark, SourceMark> _mark;
    private readonly DefinitionFaults _faults;
    private readonly Dictionary<AnchorName, MarkedNode> _anchors = [];

    private MarkedNodeReader(string text, Func<Mark, SourceMark> mark, DefinitionFaults faults)
    {
        _parser = new Parser(new StringReader(text));
        _mark = mark;
        _faults = faults;
    }

    /// <summary>Reads a document, reporting syntax errors and duplicate keys.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="mark">Turns a place in <paramref name="text"/> into one a message can name.</param>
    /// <param name="faults">Where faults go.</param>
    /// <returns>The document's root; an empty scalar for an empty document; null after a syntax error.</returns>
    public static MarkedNode? Read(string text, Func<Mark, SourceMark> mark, DefinitionFaults faults)
    {
        var reader = new MarkedNodeReader(text, mark, faults);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            // YamlDotNet gives the beginning of what a tab stands in, which may be the document's.
            faults.Add(
                mark(e.Message.Contains("invalid tab", StringComparison.Ordinal) ? FirstTab(text) ?? e.Start : e.Start),
                $"found invalid YAML: {Words(e)}"
            );
            return null;
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner loses its simple keys, and throws this, where a flow collection is left open inside a block mapping.
            faults.Add(
                mark(reader._parser.Current?.End ?? Mark.Empty),
                "found invalid YAML behind this place; expected every bracket and quote to be closed"
            );
            return null;
        }
    }

    /// <summary>The first tab within a line's indentation.</summary>
    private static Mark? FirstTab(string text)
    {
        var lines = text.Split('\n');
        var line = Array.FindIndex(lines, line => line.TrimStart(' ').StartsWith('\t'));
        return line < 0 ? null : new Mark(0, line + 1, lines[line].IndexOf('\t', StringComparison.Ordinal) + 1);
    }

    private static string Words(YamlException e)
    {
        var message = e.Message.ReplaceLineEndings(" ");
        // YamlDotNet puts "(Line: 1, Col: 2, Idx: 3) - (...): " before some messages; the fault has its own place.
        var end = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        return (end < 0 ? message : message[(end + 3)..]).TrimEnd('.');
    }

    private MarkedNode ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out var nothing))
            return new MarkedNode.Scalar("", IsPlain: true, _mark(nothing.Start));
        _parser.Consume<DocumentStart>();
        var root = ReadNode(depth: 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw new YamlException(second.Start, second.End, "a second document begins here; expected one");
        return root;
    }

    private MarkedNode ReadNode(int depth)
    {
        var e = _parser.Consume<ParsingEvent>();
        if (depth > DeepestNesting)
            throw new YamlException(e.Start, e.End, $"nested more than {DeepestNesting} levels deep");
        if (e is AnchorAlias alias)
        {
            return _anchors.TryGetValue(alias.Value, out var anchored)
                ? anchored
                : throw new YamlException(e.Start, e.End, $"alias '*{alias.Value}' has no anchor before it");
        }
        MarkedNode node = e switch
        {
            YamlDotNet.Core.Events.Scalar scalar => new MarkedNode.Scalar(scalar.Value, scalar.Style == ScalarStyle.Plain, _mark(e.Start)),
            SequenceStart => ReadSequence(_mark(e.Start), depth),
            MappingStart => ReadMapping(_mark(e.Start), depth),
            _ => throw new YamlException(e.Start, e.End, "expected a value"),
        };
        if (e is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag })
            _faults.Add(node.Mark, $"found tag {Quoted.Of(tag.ToString())}, which has no meaning in a definition; expected a plain value");
        if (e is NodeEvent { Anchor: { IsEmpty: false } anchor })
            _anchors[anchor] = node;
        return node;
    }

    private MarkedNode.Sequence ReadSequence(SourceMark mark, int depth)
    {
        var items = new List<MarkedNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode(depth + 1));
        return new(items, mark);
    }

    private MarkedNode.Mapping ReadMapping(SourceMark mark, int depth)
    {
        var entries = new List<MarkedNode.Entry>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var keyNode = ReadNode(depth + 1);
            var value = ReadNode(depth + 1);
            if (keyNode is not MarkedNode.Scalar { IsNull: false } key)
                _faults.Add(keyNode.Mark, $"found key {keyNode.Shown}; expected a name");
            else if (key is { Text: "<<", IsPlain: true })
                _faults.Add(key.Mark, "found merge key '<<'; expected the keys themselves, or an alias in place of the whole mapping");
            else if (entries.Find(entry => entry.Key == key.Text) is { } first)
                _faults.Add(
                    key.Mark,
                    $"found key {Quoted.Of(key.Text)} again; expected it once, at line {first.KeyMark.Line}, column {first.KeyMark.Column}"
                );
            else
                entries.Add(new(key.Text, key.Mark, value));
        }
        return new(entries, mark);
    }
}
