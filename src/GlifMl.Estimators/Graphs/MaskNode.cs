using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>A value of a graph that is true or false at each sample, or for each row.</summary>
internal readonly record struct MaskNode(OnnxGraph Graph, string Name)
{
    public static MaskNode NotNaN(OnnxGraph graph, string value) => !new MaskNode(graph, graph.Node("IsNaN", [value]));

    public static MaskNode operator &(MaskNode x, MaskNode y) => new(x.Graph, x.Graph.Node("And", [x.Name, y.Name]));

    public static MaskNode operator !(MaskNode x) => new(x.Graph, x.Graph.Node("Not", [x.Name]));

    public DoubleNode Select(DoubleNode yes, DoubleNode no) => new(Graph, Graph.Node("Where", [Name, yes.Name, no.Name]));

    public DoubleNode Select(DoubleNode yes, double no) => Select(yes, yes.Number(no));

    public DoubleNode ToDouble() => DoubleNode.Cast(Graph, Name);

    public DoubleNode Count() => ToDouble().Sum();

    public MaskNode Slice(int from, int to) =>
        new(Graph, Graph.Node("Slice", [Name, Graph.Integers(from), Graph.Integers(to), Graph.Integers(1)]));
}
