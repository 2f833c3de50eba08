using GlifMl.Onnx.Protos;
using AttributeType = GlifMl.Onnx.Protos.AttributeProto.Types.AttributeType;

namespace GlifMl.Onnx;

/// <summary>
/// Adds the nodes of another model to a graph: one of opset 12, ai.onnx.ml 2, for one row, such as Microsoft.ML.OnnxConverter writes, to
/// one of opset 17 for batches. What only passes a value on is left out, and what serves none of the values asked for.
/// </summary>
internal sealed class OnnxGraft
{
    // The standard operators whose definition is the same in both opsets.
    private static readonly HashSet<string> Same =
    [
        .. "Abs Add And ArgMax ArgMin BitShift Cast Clip Concat Div Equal Erf Exp Expand Flatten Floor Gather Gemm Greater".Split(' '),
        .. "IsNaN Less Log MatMul Max Min Mul Neg Not Or Pow Reciprocal ReduceMax ReduceMean ReduceMin ReduceSumSquare".Split(' '),
        .. "Reshape Shape Sigmoid Sign Slice Sqrt Sub Sum Tanh Transpose Where".Split(' '),
    ];

    private readonly OnnxGraph _graph;
    private readonly GraphProto _source;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _needed = new(StringComparer.Ordinal);

    /// <summary>Starts a graft.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="source">The other model's graph; it is changed.</param>
    /// <param name="inputs">What the other model's inputs are in this graph, by name; values of Single.</param>
    public OnnxGraft(OnnxGraph graph, GraphProto source, IReadOnlyDictionary<string, OnnxValue> inputs)
    {
        (_graph, _source) = (graph, source);
        foreach (var input in source.Input.Where(i => inputs.ContainsKey(i.Name)))
            _names[input.Name] = Cast(inputs[input.Name].Name, OnnxElementType.Single, (OnnxElementType)input.Type.TensorType.ElemType);
    }

    /// <summary>Adds the nodes that some outputs need.</summary>
    /// <param name="outputs">The outputs' names, each with the numbers it has in a row.</param>
    /// <returns>The same in the graph: values of Single.</returns>
    /// <exception cref="NotSupportedException">A node is of an operator that may mean something else in the graph's opset.</exception>
    public IReadOnlyList<OnnxValue> Add(IReadOnlyList<(string Name, int Size)> outputs)
    {
        _needed.UnionWith(outputs.Select(o => o.Name));
        for (var i = _source.Node.Count - 1; i >= 0; i--)
        {
            if (_source.Node[i].Output.Any(_needed.Contains))
                _needed.UnionWith(_source.Node[i].Input);
        }

        foreach (var constant in _source.Initializer.Where(c => _needed.Contains(c.Name)).ToArray())
        {
            var name = constant.Name;
            OneRowForAll(constant);
            _names[name] = _graph.Add(constant);
        }

        foreach (var node in _source.Node.Where(n => n.Output.Any(_needed.Contains)))
            Add(node);
        return [.. outputs.Select(o => new OnnxValue(Single(o.Name), o.Size))];
    }

    private void Add(NodeProto node)
    {
        if (node.OpType == "Identity")
        {
            _names[node.Output[0]] = Named(node.Input[0]);
            return;
        }

        string[] outputs = [.. node.Output];
        string[] inputs = [.. node.Input.Select(Named)];
        inputs = [.. inputs, .. Translate(node)];
        node.Input.Clear();
        node.Input.AddRange(inputs);
        var added = _graph.Add(node, outputs.Length);
        for (var i = 0; i < outputs.Length; i++)
            _names[outputs[i]] = added[i];
        if (node.Domain == OnnxGraph.MachineLearningDomain && IsOfSingle(node.OpType))
            _graph.Describe(added[0], OnnxElementType.Single, OnnxDim.Batch, "M_" + added[0]);
    }

    /// <summary>Makes a node of opset 12 for one row one of opset 17 for many.</summary>
    /// <returns>The inputs that it needs beside those it has.</returns>
    private string[] Translate(NodeProto node)
    {
        switch (node.OpType)
        {
            case "ReduceSum" or "Squeeze" or "Unsqueeze":
                return AxesAsInput(node);
            // Indices [1, k] would pick from the first row alone; see OneRowForAll.
            case "GatherElements":
                node.OpType = "Gather";
                break;
            case "FeatureVectorizer":
                (node.OpType, node.Domain) = ("Concat", "");
                node.Attribute.Clear();
                node.Attribute.Add(
                    new AttributeProto
                    {
                        Name = "axis",
                        Type = AttributeType.Int,
                        I = 1,
                    }
                );
                break;
            case var operation when node.Domain is "" or "ai.onnx" && !Same.Contains(operation):
                throw new NotSupportedException($"found operator {operation}, which opset {OnnxGraph.OperatorSet} may define otherwise");
        }

        return [];
    }

    // An attribute until opset 12, an input since 13.
    private string[] AxesAsInput(NodeProto node)
    {
        if (node.Attribute.FirstOrDefault(a => a.Name == "axes") is not { } axes)
            return [];
        node.Attribute.Remove(axes);
        return [_graph.Integers([.. axes.Ints])];
    }

    private void OneRowForAll(TensorProto constant)
    {
        var gathers = _source.Node.Where(n => n.OpType == "GatherElements" && n.Input[1] == constant.Name);
        if (gathers.Any() && constant.Dims is [1, _])
            constant.Dims.RemoveAt(0);
    }

    private string Named(string name) =>
        name.Length == 0 ? ""
        : _names.TryGetValue(name, out var known) ? known
        : throw new NotSupportedException($"found '{name}' read, which no column gives");

    private string Single(string output) =>
        Cast(Named(output), (OnnxElementType)_source.Output.First(o => o.Name == output).Type.TensorType.ElemType, OnnxElementType.Single);

    private string Cast(string value, OnnxElementType from, OnnxElementType to) =>
        from == to ? value : _graph.Node("Cast", [value], ("to", (long)to));

    private static bool IsOfSingle(string operation) =>
        operation is "Scaler" or "Normalizer" or "Imputer" or "LinearRegressor" or "TreeEnsembleRegressor" or "OneHotEncoder";
}
