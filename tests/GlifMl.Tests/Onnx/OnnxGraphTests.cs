using System.Reflection;
using GlifMl.Onnx;
using GlifMl.Onnx.Protos;
using Google.Protobuf.Reflection;

namespace GlifMl.Tests.Onnx;

public sealed class OnnxGraphTests
{
    [Fact]
    public void ToBytes_UnusedNodesConstantsAndInputs_AreNotWritten()
    {
        var graph = new OnnxGraph();
        var x = graph.Input("X", OnnxElementType.Single, "N", 2);
        var unused = graph.Input("Label", OnnxElementType.Double, "N", 1);
        graph.Node("Cast", [unused], ("to", 1L));
        graph.Constant(7f);
        graph.Output("Y", graph.Node("Neg", [x]), "N", 2);

        var model = ModelProto.Parser.ParseFrom(graph.ToBytes());

        Assert.Equal(["X"], graph.InputNames);
        Assert.Equal(["X"], model.Graph.Input.Select(i => i.Name));
        Assert.Equal(["Neg", "Identity"], model.Graph.Node.Select(n => n.OpType));
        Assert.Empty(model.Graph.Initializer);
    }

    [Fact]
    public void ToBytes_TreeEnsemble_ImportsMachineLearningOperators()
    {
        var graph = new OnnxGraph();
        graph.Output("Y", TreeEnsemble(graph), "N", 1);

        var model = ModelProto.Parser.ParseFrom(graph.ToBytes());

        Assert.Equal([("", 17L), ("ai.onnx.ml", 3L)], model.OpsetImport.Select(o => (o.Domain, o.Version)));
        Assert.Equal(8, model.IrVersion);
    }

    [Fact]
    public void ToBytes_AnyGraph_SaysWhoWroteIt()
    {
        var graph = new OnnxGraph();
        graph.Output("Y", TreeEnsemble(graph), "N", 1);

        var model = ModelProto.Parser.ParseFrom(graph.ToBytes());

        var version = typeof(OnnxGraph).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        Assert.Equal(("glifml", version, 1L), (model.ProducerName, model.ProducerVersion, model.ModelVersion));
        Assert.StartsWith("0.", version, StringComparison.Ordinal);
    }

    [Fact]
    public void WithMetadata_OtherEntries_ChangesThemAlone()
    {
        var graph = new OnnxGraph();
        graph.Metadata("a", "1");
        graph.Metadata("c", "3");
        graph.Output("Y", TreeEnsemble(graph), "N", 1);
        var before = graph.ToBytes();

        var after = ModelProto.Parser.ParseFrom(OnnxFile.WithMetadata(before, new Dictionary<string, string> { ["b"] = "2", ["c"] = "4" }));

        Assert.Equal([("a", "1"), ("b", "2"), ("c", "4")], after.MetadataProps.Select(m => (m.Key, m.Value)));
        after.MetadataProps.Clear();
        var expected = ModelProto.Parser.ParseFrom(before);
        expected.MetadataProps.Clear();
        Assert.Equal(expected, after);
        Assert.Equal(before, OnnxFile.WithMetadata(before, new Dictionary<string, string>()));
    }

    [PythonOnnxFact]
    public void ToBytes_TreeEnsembleWithSlotNames_PassesFullCheck()
    {
        var graph = new OnnxGraph();
        graph.Output("Y", TreeEnsemble(graph), "N", 1);
        graph.SlotNames("Y", ["C"]);
        PythonOnnxFactAttribute.Check(graph.ToBytes());
    }

    [Fact]
    public void ToBytes_SameCalls_SameBytes()
    {
        static byte[] Build()
        {
            var graph = new OnnxGraph();
            graph.Metadata("b", "2");
            graph.Metadata("a", "1");
            graph.Output("Y", TreeEnsemble(graph), "N", 1);
            return graph.ToBytes();
        }

        Assert.Equal(Build(), Build());
    }

    [Fact]
    public void Node_UnknownInput_IsNamed()
    {
        var e = Assert.Throws<ArgumentException>(() => new OnnxGraph().Node("Neg", ["x"]));
        Assert.Equal(
            "graph: found 'x' among the inputs of node Neg; "
                + "expected the name of a node's output, a constant or an input (Parameter 'inputs')",
            e.Message
        );
    }

    [Fact]
    public void Constant_ShapeOfOtherSize_SaysBoth()
    {
        var e = Assert.Throws<ArgumentException>(() => new OnnxGraph().Constant([1f, 2f, 3f], 2, 2));
        Assert.Equal("constant: found 3 numbers; expected 4, which the shape [2, 2] holds (Parameter 'dims')", e.Message);
    }

    [Fact]
    public void Output_NameOfInput_Throws()
    {
        var graph = new OnnxGraph();
        var x = graph.Input("X", OnnxElementType.Single, "N", 2);
        Assert.Equal(
            "graph: found a value named 'X' already; expected a new name (Parameter 'name')",
            Assert.Throws<ArgumentException>(() => graph.Output("X", x, "N", 2)).Message
        );
    }

    [PythonOnnxFact]
    public void Proto_EveryFieldAndEnumValue_IsAsInTheStandard()
    {
        var fields = new List<string>();
        void Describe(MessageDescriptor message)
        {
            // The envelope is the standard's model, of which it leaves the graph unread.
            fields.AddRange(
                message
                    .Fields.InDeclarationOrder()
                    .Select(f => $"{f.FullName.Replace("ModelEnvelope", "ModelProto", StringComparison.Ordinal)}={f.FieldNumber}")
            );
            fields.AddRange(message.EnumTypes.SelectMany(e => e.Values).Select(v => $"{message.FullName}.{v.Name}={v.Number}"));
            foreach (var nested in message.NestedTypes)
                Describe(nested);
        }

        foreach (var message in OnnxReflection.Descriptor.MessageTypes)
            Describe(message);
        Assert.True(fields.Count > 60);
        PythonOnnxFactAttribute.Succeeds(
            """
            import onnx, sys
            numbers = {}
            def describe(m):
                numbers.update({f.full_name: f.number for f in m.fields})
                numbers.update({m.full_name + '.' + v.name: v.number for e in m.enum_types for v in e.values})
                for n in m.nested_types: describe(n)
            for m in onnx.onnx_ml_pb2.DESCRIPTOR.message_types_by_name.values(): describe(m)
            wrong = [f for f in sys.argv[1:] if numbers.get(f.split('=')[0]) != int(f.split('=')[1])]
            sys.exit('\n'.join(wrong) or 0)
            """,
            [.. fields]
        );
    }

    // One tree with one split: x[0] <= 0.5 ? 1 : 2.
    private static string TreeEnsemble(OnnxGraph graph) =>
        graph.Nodes(
            "TreeEnsembleRegressor",
            [graph.Input("X", OnnxElementType.Single, "N", 2)],
            1,
            [
                ("n_targets", 1L),
                ("nodes_treeids", new long[] { 0, 0, 0 }),
                ("nodes_nodeids", new long[] { 0, 1, 2 }),
                ("nodes_featureids", new long[] { 0, 0, 0 }),
                ("nodes_modes", new[] { "BRANCH_LEQ", "LEAF", "LEAF" }),
                ("nodes_values", new[] { 0.5f, 0, 0 }),
                ("nodes_truenodeids", new long[] { 1, 0, 0 }),
                ("nodes_falsenodeids", new long[] { 2, 0, 0 }),
                ("target_treeids", new long[] { 0, 0 }),
                ("target_nodeids", new long[] { 1, 2 }),
                ("target_ids", new long[] { 0, 0 }),
                ("target_weights", new[] { 1f, 2f }),
            ],
            OnnxGraph.MachineLearningDomain
        )[0];
}
