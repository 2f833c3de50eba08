using System.Globalization;
using System.Runtime.InteropServices;
using GlifMl.Onnx.Protos;
using Google.Protobuf;
using TensorType = GlifMl.Onnx.Protos.TensorProto.Types.DataType;

namespace GlifMl.Onnx;

/// <summary>
/// Builds an ONNX model node by node: opset 17 and intermediate representation 8, which every runtime since 2022 reads.
/// Values are named by the graph; only inputs and outputs carry the caller's names. What no output depends on is not written.
/// </summary>
public sealed class OnnxGraph
{
    /// <summary>The version of the standard operators that a graph is written for.</summary>
    public const int OperatorSet = 17;

    /// <summary>The domain of the classical machine-learning operators, for example TreeEnsembleRegressor.</summary>
    public const string MachineLearningDomain = "ai.onnx.ml";

    private readonly List<ValueInfoProto> _inputs = [];
    private readonly List<ValueInfoProto> _outputs = [];
    private readonly List<TensorProto> _constants = [];
    private readonly List<NodeProto> _nodes = [];
    private readonly List<ValueInfoProto> _described = [];
    private readonly List<(string Output, string[] Names)> _slotNames = [];
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);

    /// <summary>The names of the inputs that some output depends on, in the order they were declared.</summary>
    public IReadOnlyList<string> InputNames
    {
        get
        {
            var reached = ReachedValues();
            return [.. _inputs.Select(i => i.Name).Where(reached.Contains)];
        }
    }

    /// <summary>The names of the outputs, in the order they were declared.</summary>
    public IReadOnlyList<string> OutputNames => [.. _outputs.Select(o => o.Name)];

    /// <summary>Reserves names that the graph must not give to its own values, because an input or output will carry them.</summary>
    /// <param name="names">The names.</param>
    public void Reserve(params IEnumerable<string> names) => _names.UnionWith(names);

    /// <summary>Declares an input of the model.</summary>
    /// <param name="name">The input's name; the graph's user gives data under it.</param>
    /// <param name="type">The element type of the data.</param>
    /// <param name="dims">All dimensions, the batch included.</param>
    /// <returns><paramref name="name"/>.</returns>
    /// <exception cref="ArgumentException">An input or a value has this name already.</exception>
    public string Input(string name, OnnxElementType type, params IEnumerable<OnnxDim> dims)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Claim(name);
        _inputs.Add(OnnxValueInfo.Of(name, type, dims));
        return name;
    }

    /// <summary>Adds a constant of Single.</summary>
    /// <param name="values">The numbers, row-major.</param>
    /// <param name="dims">The shape; empty for a scalar.</param>
    /// <returns>The constant's name.</returns>
    /// <exception cref="ArgumentException">The shape does not hold as many numbers as are given.</exception>
    public string Constant(ReadOnlySpan<float> values, params ReadOnlySpan<long> dims) =>
        AddConstant(TensorType.Float, values.Length, MemoryMarshal.AsBytes(values), dims);

    /// <summary>Adds a scalar constant of Single, which broadcasts.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The constant's name.</returns>
    public string Constant(float value) => Constant([value], []);

    /// <summary>Adds a constant list of 64-bit integers, for example a shape, or the axes of Unsqueeze.</summary>
    /// <param name="values">The integers.</param>
    /// <returns>The name of a constant of shape <c>[count]</c>.</returns>
    public string Integers(params ReadOnlySpan<long> values) =>
        AddConstant(TensorType.Int64, values.Length, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">The operator, for example <c>Mul</c>.</param>
    /// <param name="inputs">The names of its inputs; an empty name leaves an optional input out.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <returns>The name of its output.</returns>
    /// <exception cref="ArgumentException">An input names no value of the graph.</exception>
    public string Node(
        string operation,
        IEnumerable<string> inputs,
        params IEnumerable<(string Name, OnnxAttributeValue Value)> attributes
    ) => Nodes(operation, inputs, 1, attributes)[0];

    /// <summary>Adds a node with several outputs.</summary>
    /// <param name="operation">The operator, for example <c>LSTM</c>.</param>
    /// <param name="inputs">The names of its inputs; an empty name leaves an optional input out.</param>
    /// <param name="outputCount">How many outputs the node has.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="domain">The operator's domain: empty for the standard operators, or <see cref="MachineLearningDomain"/>.</param>
    /// <returns>The names of its outputs.</returns>
    /// <exception cref="ArgumentException">An input names no value of the graph.</exception>
    public string[] Nodes(
        string operation,
        IEnumerable<string> inputs,
        int outputCount,
        IEnumerable<(string Name, OnnxAttributeValue Value)>? attributes = null,
        string domain = ""
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputCount, 1);
        var node = new NodeProto { OpType = operation };
        if (domain.Length > 0)
            node.Domain = domain;
        foreach (var input in inputs)
        {
            if (input.Length > 0 && !_values.Contains(input))
                throw new ArgumentException(
                    $"graph: found '{input}' among the inputs of node {operation}; "
                        + "expected the name of a node's output, a constant or an input",
                    nameof(inputs)
                );
            node.Input.Add(input);
        }

        foreach (var (name, value) in attributes ?? [])
            node.Attribute.Add(value.ToProto(name));
        return Add(node, outputCount);
    }

    /// <summary>Adds a node whose inputs are values of this graph; its outputs get names of this graph.</summary>
    internal string[] Add(NodeProto node, int outputCount)
    {
        node.Name = node.OpType + "_" + _nodes.Count.ToString(CultureInfo.InvariantCulture);
        node.Output.Clear();
        for (var i = 0; i < outputCount; i++)
            node.Output.Add(NewName(node.OpType));
        _nodes.Add(node);
        return [.. node.Output];
    }

    /// <summary>Adds a constant, under a name of this graph.</summary>
    internal string Add(TensorProto constant)
    {
        constant.Name = NewName("Constant");
        _constants.Add(constant);
        return constant.Name;
    }

    /// <summary>Says what type a value has, where a checker cannot infer it from its node.</summary>
    internal void Describe(string value, OnnxElementType type, params IEnumerable<OnnxDim> dims) =>
        _described.Add(OnnxValueInfo.Of(value, type, dims));

    /// <summary>Declares an output of the model.</summary>
    /// <param name="name">The name that the model's user asks for.</param>
    /// <param name="value">The value to give out.</param>
    /// <param name="dims">All dimensions, the batch included.</param>
    /// <exception cref="ArgumentException">The name is an input's or another output's, or the value is not in the graph.</exception>
    public void Output(string name, string value, params IEnumerable<OnnxDim> dims)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_values.Contains(value))
            throw new ArgumentException(
                $"graph: found '{value}' for output '{name}'; expected the name of a node's output, a constant or an input",
                nameof(value)
            );
        Claim(name);
        _nodes.Add(
            new NodeProto
            {
                OpType = "Identity",
                Name = "Output_" + name,
                Input = { value },
                Output = { name },
            }
        );
        _outputs.Add(OnnxValueInfo.Of(name, OnnxElementType.Single, dims));
    }

    /// <summary>
    /// Names the slots of an output in the way ML.NET's OnnxTransformer reads them back:
    /// the keys of a LabelEncoder node named <c>mlnet.OUTPUT.SlotNames</c>, which nothing computes.
    /// </summary>
    /// <param name="output">The output's name.</param>
    /// <param name="names">One name a slot.</param>
    public void SlotNames(string output, IEnumerable<string> names) => _slotNames.Add((output, [.. names]));

    /// <summary>Adds an entry to the model's metadata; an entry of the same key is replaced.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The text.</param>
    public void Metadata(string key, string value) => _metadata[key] = value;

    /// <summary>Writes the model.</summary>
    /// <returns>The bytes of an .onnx file: the same for the same calls.</returns>
    /// <exception cref="InvalidOperationException">The graph has no output.</exception>
    public byte[] ToBytes()
    {
        if (_outputs.Count == 0)
            throw new InvalidOperationException("graph: found no output; expected at least one");
        var reached = ReachedValues();
        var graph = new GraphProto { Name = "glifml" };
        graph.Input.AddRange(_inputs.Where(i => reached.Contains(i.Name)));
        graph.Output.AddRange(_outputs);
        graph.Initializer.AddRange(_constants.Where(c => reached.Contains(c.Name)));
        graph.Node.AddRange(_nodes.Where(n => n.Output.Any(reached.Contains)));
        graph.ValueInfo.AddRange(_described.Where(v => reached.Contains(v.Name)));
        foreach (var (output, names) in _slotNames)
            AddSlotNames(graph, output, names);
        return OnnxFile.Write(graph, _metadata);
    }

    /// <summary>Whether a node's output of this name serves an output of the model.</summary>
    internal bool IsReached(string value) => ReachedValues().Contains(value);

    internal static void AddSlotNames(GraphProto graph, string output, string[] names)
    {
        var key = new TensorProto
        {
            Name = $"mlnet.{output}.firstSlot",
            DataType = (int)TensorType.String,
            Dims = { 1L },
        };
        key.StringData.Add(ByteString.CopyFromUtf8(names[0]));
        graph.Initializer.Add(key);
        var encoder = new NodeProto
        {
            OpType = "LabelEncoder",
            Name = $"mlnet.{output}.SlotNames",
            Domain = MachineLearningDomain,
            Input = { key.Name },
            Output = { $"mlnet.{output}.unusedOutput" },
        };
        encoder.Attribute.Add(OnnxAttributeValue.FromStrings(names).ToProto("keys_strings"));
        encoder.Attribute.Add(OnnxAttributeValue.FromSingles(names.Select((_, i) => (float)i)).ToProto("values_floats"));
        graph.Node.Add(encoder);
    }

    private string AddConstant(TensorType type, int count, ReadOnlySpan<byte> bytes, ReadOnlySpan<long> dims)
    {
        var expected = 1L;
        foreach (var dim in dims)
            expected *= dim;
        if (expected != count)
            throw new ArgumentException(
                $"constant: found {count} numbers; expected {expected}, which the shape [{string.Join(", ", dims.ToArray())}] holds",
                nameof(dims)
            );
        var tensor = new TensorProto
        {
            Name = NewName("Constant"),
            DataType = (int)type,
            RawData = ByteString.CopyFrom(bytes),
        };
        tensor.Dims.AddRange(dims.ToArray());
        _constants.Add(tensor);
        return tensor.Name;
    }

    private void Claim(string name)
    {
        if (!_values.Add(name))
            throw new ArgumentException($"graph: found a value named '{name}' already; expected a new name", nameof(name));
        _names.Add(name);
    }

    private string NewName(string stem)
    {
        var name = stem;
        for (var i = 1; !_names.Add(name); i++)
            name = stem + "_" + i.ToString(CultureInfo.InvariantCulture);
        _values.Add(name);
        return name;
    }

    // Nodes only ask for values that exist, so going back once over the list meets every consumer before its producer.
    private HashSet<string> ReachedValues()
    {
        var reached = new HashSet<string>(_outputs.Select(o => o.Name), StringComparer.Ordinal);
        for (var i = _nodes.Count - 1; i >= 0; i--)
        {
            if (_nodes[i].Output.Any(reached.Contains))
                reached.UnionWith(_nodes[i].Input);
        }

        return reached;
    }
}
