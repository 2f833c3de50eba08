namespace GlifMl.Onnx;

/// <summary>
/// A value of a graph in double precision, so that equations over a trace read in a graph as they do in C#. The time axis is 1; what
/// a reduction leaves is one number a row, [N, 1], which broadcasts. Double, because a sum over tens of thousands of samples in
/// single precision depends on its order, and no two runtimes add in the same order.
/// </summary>
internal readonly record struct DoubleNode(OnnxGraph Graph, string Name)
{
    // TensorProto.DataType of the ONNX specification.
    private const long Single = 1,
        Int64 = 7,
        Double = 11;

    private static readonly (string, OnnxAttributeValue)[] OverTime = [("axes", new long[] { 1 }), ("keepdims", 1L)];

    public static DoubleNode Cast(OnnxGraph graph, string value) => new(graph, graph.Node("Cast", [value], ("to", Double)));

    /// <summary>
    /// Constants; each the sum of two single ones, because a graph's constants are single: 48 bits, where a double has 53.
    /// </summary>
    public static DoubleNode Constant(OnnxGraph graph, params double[] values)
    {
        var high = Array.ConvertAll(values, v => (float)v);
        var low = values.Zip(high, (v, h) => float.IsFinite(h) ? (float)(v - h) : 0).ToArray();
        var sum = Cast(graph, graph.Constant(high, values.Length));
        return Array.TrueForAll(low, l => l == 0) ? sum : sum + Cast(graph, graph.Constant(low, values.Length));
    }

    public static DoubleNode operator +(DoubleNode x, DoubleNode y) => x.With("Add", y);

    public static DoubleNode operator -(DoubleNode x, DoubleNode y) => x.With("Sub", y);

    public static DoubleNode operator *(DoubleNode x, DoubleNode y) => x.With("Mul", y);

    public static DoubleNode operator /(DoubleNode x, DoubleNode y) => x.With("Div", y);

    public static DoubleNode operator +(DoubleNode x, double y) => x + x.Number(y);

    public static DoubleNode operator -(DoubleNode x, double y) => x - x.Number(y);

    public static DoubleNode operator *(DoubleNode x, double y) => x * x.Number(y);

    public static DoubleNode operator -(double x, DoubleNode y) => y.Number(x) - y;

    public static DoubleNode operator /(double x, DoubleNode y) => y.Number(x) / y;

    public static DoubleNode operator -(DoubleNode x) => x.Map("Neg");

    public static MaskNode operator <(DoubleNode x, DoubleNode y) => new(x.Graph, x.Graph.Node("Less", [x.Name, y.Name]));

    public static MaskNode operator >(DoubleNode x, DoubleNode y) => new(x.Graph, x.Graph.Node("Greater", [x.Name, y.Name]));

    public static MaskNode operator <(DoubleNode x, double y) => x < x.Number(y);

    public static MaskNode operator >(DoubleNode x, double y) => x > x.Number(y);

    public DoubleNode Number(double value) => Constant(Graph, value);

    /// <summary>[N, 1, 1] as [N, 1].</summary>
    public DoubleNode Flat() => new(Graph, Graph.Node("Reshape", [Name, Graph.Integers(0, 1)]));

    public DoubleNode Abs() => Map("Abs");

    public DoubleNode Sqrt() => Map("Sqrt");

    public DoubleNode Log() => Map("Log");

    public DoubleNode Exp() => Map("Exp");

    public DoubleNode Sign() => Map("Sign");

    public DoubleNode AtLeast(double y) => With("Max", Number(y));

    public DoubleNode AtMost(double y) => With("Min", Number(y));

    public DoubleNode Sum() => new(Graph, Graph.Node("ReduceSum", [Name, Graph.Integers(1)], ("keepdims", 1L)));

    public DoubleNode Minimum() => new(Graph, Graph.Node("ReduceMin", [Name], OverTime));

    public DoubleNode Maximum() => new(Graph, Graph.Node("ReduceMax", [Name], OverTime));

    /// <summary>A stretch in time of [N, samples].</summary>
    public DoubleNode Slice(int from, int to) =>
        new(Graph, Graph.Node("Slice", [Name, Graph.Integers(from), Graph.Integers(to), Graph.Integers(1)]));

    /// <summary>A stretch of a value without rows: [samples].</summary>
    public DoubleNode SliceOfVector(int from, int to) =>
        new(Graph, Graph.Node("Slice", [Name, Graph.Integers(from), Graph.Integers(to), Graph.Integers(0)]));

    public string ToInt64() => Graph.Node("Cast", [Name], ("to", Int64));

    public string ToSingle() => Graph.Node("Cast", [Name], ("to", Single));

    private DoubleNode Map(string operation) => new(Graph, Graph.Node(operation, [Name]));

    private DoubleNode With(string operation, DoubleNode other) => new(Graph, Graph.Node(operation, [Name, other.Name]));
}

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
