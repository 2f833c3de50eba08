using System.Globalization;
using System.Text;

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

    /// <summary>Writes the node on one line, no further than a message shows: a few aliases of aliases can stand for more than memory holds.</summary>
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
                IsNull ? "empty"
                : IsPlain && (Text is "true" or "false" || double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
                    ? Text
                : $"'{Text.ReplaceLineEndings(" ")}'"
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
            Flow(text, '{', Entries, entry => entry.Value.Flow(text.Append(entry.Key).Append(": ")), '}');
    }

    /// <summary>One key of a mapping.</summary>
    internal sealed record Entry(string Key, SourceMark KeyMark, MarkedNode Value);
}
