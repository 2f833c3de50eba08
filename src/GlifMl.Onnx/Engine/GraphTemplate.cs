using GlifMl.Onnx.Protos;

namespace GlifMl.Onnx;

/// <summary>
/// A piece of a graph as this library writes it, which is looked for in a file's: the same operators, attributes and constants, whatever
/// their names. What differs in anything is no match.
/// </summary>
/// <param name="model">The bytes of a model that holds the piece.</param>
/// <param name="inputs">The piece's inputs.</param>
/// <param name="value">What it gives.</param>
internal sealed class GraphTemplate(byte[] model, IReadOnlyList<string> inputs, string value)
{
    private readonly GraphIndex _written = new(ModelProto.Parser.ParseFrom(model).Graph);

    /// <summary>Looks whether a file's value is what the piece gives.</summary>
    /// <param name="graph">The file's graph.</param>
    /// <param name="candidate">The value.</param>
    /// <returns>The file's values that are the piece's inputs; null where it is another piece.</returns>
    public IReadOnlyList<string>? Match(GraphIndex graph, string candidate)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        return IsSame(graph, candidate, value, found) && inputs.All(found.ContainsKey) ? [.. inputs.Select(input => found[input])] : null;
    }

    private bool IsSame(GraphIndex graph, string theirs, string ours, Dictionary<string, string> found)
    {
        if (found.TryGetValue(ours, out var before))
            return before == theirs;
        found[ours] = theirs;
        if (inputs.Contains(ours))
            return theirs.Length > 0;
        if (_written.Constant(ours) is { } constant)
            return graph.Constant(theirs) is { } other
                && constant.DataType == other.DataType
                && constant.Dims.Equals(other.Dims)
                && constant.RawData.Equals(other.RawData);
        return _written.Producer(ours) is { } node
            && graph.Producer(theirs) is { } candidate
            && (node.OpType, node.Domain) == (candidate.OpType, candidate.Domain)
            && node.Output.IndexOf(ours) == candidate.Output.IndexOf(theirs)
            && node.Attribute.Equals(candidate.Attribute)
            && node.Input.Count == candidate.Input.Count
            && node.Input.Zip(candidate.Input).All(pair => IsSame(graph, pair.Second, pair.First, found));
    }
}
