using GlifMl.Onnx;
using GlifMl.Onnx.Protos;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using Google.Protobuf;
using AttributeType = GlifMl.Onnx.Protos.AttributeProto.Types.AttributeType;
using DataLocation = GlifMl.Onnx.Protos.TensorProto.Types.DataLocation;

namespace GlifMl.Tests.Onnx;

/// <summary>Models of strangers, which say that they are ours: one line each, and nothing is read or run.</summary>
public sealed class StrangeModelTests
{
    private const string Secret = "../secret.bin";

    private static readonly Dictionary<string, (Action<ModelProto> Change, string Message)> Strange = new()
    {
        ["no metadata"] = (
            m => m.MetadataProps.Clear(),
            "metadata: found no entry; expected 'glifml.version', which every model of GlifMl has"
        ),
        ["metadata of others"] = (
            m =>
            {
                m.MetadataProps.Clear();
                m.MetadataProps.Add(new StringStringEntryProto { Key = "author\u001b[31m", Value = "x" });
            },
            "metadata: found 'author\\u001b[31m'; expected 'glifml.version', which every model of GlifMl has"
        ),
        ["no graph"] = (m => m.Graph = null, "found no graph; expected an ONNX model"),
        ["external constant"] = (
            m => External(m.Graph.Initializer[0]),
            "constant 'Constant': found its numbers in the file '../secret.bin'; expected them in the model"
        ),
        ["external data without location"] = (
            m => m.Graph.Initializer[0].ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = "0" }),
            "constant 'Constant': found its numbers in the file ''; expected them in the model"
        ),
        ["external attribute"] = (
            m =>
                m.Graph.Node.Insert(
                    0,
                    Node(
                        "Constant",
                        "",
                        new AttributeProto
                        {
                            Name = "value",
                            Type = AttributeType.Tensor,
                            T = External(),
                        }
                    )
                ),
            "node 'strange', attribute 'value': found its numbers in the file '../secret.bin'; expected them in the model"
        ),
        ["graph within the graph"] = (
            m =>
                m.Graph.Node.Insert(
                    0,
                    Node(
                        "Loop",
                        "",
                        new AttributeProto
                        {
                            Name = "body",
                            Type = AttributeType.Graph,
                            G = new GraphProto(),
                        }
                    )
                ),
            "node 'strange', attribute 'body': found a graph within the graph; expected none"
        ),
        ["custom operator"] = (
            m => m.Graph.Node.Insert(0, Node("ReadFile", "evil\n")),
            "node 'strange': found operator 'evil\\n:ReadFile'; expected one of ONNX or OnnxRuntime"
        ),
        ["unknown operator"] = (m => m.Graph.Node.Insert(0, Node("ReadFile", "")), "found a graph that OnnxRuntime cannot run ("),
        ["function"] = (m => m.Functions.Add(new FunctionProto { Name = "Hidden" }), "found function 'Hidden'; expected operators alone"),
        ["training graph"] = (m => m.TrainingInfo.Add(new TrainingInfoProto()), "found a training graph; expected one graph"),
        ["sparse constant"] = (m => m.Graph.SparseInitializer.Add(new SparseTensorProto()), "found a sparse constant; expected dense ones"),
        ["huge constant"] = (m => m.Graph.Initializer[0].Dims[0] = 1L << 40, "found a graph that OnnxRuntime cannot run ("),
        ["huge dimensions"] = (
            m =>
            {
                m.Graph.Initializer[0].Dims.Clear();
                m.Graph.Initializer[0].Dims.AddRange([1L << 40, 1L << 40]);
            },
            "found a graph that OnnxRuntime cannot run ("
        ),
        ["negative dimension"] = (m => m.Graph.Initializer[0].Dims[0] = -1, "found a graph that OnnxRuntime cannot run ("),
        ["huge input"] = (
            m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 1L << 60,
            "found a graph that OnnxRuntime cannot run ("
        ),
        ["huge samples"] = (
            m => Entry(m, "samples").Value = "2000000000",
            "metadata 'glifml.samples': found 2000000000; expected 1 to 16777216"
        ),
        ["name that a terminal obeys"] = (
            m => Entry(m, "parameters").Value = "[\"C\\u001b[31m\",\"El\"]",
            "metadata 'glifml.parameters': found [\"C\\u001b[31m\",\"El\"]; expected at least one name, and none empty"
        ),
        ["hash that a terminal obeys"] = (
            m => Entry(m, "dataHash").Value = "\u001b[31m",
            "metadata 'glifml.dataHash': found \\u001b[31m; expected a hash"
        ),
        ["deep metadata"] = (m => Entry(m, "inputs").Value = new string('[', 500), "metadata 'glifml.inputs': found [[["),
    };

    public static TheoryData<string> Kinds => [.. Strange.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Load_OfAStranger_IsOneLine(string kind)
    {
        var (file, message) = Model(kind);

        var e = Assert.Throws<InvalidDataException>(() => OnnxModel.Load(file));

        Assert.StartsWith("model: " + message, e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 1, 400);
        Assert.DoesNotContain(e.Message, char.IsControl);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Score_WithAStrangersModel_EndsWithCode2(string kind)
    {
        using var folder = new TempFolder();
        var path = folder["strange.onnx"];
        File.WriteAllBytes(path, Model(kind).File);

        var (code, output, error) = Glifml.Run("score", "--model", path, Glifml.Path("datasets/recordings/569469018_sweep44.csv"));

        Assert.Equal("", output);
        Assert.StartsWith($"glifml: model '{path}': ", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Equal(2, code);
    }

    [Fact]
    public void Inspect_DefinitionThatATerminalObeys_ShowsItAndDoesNot()
    {
        using var folder = new TempFolder();
        var path = folder["strange.onnx"];
        File.WriteAllBytes(path, TestModels.Bytes(TestModels.Info() with { Definition = "name: \u001b]0;x\u0007\nseed: 1\n" }));

        var (code, output, error) = Glifml.Run("inspect", path);

        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith("\nname: \\u001b]0;x\\u0007\nseed: 1\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    // What a graph makes of its input shows only as it is run.
    [Fact]
    public void Score_GraphThatFailsAsItRuns_SaysSoInOneLine()
    {
        var graph = new OnnxGraph();
        var x = graph.Input(OnnxModelInfo.VoltageColumn, OnnxElementType.Single, "N", TestModels.Samples);
        // The trace's first two samples are taken for places in it.
        var places = graph.Node("Cast", [graph.Node("Slice", [x, graph.Integers(0), graph.Integers(2), graph.Integers(1)])], ("to", 7L));
        graph.Output(OnnxModelInfo.ParametersColumn, graph.Node("GatherElements", [x, places], ("axis", 1L)), "N", 2);
        foreach (var (key, text) in TestModels.Info().ToMetadata())
            graph.Metadata(key, text);
        using var model = OnnxModel.Load(graph.ToBytes());

        var e = Assert.Throws<InvalidDataException>(() => model.Score(new float[] { 99, 0, 0, 0 }));

        Assert.StartsWith("model: found a graph that fails when it is run (", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, char.IsControl);
    }

    [Fact]
    public void Score_GraphOfAHugeTensor_SaysSoInOneLine()
    {
        var model = ModelProto.Parser.ParseFrom(TestModels.Bytes(TestModels.Info()));
        model.Graph.Initializer.Add(
            new TensorProto
            {
                Name = "shape",
                DataType = 7, // INT64
                Dims = { 2 },
                RawData = ByteString.CopyFrom([.. BitConverter.GetBytes(1L << 30), .. BitConverter.GetBytes(1L << 30)]),
            }
        );
        var node = Node("ConstantOfShape", "");
        node.Input.Add("shape");
        model.Graph.Node.Insert(0, node);
        model.Graph.Output.Add(new ValueInfoProto { Name = "strange", Type = model.Graph.Output[0].Type.Clone() });
        using var loaded = OnnxModel.Load(model.ToByteArray());

        var e = Assert.Throws<InvalidDataException>(() => loaded.Score(new float[4]));

        Assert.StartsWith("model: found a graph that fails when it is run (", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, char.IsControl);
    }

    [Fact]
    public void Score_GraphThatGivesAnotherShape_SaysSo()
    {
        var graph = new OnnxGraph();
        var x = graph.Input(OnnxModelInfo.VoltageColumn, OnnxElementType.Single, "N", TestModels.Samples);
        graph.Output(OnnxModelInfo.ParametersColumn, graph.Node("Reshape", [x, graph.Integers(-1, 2)]), "N", 2);
        foreach (var (key, text) in TestModels.Info().ToMetadata())
            graph.Metadata(key, text);
        using var model = OnnxModel.Load(graph.ToBytes());

        var e = Assert.Throws<InvalidDataException>(() => model.Score(new float[4]));

        Assert.Equal("model: found 4 parameters of 1 traces; expected 2", e.Message);
    }

    [Fact]
    public void Load_DamagedAnywhere_LoadsOrSaysSo()
    {
        var file = TestModels.Bytes(TestModels.Info());
        var random = new Random(3);
        for (var n = 0; n < 400; n++)
        {
            var damaged = file.ToArray();
            if (n % 2 == 0)
                damaged = damaged[..random.Next(damaged.Length)];
            else
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                using var model = OnnxModel.Load(damaged);
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith("model: ", e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(e.Message, char.IsControl);
            }
        }
    }

    private static (byte[] File, string Message) Model(string kind)
    {
        var model = ModelProto.Parser.ParseFrom(TestModels.Bytes(TestModels.Info()));
        Strange[kind].Change(model);
        return (model.ToByteArray(), Strange[kind].Message);
    }

    private static StringStringEntryProto Entry(ModelProto model, string key) => model.MetadataProps.Single(e => e.Key == "glifml." + key);

    private static TensorProto External() => External(new TensorProto { DataType = 1, Dims = { 2 } });

    private static TensorProto External(TensorProto tensor)
    {
        tensor.ClearRawData();
        tensor.DataLocation = DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = Secret });
        return tensor;
    }

    private static NodeProto Node(string operation, string domain, params AttributeProto[] attributes) =>
        new()
        {
            Name = "strange",
            OpType = operation,
            Domain = domain,
            Output = { "strange" },
            Attribute = { attributes },
        };
}
