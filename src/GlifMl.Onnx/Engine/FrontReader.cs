using GlifMl.Onnx.Protos;

namespace GlifMl.Onnx;

/// <summary>
/// Finds, in a graph that this library wrote, what stands between the inputs and an LSTM: what its steps write of channels, scale-trace,
/// block-reduce and rows that end in NaN. A graph that differs in a node is none of these, and left as it is.
/// </summary>
internal sealed class FrontReader
{
    private readonly GraphIndex _graph;
    private IReadOnlyList<string> _channels = [];
    private int _samples;
    private (float[] Offset, float[] Factor)? _scale;
    private bool _takesAsinh;
    private TraceBlocks? _blocks;

    private FrontReader(GraphIndex graph) => _graph = graph;

    /// <summary>Reads the front of an LSTM's samples.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="samples">The LSTM's samples, [batch, steps, width].</param>
    /// <param name="lengths">The steps of each row; empty: all.</param>
    /// <param name="width">Numbers of a step that the LSTM reads.</param>
    /// <returns>The front; null where there is none, or another one.</returns>
    public static TraceFront? Read(GraphIndex graph, string samples, string lengths, int width)
    {
        var reader = new FrontReader(graph);
        var endsInNaN = lengths.Length > 0;
        if (endsInNaN)
        {
            if (reader.BeforeEnd(samples, lengths) is not { } before)
                return null;
            samples = before;
        }

        if (!reader.ReadSteps(samples))
            return null;
        var front = new TraceFront
        {
            Channels = reader._channels,
            Samples = reader._samples,
            Scale = reader._scale,
            TakesAsinh = reader._takesAsinh,
            Blocks = reader._blocks,
            EndsInNaN = endsInNaN,
        };
        return front.Width == width ? front : null;
    }

    /// <summary>The model's input that is a channel [batch, samples] of a trace; null where that is not all that stands between.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="channel">The channel, as one alone.</param>
    public static string? Channel(GraphIndex graph, string channel)
    {
        var reader = new FrontReader(graph);
        var (trace, place) = (reader.Flat(channel), 0L);
        if (reader.Node(trace, "Gather") is { } gather)
        {
            if (!gather.Attribute.Any(a => a.Name == "axis" && a.I == 2) || graph.Integers(gather.Input[1]) is not [var given])
                return null;
            (trace, place) = (reader.Flat(gather.Input[0]), given);
        }

        return reader.ReadChannels(trace) ? reader._channels.ElementAtOrDefault((int)place) : null;
    }

    // OnnxLayers.ValidSamples.
    private string? BeforeEnd(string samples, string lengths)
    {
        if (
            Node(samples, "Where") is not { } where
            || _graph.Singles(where.Input[1])?.Values is not [0]
            || Node(where.Input[0], "IsNaN") is not { } isNaN
            || isNaN.Input[0] != where.Input[2]
            || Node(lengths, "Cast") is not { } cast
            || Node(cast.Input[0], "ReduceSum") is not { } sum
            || _graph.Integers(sum.Input[1]) is not [1, 2]
            || Node(sum.Input[0], "Cast") is not { } valid
            || Node(valid.Input[0], "Not") is not { } not
            || Node(not.Input[0], "Gather") is not { } first
            || first.Input[0] != where.Input[0]
            || _graph.Integers(first.Input[1]) is not [0]
        )
            return null;
        return where.Input[2];
    }

    private bool ReadSteps(string value)
    {
        string[] parts = Stacked(value) is { } joined ? [.. joined.Input] : [value];
        if (Node(parts[0], "Squeeze") is not null)
        {
            if (ReadBlocks(parts) is not { } trace)
                return false;
            value = trace;
        }

        value = Flat(value);
        if (Node(value, "Mul") is { } scaled)
        {
            var inner = scaled.Input[0];
            if (Node(inner, "Asinh") is { } asinh)
                (_takesAsinh, inner) = (true, asinh.Input[0]);
            if (
                Node(inner, "Sub") is not { } shifted
                || _graph.Singles(shifted.Input[1]) is not { Dims.Length: 1 } offset
                || _graph.Singles(scaled.Input[1]) is not { Dims.Length: 1 } factor
            )
                return false;
            _scale = (offset.Values, factor.Values);
            value = Flat(shifted.Input[0]);
        }

        return ReadChannels(value);
    }

    // BlockReduce: means, changes, the share of NaN, in this order, of a trace [batch, blocks, size, channels].
    private string? ReadBlocks(string[] parts)
    {
        if (
            Squeezed(parts[0], "Div") is not { } mean
            || Node(mean.Input[0], "ReduceSum") is not { } sum
            || _graph.Integers(sum.Input[1]) is not [2]
            || Node(sum.Input[0], "Where") is not { } kept
            || _graph.Singles(kept.Input[1])?.Values is not [0]
            || Node(kept.Input[0], "IsNaN") is not { } isNaN
            || isNaN.Input[0] != kept.Input[2]
            || Node(mean.Input[1], "Max") is not { } count
            || _graph.Singles(count.Input[1])?.Values is not [1]
            || Node(count.Input[0], "Sub") is not { } left
            || _graph.Singles(left.Input[0])?.Values is not [var size]
            || Node(left.Input[1], "ReduceSum") is not { } cut
            || _graph.Integers(cut.Input[1]) is not [2]
            || Node(cut.Input[0], "Cast")?.Input[0] != kept.Input[0]
            || Node(kept.Input[2], "Reshape") is not { } blocks
            || _graph.Integers(blocks.Input[1]) is not [0, var steps, var length, var channels]
            || length != size
        )
            return null;
        var (hasChange, hasCut) = (false, false);
        foreach (var part in parts.Skip(1))
        {
            if (!hasChange && !hasCut && IsChange(part, kept, mean, length))
                hasChange = true;
            else if (!hasCut && IsCut(part, cut, 1f / size))
                hasCut = true;
            else
                return null;
        }

        _blocks = new TraceBlocks((int)length, hasChange, hasCut);
        // What is left over of the samples is cut off.
        return Node(blocks.Input[0], "Slice") is { } slice && _graph.Integers(slice.Input[2]) is [var end] && end == steps * length
            ? slice.Input[0]
            : blocks.Input[0];
    }

    private bool IsChange(string value, NodeProto kept, NodeProto mean, long size) =>
        Squeezed(value, "Sub") is { } change
        && Node(change.Input[0], "Gather") is { } last
        && Node(change.Input[1], "Gather") is { } first
        && last.Input[0] == first.Input[0]
        && _graph.Integers(last.Input[1]) is [var lastSample]
        && lastSample == size - 1
        && _graph.Integers(first.Input[1]) is [0]
        && Node(first.Input[0], "Where") is { } filled
        && filled.Input[0] == kept.Input[0]
        && filled.Input[1] == mean.Output[0]
        && filled.Input[2] == kept.Input[2];

    private bool IsCut(string value, NodeProto cut, float share) =>
        Node(value, "Mul") is { } product
        && _graph.Singles(product.Input[1])?.Values is [var factor]
        && factor == share
        && Node(product.Input[0], "Slice") is { } first
        && _graph.Integers(first.Input[1]) is [0]
        && _graph.Integers(first.Input[2]) is [1]
        && _graph.Integers(first.Input[3]) is [2]
        && ReferenceEquals(Squeezed(first.Input[0], "ReduceSum"), cut);

    // Channels: the inputs side by side, or one alone.
    private bool ReadChannels(string value)
    {
        string[] columns = Stacked(value) is { } stacked ? [.. stacked.Input] : [value];
        for (var n = 0; n < columns.Length; n++)
        {
            if (Node(columns[n], "Unsqueeze") is { } column && _graph.Integers(column.Input[1]) is [2])
                columns[n] = column.Input[0];
            else if (columns.Length > 1)
                return false;
        }

        if (columns.Length > LstmNode.MostChannels || columns.Any(column => _graph.SamplesOf(column) is null))
            return false;
        _channels = columns;
        _samples = _graph.SamplesOf(columns[0])!.Value;
        return columns.All(column => _graph.SamplesOf(column) == _samples);
    }

    /// <summary>The value before nodes that only say again how a trace lies: [batch, samples, channels].</summary>
    private string Flat(string value)
    {
        while (Node(value, "Reshape") is { } reshape && _graph.Integers(reshape.Input[1]) is [0, ..])
            value = reshape.Input[0];
        return value;
    }

    private NodeProto? Stacked(string value) =>
        Node(value, "Concat") is { } node && node.Attribute.Any(a => a.Name == "axis" && a.I == 2) ? node : null;

    private NodeProto? Squeezed(string value, string operation) =>
        Node(value, "Squeeze") is { } squeeze && _graph.Integers(squeeze.Input[1]) is [2] ? Node(squeeze.Input[0], operation) : null;

    private NodeProto? Node(string value, string operation) =>
        _graph.Producer(value) is { } node && GraphIndex.Is(node, operation) ? node : null;
}
