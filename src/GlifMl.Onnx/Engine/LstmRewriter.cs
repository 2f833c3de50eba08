using GlifMl.Onnx.Protos;

namespace GlifMl.Onnx;

/// <summary>
/// The LSTM nodes of a graph as <see cref="LstmNode"/>. What usually stands around an LSTM only to turn its tensors, and the mean over
/// time, goes with it, because the kernel reads and writes these layouts itself.
/// </summary>
internal static class LstmRewriter
{
    private static readonly string[] StandardDomains = ["", "ai.onnx"];

    /// <summary>Finds the LSTM nodes that the kernel runs, and gives them the operator's inputs and outputs.</summary>
    /// <param name="graph">The graph, which is changed.</param>
    /// <param name="left">Where it is said why others are left.</param>
    public static IReadOnlyList<(NodeProto Proto, LstmNode Node)> Rewrite(GraphIndex graph, List<string> left)
    {
        var nodes = new List<(NodeProto Proto, LstmNode Node)>();
        foreach (var proto in graph.Nodes.Where(n => n.OpType == "LSTM" && StandardDomains.Contains(n.Domain)).ToArray())
        {
            var (node, why) = LstmReader.Read(proto, graph);
            if (node is not null)
                nodes.Add((proto, node));
            else
                left.Add($"LSTM node {Quoted.Of(proto.Name)}: found {why}, which the kernel does not run; OnnxRuntime runs the node");
        }

        foreach (var (proto, _) in nodes)
            Connect(proto);
        // In the graph's order, so that a layer finds the rows of the one before.
        foreach (var (proto, node) in nodes)
            Fuse(graph, proto, node, nodes);
        return nodes;
    }

    // LSTM has X, W, R, B, sequence_lens, initial_h, initial_c; the layer holds the weights.
    private static void Connect(NodeProto proto)
    {
        string Input(int n) => n < proto.Input.Count ? proto.Input[n] : "";
        string[] inputs = [Input(0), Input(4), Input(5), Input(6)];
        string[] outputs = [.. Enumerable.Range(0, LstmNode.OutputCount).Select(n => n < proto.Output.Count ? proto.Output[n] : "")];
        proto.Input.Clear();
        proto.Input.AddRange(inputs);
        proto.Output.Clear();
        proto.Output.AddRange(outputs);
    }

    private static void Fuse(GraphIndex graph, NodeProto lstm, LstmNode node, IReadOnlyList<(NodeProto Proto, LstmNode Node)> all)
    {
        if (!node.RowsFirst && graph.Producer(lstm.Input[LstmNode.SamplesInput]) is { } turn && IsTranspose(turn, 1, 0, 2))
        {
            lstm.Input[LstmNode.SamplesInput] = turn.Input[0];
            node.RowsFirst = true;
        }

        var states = node.Layer.OutputSize;
        foreach (var transposed in Transposes(graph, lstm.Output[LstmNode.HiddenOutput], 1, 0, 2))
        {
            if (graph.Consumers(transposed.Output[0]).FirstOrDefault(n => IsReshape(graph, n, 0, states)) is { } reshaped)
                graph.Take(lstm, LstmNode.FinalOutput, reshaped);
        }

        foreach (var transposed in Transposes(graph, lstm.Output[LstmNode.SequenceOutput], 0, 2, 1, 3))
        {
            foreach (var reshaped in graph.Consumers(transposed.Output[0]).Where(n => IsReshape(graph, n, 0, 0, states)))
                FuseSequence(graph, lstm, reshaped.Output[0], all);
        }

        // Last: the mean over time is found by the lengths, which then are the node's own.
        var (samples, lengths) = (lstm.Input[LstmNode.SamplesInput], lstm.Input[LstmNode.LengthsInput]);
        if (!node.RowsFirst || FrontReader.Read(graph, samples, lengths, node.Layer.InputSize) is not { } front)
            return;
        node.Front = front;
        lstm.Input[LstmNode.SamplesInput] = front.Channels[0];
        lstm.Input[LstmNode.LengthsInput] = "";
        lstm.Input.Add(front.Channels.ElementAtOrDefault(1) ?? "");
    }

    /// <summary>What reads a sequence [time, batch, states]: a layer above, and rows of it.</summary>
    private static void FuseSequence(GraphIndex graph, NodeProto lstm, string sequence, IReadOnlyList<(NodeProto Proto, LstmNode Node)> all)
    {
        foreach (var turn in Transposes(graph, sequence, 1, 0, 2))
            graph.Take(lstm, LstmNode.RowsOutput, turn);
        foreach (var (proto, node) in all)
        {
            if (node.RowsFirst || proto.Input[LstmNode.SamplesInput] != sequence)
                continue;
            if (lstm.Output[LstmNode.RowsOutput].Length == 0)
                lstm.Output[LstmNode.RowsOutput] = graph.NewName(sequence);
            proto.Input[LstmNode.SamplesInput] = lstm.Output[LstmNode.RowsOutput];
            node.RowsFirst = true;
        }

        if (lstm.Output[LstmNode.RowsOutput] is { Length: > 0 } rows && graph.Mean(rows, lstm.Input[LstmNode.LengthsInput]) is { } mean)
            graph.Take(lstm, LstmNode.MeanOutput, mean);
    }

    private static NodeProto[] Transposes(GraphIndex graph, string value, params long[] order) =>
        [.. graph.Consumers(value).Where(n => IsTranspose(n, order))];

    private static bool IsTranspose(NodeProto node, params long[] order) =>
        GraphIndex.Is(node, "Transpose") && node.Attribute.Any(a => a.Name == "perm" && a.Ints.SequenceEqual(order));

    private static bool IsReshape(GraphIndex graph, NodeProto node, params long[] shape) =>
        GraphIndex.Is(node, "Reshape")
        && node.Attribute.Count == 0
        && graph.Integers(node.Input[1]) is { } found
        && found.SequenceEqual(shape);
}
