using GlifMl.Onnx.Protos;

namespace GlifMl.Onnx;

/// <summary>
/// Finds the nodes that <see cref="MembraneResponseNodes"/> wrote. They are some hundreds, small and in double precision, and take
/// OnnxRuntime as long as an LSTM does; the same in C# goes through a row in the first-level cache.
/// </summary>
internal static class MembraneFitReader
{
    /// <summary>Puts a <see cref="MembraneFitNode"/> in the place of each; what only they read stays, unused.</summary>
    /// <param name="proto">The graph, which is changed.</param>
    public static IEnumerable<(NodeProto Proto, EngineNode Node)> Rewrite(GraphProto proto)
    {
        var graph = new GraphIndex(proto);
        // Sizes are found by what the nodes must hold: the index of samples, and the shape of blocks.
        int[] lengths = [.. Ends(graph).Distinct()];
        (long Blocks, long Size)[] shapes = [.. Shapes(graph).Distinct()];
        foreach (var (samples, size, points) in lengths.SelectMany(length => Fits(length, shapes)))
        {
            // Of one that was found already nothing is left to look for, and hundreds of nodes need not be written to compare with.
            var casts = proto.Node.Where(n => GraphIndex.Is(n, "Cast") && IsNumbers(graph, n)).ToArray();
            if (casts.Length == 0)
                yield break;
            var template = Template(samples, size, points);
            foreach (var cast in casts)
            {
                if (template.Match(graph, cast.Output[0]) is not [var voltage, var stimulus])
                    continue;
                cast.Input.Clear();
                cast.Input.Add([FrontReader.Channel(graph, voltage) ?? voltage, FrontReader.Channel(graph, stimulus) ?? stimulus]);
                yield return (cast, new MembraneFitNode(samples, size, points));
            }
        }
    }

    private static IEnumerable<(int Samples, int Size, int Points)> Fits(int samples, IEnumerable<(long Blocks, long Size)> shapes) =>
        from shape in shapes
        where samples / shape.Size == shape.Blocks
        from points in new[] { NearbyRates.Parabola, NearbyRates.Quartic }
        select (samples, (int)shape.Size, points);

    private static GraphTemplate Template(int samples, int size, int points)
    {
        var graph = new OnnxGraph();
        string[] inputs =
        [
            graph.Input("voltage", OnnxElementType.Single, OnnxDim.Batch, samples),
            graph.Input("stimulus", OnnxElementType.Single, OnnxDim.Batch, samples),
        ];
        var numbers = MembraneResponseNodes.Numbers(graph, inputs[0], inputs[1], samples, size, points);
        graph.Output("numbers", numbers, OnnxDim.Batch, MembraneNumbers.Names.Count);
        return new(graph.ToBytes(), inputs, numbers);
    }

    private static bool IsNumbers(GraphIndex graph, NodeProto cast) =>
        graph.Producer(cast.Input[0]) is { } joined && GraphIndex.Is(joined, "Concat") && joined.Input.Count == MembraneNumbers.Names.Count;

    private static IEnumerable<int> Ends(GraphIndex graph) =>
        graph
            .Nodes.Where(n => GraphIndex.Is(n, "Range"))
            .Select(n => graph.Singles(n.Input[1])?.Values)
            .Where(end => end is [>= 2])
            .Select(end => (int)end![0]);

    private static IEnumerable<(long, long)> Shapes(GraphIndex graph) =>
        graph
            .Nodes.Where(n => GraphIndex.Is(n, "Reshape"))
            .Select(n => graph.Integers(n.Input[1]))
            .Where(shape => shape is [0, >= MembraneResponse.LeastBlocks, >= 1])
            .Select(shape => (shape![1], shape[2]));
}
