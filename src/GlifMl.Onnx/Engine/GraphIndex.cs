using System.Runtime.InteropServices;
using GlifMl.Onnx.Protos;
using DataType = GlifMl.Onnx.Protos.TensorProto.Types.DataType;

namespace GlifMl.Onnx;

/// <summary>
/// Finds what belongs together in a graph, and changes it. Graphs here have some dozens of nodes: each question goes through all.
/// </summary>
internal sealed class GraphIndex(GraphProto graph)
{
    /// <summary>The nodes, in the order that they run in.</summary>
    public IReadOnlyList<NodeProto> Nodes => graph.Node;

    /// <summary>The node that gives a value; null where none does.</summary>
    public NodeProto? Producer(string value) => graph.Node.FirstOrDefault(n => n.Output.Contains(value));

    /// <summary>The nodes that read a value.</summary>
    public IReadOnlyList<NodeProto> Consumers(string value) => value.Length == 0 ? [] : [.. graph.Node.Where(n => n.Input.Contains(value))];

    /// <summary>Whether a node is one of the standard's operators.</summary>
    public static bool Is(NodeProto node, string operation) => node.OpType == operation && node.Domain.Length == 0;

    /// <summary>A constant; null where the value is none.</summary>
    public TensorProto? Constant(string value) => value.Length == 0 ? null : graph.Initializer.FirstOrDefault(c => c.Name == value);

    /// <summary>The numbers of a constant of Single, and its shape; null where the value is none.</summary>
    public (float[] Values, long[] Dims)? Singles(string value)
    {
        if (Constant(value) is not { DataType: (int)DataType.Float } constant)
            return null;
        float[] values = constant.HasRawData ? [.. MemoryMarshal.Cast<byte, float>(constant.RawData.Span)] : [.. constant.FloatData];
        long[] dims = [.. constant.Dims];
        return values.LongLength == dims.Aggregate(1L, (product, dim) => product * dim) ? (values, dims) : null;
    }

    /// <summary>The integers of a constant list; null where the value is none.</summary>
    public long[]? Integers(string value) =>
        Constant(value) is { DataType: (int)DataType.Int64, HasRawData: true } constant
            ? [.. MemoryMarshal.Cast<byte, long>(constant.RawData.Span)]
            : null;

    /// <summary>The samples of an input [batch, samples]; null where the value is none.</summary>
    public int? SamplesOf(string value) =>
        graph.Input.FirstOrDefault(i => i.Name == value)?.Type?.TensorType?.Shape?.Dim is [_, { DimValue: > 0 and <= int.MaxValue } samples]
            ? (int)samples.DimValue
            : null;

    /// <summary>Has a node give what another one gives, which goes; unless it gives something there already.</summary>
    public void Take(NodeProto node, int output, NodeProto other)
    {
        if (node.Output[output].Length > 0)
            return;
        node.Output[output] = other.Output[0];
        Remove(other);
    }

    /// <summary>
    /// The node that gives the mean over time of rows [batch, time, channels], each up to its length; null where none does.
    /// </summary>
    public NodeProto? Mean(string rows, string lengths)
    {
        foreach (var reduced in Consumers(rows).Where(n => IsZero(n, "keepdims")))
        {
            if (lengths.Length == 0 && Is(reduced, "ReduceMean") && reduced.Attribute.Any(a => a.Name == "axes" && a.Ints is [1]))
                return reduced;
            if (lengths.Length == 0 || !Is(reduced, "ReduceSum") || reduced.Input.Count < 2 || Integers(reduced.Input[1]) is not [1])
                continue;
            foreach (var quotient in Consumers(reduced.Output[0]).Where(n => Is(n, "Div") && n.Input[0] == reduced.Output[0]))
            {
                if (
                    Producer(quotient.Input[1]) is { } column
                    && Is(column, "Unsqueeze")
                    && Integers(column.Input[1]) is [1]
                    && Producer(column.Input[0]) is { } cast
                    && Is(cast, "Cast")
                    && cast.Input[0] == lengths
                )
                    return quotient;
            }
        }

        return null;
    }

    /// <summary>A name that no value has.</summary>
    public string NewName(string like)
    {
        var name = like + "_rows";
        while (Producer(name) is not null || Consumers(name).Count > 0)
            name += "_";
        return name;
    }

    /// <summary>Removes the nodes and constants that no output depends on.</summary>
    public void RemoveUnused()
    {
        HashSet<string> used = [.. graph.Output.Select(o => o.Name)];
        var waiting = new Stack<string>(used);
        var producers = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output)
                producers[output] = node;
        }

        while (waiting.TryPop(out var value))
        {
            if (!producers.TryGetValue(value, out var node))
                continue;
            foreach (var input in node.Input)
            {
                if (input.Length > 0 && used.Add(input))
                    waiting.Push(input);
            }
        }

        NodeProto[] nodes = [.. graph.Node.Where(n => n.Output.Any(used.Contains))];
        graph.Node.Clear();
        graph.Node.AddRange(nodes);
        TensorProto[] constants = [.. graph.Initializer.Where(c => used.Contains(c.Name))];
        graph.Initializer.Clear();
        graph.Initializer.AddRange(constants);
    }

    /// <summary>Leaves those outputs of a node out that nothing reads.</summary>
    public void DropUnusedOutputs(NodeProto node)
    {
        for (var n = 0; n < node.Output.Count; n++)
        {
            var output = node.Output[n];
            if (Consumers(output).Count == 0 && !graph.Output.Any(o => o.Name == output))
                node.Output[n] = "";
        }
    }

    private static bool IsZero(NodeProto node, string attribute) => node.Attribute.Any(a => a.Name == attribute && a.HasI && a.I == 0);

    private void Remove(NodeProto node)
    {
        for (var n = 0; n < graph.Node.Count; n++)
        {
            if (!ReferenceEquals(graph.Node[n], node))
                continue;
            graph.Node.RemoveAt(n);
            return;
        }
    }
}
