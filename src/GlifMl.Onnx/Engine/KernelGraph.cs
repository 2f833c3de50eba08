using GlifMl.Onnx.Protos;
using Google.Protobuf;

namespace GlifMl.Onnx;

/// <summary>
/// A graph as it is run here: the file's, but with <see cref="EngineOperator"/> in the place of what the kernel runs. The file stays
/// standard: this is done in memory.
/// </summary>
/// <param name="Model">The bytes of the changed model; null where the kernel runs nothing.</param>
/// <param name="Nodes">The numbers under which its nodes wait for their session.</param>
/// <param name="Left">Why the kernel does not run other LSTM nodes, a sentence each.</param>
internal sealed record KernelGraph(byte[]? Model, IReadOnlyList<long> Nodes, IReadOnlyList<string> Left)
{
    /// <summary>Rewrites a model.</summary>
    /// <param name="file">The bytes of an .onnx file.</param>
    public static KernelGraph Of(byte[] file)
    {
        var model = ModelProto.Parser.ParseFrom(file);
        var (graph, left) = (new GraphIndex(model.Graph), new List<string>());
        List<(NodeProto Proto, EngineNode Node)> nodes = [.. MembraneFitReader.Rewrite(model.Graph)];
        foreach (var (proto, node) in LstmRewriter.Rewrite(graph, left))
            nodes.Add((proto, node));
        if (nodes.Count == 0)
            return new(null, [], left);
        graph.RemoveUnused();
        foreach (var (proto, _) in nodes)
            graph.DropUnusedOutputs(proto);
        long[] announced = [.. nodes.Select(node => EngineOperator.Announce(node.Proto, node.Node))];
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = EngineOperator.Domain, Version = 1 });
        return new(model.ToByteArray(), announced, left);
    }
}
