using CsCheck;
using GlifMl.Lstm;
using GlifMl.Onnx;
using GlifMl.Onnx.Protos;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using AttributeType = GlifMl.Onnx.Protos.AttributeProto.Types.AttributeType;

namespace GlifMl.Tests.Onnx;

/// <summary>LSTM nodes that the kernel runs answer what OnnxRuntime's answer; the others are left to it, which is said.</summary>
public sealed class LstmEngineTests
{
    private const double Tolerance = 1e-5;

    private static readonly Gen<Case> Cases =
        from layers in Gen.Int[1, 3]
        from directions in Gen.Int[1, 2]
        from hidden in Gen.Int[1, 40]
        from channels in Gen.Int[1, 3]
        from steps in Gen.Int[1, 60]
        from rows in Gen.OneOf(Gen.Int[1, 3], Gen.Int[4, 40])
        from padded in Gen.Bool
        from readOut in Gen.Int[0, 3]
        from seed in Gen.Int[0, 1 << 20]
        select new Case(layers, directions, hidden, channels, steps, rows, padded, readOut, seed);

    [Fact]
    public void Score_RandomNetworks_EqualsOnnxRuntime() =>
        Cases.Sample(
            c =>
            {
                var bytes = c.Model();
                using var kernel = OnnxModel.Load(bytes, new OnnxModelOptions { Engine = OnnxEngine.Kernel });
                using var runtime = OnnxModel.Load(bytes, new OnnxModelOptions { Engine = OnnxEngine.OnnxRuntime });
                var traces = c.Traces();
                AssertClose([.. runtime.Score(traces).Cast<float>()], [.. kernel.Score(traces).Cast<float>()]);
            },
            iter: 150,
            print: c => c.ToString()
        );

    [Theory]
    [InlineData("forward")]
    [InlineData("reverse")]
    [InlineData("bidirectional")]
    public void Node_WithEveryInputAndOutput_EqualsOnnxRuntime(string direction)
    {
        var random = new Random(3);
        foreach (var (hidden, rows) in ((int, int)[])[(1, 1), (5, 16), (9, 3), (33, 21)])
        {
            var node = new Node(direction, hidden, Channels: 2, Steps: 17, rows, random);
            foreach (var lengths in (int[]?[])[null, [.. Enumerable.Range(0, rows).Select(_ => random.Next(0, 18))]])
            {
                foreach (var initial in (bool[])[false, true])
                {
                    var model = node.Model(lengths is not null, initial);
                    var expected = node.Run(model, lengths, initial, kernel: false);
                    var found = node.Run(model, lengths, initial, kernel: true);
                    foreach (var (theirs, ours) in expected.Zip(found))
                        AssertClose(theirs, ours);
                }
            }
        }
    }

    private static readonly string[] HardSigmoids = ["HardSigmoid", "Tanh", "Tanh", "HardSigmoid", "Tanh", "Tanh"];

    private static readonly Dictionary<string, (Action<NodeProto> Change, string Why)> Others = new()
    {
        ["peepholes"] = (
            n =>
            {
                while (n.Input.Count < 7)
                    n.Input.Add("");
                n.Input.Add("P");
            },
            "peephole weights"
        ),
        ["clip"] = (n => n.Attribute.Add(Float("clip", 3)), "the attribute clip"),
        ["activations"] = (
            n =>
                n.Attribute.Add(
                    new AttributeProto
                    {
                        Name = "activations",
                        Type = AttributeType.Strings,
                        Strings = { HardSigmoids.Select(ByteString.CopyFromUtf8) },
                    }
                ),
            "the activations HardSigmoid, Tanh, Tanh, HardSigmoid, Tanh, Tanh"
        ),
        ["input_forget"] = (n => n.Attribute.Add(Integer("input_forget", 1)), "input_forget 1"),
    };

    public static TheoryData<string> OtherNodes => [.. Others.Keys];

    [Theory]
    [MemberData(nameof(OtherNodes))]
    public void Load_NodeThatTheKernelDoesNotRun_IsLeftToOnnxRuntimeAndSaid(string name)
    {
        var c = new Case(1, 2, 4, 1, 12, 3, Padded: false, ReadOut: 0, Seed: 1);
        var model = ModelProto.Parser.ParseFrom(c.Model());
        Others[name].Change(model.Graph.Node.Single(n => n.OpType == "LSTM"));
        model.Graph.Initializer.Add(Constant("P", [2, 12]));
        var said = new List<string>();

        using var auto = OnnxModel.Load(model.ToByteArray(), new OnnxModelOptions { Log = said.Add });
        using var runtime = OnnxModel.Load(model.ToByteArray(), new OnnxModelOptions { Engine = OnnxEngine.OnnxRuntime });
        var e = Assert.Throws<InvalidDataException>(() =>
            OnnxModel.Load(model.ToByteArray(), new OnnxModelOptions { Engine = OnnxEngine.Kernel })
        );

        Assert.Equal(runtime.Score(c.Traces()), auto.Score(c.Traces()));
        var node = model.Graph.Node.Single(n => n.OpType == "LSTM").Name;
        var left = $"LSTM node '{node}': found {Others[name].Why}, which the kernel does not run; OnnxRuntime runs the node";
        Assert.Equal([$"model: {left}"], said);
        Assert.Equal($"model: found no LSTM node that the kernel runs ({left}); expected one for the engine 'kernel'", e.Message);
    }

    [Fact]
    public void Load_LayoutOne_IsLeftToOnnxRuntime()
    {
        // OnnxRuntime itself refuses to load such a node.
        var model = ModelProto.Parser.ParseFrom(new Case(1, 1, 4, 1, 12, 3, Padded: false, ReadOut: 0, Seed: 1).Model());
        model.Graph.Node.Single(n => n.OpType == "LSTM").Attribute.Add(Integer("layout", 1));

        var rewritten = KernelGraph.Of(model.ToByteArray());

        Assert.Null(rewritten.Model);
        Assert.Contains("found layout 1, which the kernel does not run", Assert.Single(rewritten.Left), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WeightsThatAreComputed_IsLeftToOnnxRuntime()
    {
        var c = new Case(1, 2, 4, 1, 12, 3, Padded: false, ReadOut: 0, Seed: 1);
        var model = ModelProto.Parser.ParseFrom(c.Model());
        var lstm = model.Graph.Node.Single(n => n.OpType == "LSTM");
        model.Graph.Node.Insert(
            0,
            new NodeProto
            {
                OpType = "Neg",
                Name = "Neg",
                Input = { lstm.Input[1] },
                Output = { "W" },
            }
        );
        lstm.Input[1] = "W";
        var said = new List<string>();

        using var auto = OnnxModel.Load(model.ToByteArray(), new OnnxModelOptions { Log = said.Add });

        Assert.Equal(3, auto.Score(c.Traces()).GetLength(0));
        Assert.Contains("found input weights that are no constants of Single", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void Score_Auto_MeasuresOnceForEachBatchSize()
    {
        var c = new Case(1, 2, 5, 1, 500, 16, Padded: false, ReadOut: 2, Seed: 1);
        var said = new List<string>();
        using var model = OnnxModel.Load(c.Model(), new OnnxModelOptions { Log = said.Add });

        for (var again = 0; again < 3; again++)
        {
            model.Score(c.Traces());
            model.Score(c.Traces()[..1]);
        }

        Assert.Equal(2, said.Count);
        const string Measured = @"\(kernel .+ ms, OnnxRuntime .+ ms, difference .+\)$";
        Assert.All(said, line => Assert.Matches("^model: (1|16) traces of 500 samples on all: .+ " + Measured, line));
    }

    [Fact]
    public void Score_ManyThreads_EqualsOneThread()
    {
        var c = new Case(2, 2, 6, 1, 90, 40, Padded: true, ReadOut: 2, Seed: 5);
        using var many = OnnxModel.Load(
            c.Model(),
            new OnnxModelOptions
            {
                Engine = OnnxEngine.Kernel,
                Threads = 4,
                BatchRows = 8,
            }
        );
        using var one = OnnxModel.Load(
            c.Model(),
            new OnnxModelOptions
            {
                Engine = OnnxEngine.Kernel,
                Threads = 1,
                BatchRows = 8,
            }
        );
        var expected = one.Score(c.Traces());

        Parallel.For(0, 16, _ => Assert.Equal(expected, many.Score(c.Traces())));
    }

    [Fact]
    public void Score_FailureInTheKernel_IsOneLine()
    {
        var c = new Case(1, 1, 4, 2, 12, 3, Padded: false, ReadOut: 0, Seed: 1);
        var model = ModelProto.Parser.ParseFrom(c.Model());
        // One channel where the weights read two.
        model.Graph.Node.First(n => n.OpType == "Reshape").Input[1] = "shape";
        var shape = new TensorProto
        {
            Name = "shape",
            DataType = 7,
            RawData = ByteString.CopyFrom(Bytes([0L, -1L, 1L])),
        };
        shape.Dims.Add(3);
        model.Graph.Initializer.Add(shape);
        using var kernel = OnnxModel.Load(model.ToByteArray(), new OnnxModelOptions { Engine = OnnxEngine.Kernel });

        var e = Assert.Throws<InvalidDataException>(() => kernel.Score(c.Traces()));

        const string Found = "kernel: found samples [3, 24, 1]; expected three dimensions, the last 2";
        Assert.Contains(Found, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    private static void AssertClose(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        var scale = expected.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        for (var n = 0; n < expected.Length; n++)
        {
            if (float.IsNaN(expected[n]))
                Assert.True(float.IsNaN(found[n]), $"found {found[n]} at {n}; expected NaN");
            else
                Assert.InRange(found[n], expected[n] - Tolerance * Math.Max(scale, 1), expected[n] + Tolerance * Math.Max(scale, 1));
        }
    }

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => [.. System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())];

    private static AttributeProto Float(string name, float value) =>
        new()
        {
            Name = name,
            Type = AttributeType.Float,
            F = value,
        };

    private static AttributeProto Integer(string name, long value) =>
        new()
        {
            Name = name,
            Type = AttributeType.Int,
            I = value,
        };

    private static TensorProto Constant(string name, params long[] dims)
    {
        var constant = new TensorProto
        {
            Name = name,
            DataType = 1,
            RawData = ByteString.CopyFrom(new byte[dims.Aggregate(sizeof(float), (n, d) => n * (int)d)]),
        };
        constant.Dims.Add(dims);
        return constant;
    }

    /// <summary>A network over traces, as the trainer writes it.</summary>
    internal sealed record Case(
        int Layers,
        int Directions,
        int Hidden,
        int Channels,
        int Steps,
        int Rows,
        bool Padded,
        int ReadOut,
        int Seed
    )
    {
        private int Samples => Steps * Channels;

        public byte[] Model()
        {
            var graph = new OnnxGraph();
            var input = new OnnxValue(graph.Input(OnnxModelInfo.VoltageColumn, OnnxElementType.Single, "N", Samples), Samples);
            var (trace, lengths) = Padded ? OnnxLayers.ValidSamples(graph, input, Channels) : (input, "");
            // As large as a network begins with: much larger weights make a layer chaotic, which no two roundings agree on.
            var weights = Array.ConvertAll(LstmOnnxTests.RandomLayers(new Random(Seed), Directions, Layers, Hidden, Channels), Scaled);
            var lstm = LstmOnnx.Add(graph, trace, weights, lengths);
            var read = ReadOut switch
            {
                0 => lstm.FinalStates,
                1 => OnnxLayers.MeanOverTime(graph, lstm.Sequence, lengths),
                2 => OnnxLayers.Concatenate(graph, lstm.FinalStates, OnnxLayers.MeanOverTime(graph, lstm.Sequence, lengths)),
                _ => new OnnxValue(
                    graph.Node("ReduceMax", [lstm.Sequence.Name], ("axes", new long[] { 1 }), ("keepdims", 0L)),
                    Directions * Hidden
                ),
            };
            var size = (int)read.Dims[0].Value;
            var head = OnnxLayers.Linear(graph, read, [.. Enumerable.Range(0, 2 * size).Select(n => (n % 7 - 3) / 10f)], [0.5f, -0.5f]);
            graph.Output(OnnxModelInfo.ParametersColumn, head.Name, "N", 2);
            foreach (var (key, text) in (TestModels.Info() with { Samples = Samples }).ToMetadata())
                graph.Metadata(key, text);
            return graph.ToBytes();
        }

        private static LstmLayer Scaled(LstmLayer layer)
        {
            float[] Times(float[] values) => Array.ConvertAll(values, v => v / MathF.Sqrt(layer.HiddenSize));
            return new(
                layer.InputSize,
                layer.HiddenSize,
                [.. layer.Directions.Select(d => new LstmWeights(Times(d.InputWeights), Times(d.HiddenWeights), d.InputBias, d.HiddenBias))]
            );
        }

        public float[][] Traces()
        {
            var random = new Random(Seed + 1);
            return
            [
                .. Enumerable
                    .Range(0, Rows)
                    .Select(_ =>
                    {
                        float[] trace = [.. Enumerable.Range(0, Samples).Select(_ => 4 * random.NextSingle() - 2)];
                        if (Padded && random.Next(3) > 0)
                            trace.AsSpan(random.Next(1, Steps + 1) * Channels).Fill(float.NaN);
                        return trace;
                    }),
            ];
        }
    }

    /// <summary>One LSTM node with all its results, in the standard's layout.</summary>
    private sealed record Node(string Direction, int Hidden, int Channels, int Steps, int Rows, Random Random)
    {
        private static readonly string[] Outputs = ["Y", "Y_h", "Y_c"];
        private readonly float[] _samples = Draw(Random, Steps * Rows * Channels);
        private readonly float[] _hidden = Draw(Random, 2 * Rows * Hidden);
        private readonly float[] _cell = Draw(Random, 2 * Rows * Hidden);

        private int Directions => Direction == "bidirectional" ? 2 : 1;

        public byte[] Model(bool lengths, bool initial)
        {
            var graph = new OnnxGraph();
            string[] inputs =
            [
                graph.Input("X", OnnxElementType.Single, "T", "N", Channels),
                graph.Constant(Draw(Random, Directions * 4 * Hidden * Channels), Directions, 4 * Hidden, Channels),
                graph.Constant(Draw(Random, Directions * 4 * Hidden * Hidden), Directions, 4 * Hidden, Hidden),
                graph.Constant(Draw(Random, Directions * 8 * Hidden), Directions, 8 * Hidden),
                lengths ? graph.Node("Cast", [graph.Input("L", OnnxElementType.Single, "N")], ("to", 6L)) : "",
                initial ? graph.Input("H", OnnxElementType.Single, Directions, "N", Hidden) : "",
                initial ? graph.Input("C", OnnxElementType.Single, Directions, "N", Hidden) : "",
            ];
            var results = graph.Nodes("LSTM", inputs, 3, [("hidden_size", Hidden), ("direction", Direction)]);
            graph.Output("Y", graph.Node("Identity", [results[0]]), "T", Directions, "N", Hidden);
            graph.Output("Y_h", graph.Node("Identity", [results[1]]), Directions, "N", Hidden);
            graph.Output("Y_c", graph.Node("Identity", [results[2]]), Directions, "N", Hidden);
            return graph.ToBytes();
        }

        public float[][] Run(byte[] model, int[]? lengths, bool initial, bool kernel)
        {
            using var settings = new SessionOptions();
            if (kernel)
            {
                model = KernelGraph.Of(model).Model!;
                EngineOperator.AddTo(settings);
            }

            using var session = new InferenceSession(model, settings);
            var values = new Dictionary<string, OrtValue>
            {
                ["X"] = OrtValue.CreateTensorValueFromMemory(_samples, [Steps, Rows, Channels]),
            };
            if (lengths is not null)
                values["L"] = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(lengths, l => (float)l), [Rows]);
            foreach (var (name, states) in initial ? [("H", _hidden), ("C", _cell)] : ((string, float[])[])[])
                values[name] = OrtValue.CreateTensorValueFromMemory(states[..(Directions * Rows * Hidden)], [Directions, Rows, Hidden]);
            using var run = new RunOptions();
            using var results = session.Run(run, values, Outputs);
            foreach (var value in values.Values)
                value.Dispose();
            return [.. results.Select(r => r.GetTensorDataAsSpan<float>().ToArray())];
        }

        private static float[] Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
    }
}
