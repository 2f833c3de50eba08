using GlifMl.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>How each supported TorchSharp layer is written as ONNX, in evaluation mode.</summary>
internal static class TorchLayers
{
    /// <summary>Writes one layer.</summary>
    public delegate OnnxValue Writer(TorchOnnxContext context, nn.Module module, OnnxValue input);

    /// <summary>The layers, by their very type.</summary>
    public static IReadOnlyDictionary<Type, Writer> Writers { get; } =
        new Dictionary<Type, Writer>
        {
            [typeof(Sequential)] = (c, m, x) =>
                m.named_children().Aggregate(x, (value, child) => c.Export(child.module, value, child.name)),
            [typeof(Linear)] = Layer<Linear>(
                (c, m, x) => OnnxLayers.Linear(c.Graph, x, Values(m.weight!), ValuesOr(m.bias, 0, m.out_features))
            ),
            [typeof(LayerNorm)] = Layer<LayerNorm>(LayerNormalization),
            [typeof(BatchNorm1d)] = Layer<BatchNorm1d>(BatchNormalization),
            [typeof(Flatten)] = Layer<Flatten>(Flatten),
            [typeof(Dropout)] = (_, _, x) => x,
            [typeof(Identity)] = (_, _, x) => x,
            [typeof(Conv1d)] = Layer<Conv1d>(TorchWindows.Convolution),
            [typeof(MaxPool1d)] = Layer<MaxPool1d>(TorchWindows.MaxPool),
            [typeof(AvgPool1d)] = Layer<AvgPool1d>(TorchWindows.AveragePool),
            [typeof(AdaptiveAvgPool1d)] = Layer<AdaptiveAvgPool1d>(TorchWindows.AdaptiveAveragePool),
            [typeof(ReLU)] = (c, _, x) => OnnxActivations.Plain(c.Graph, x, "Relu"),
            [typeof(Tanh)] = (c, _, x) => OnnxActivations.Plain(c.Graph, x, "Tanh"),
            [typeof(Sigmoid)] = (c, _, x) => OnnxActivations.Plain(c.Graph, x, "Sigmoid"),
            [typeof(LeakyReLU)] = Layer<LeakyReLU>((c, m, x) => OnnxActivations.WithAlpha(c.Graph, x, "LeakyRelu", m.negative_slope)),
            [typeof(ELU)] = Layer<ELU>((c, m, x) => OnnxActivations.WithAlpha(c.Graph, x, "Elu", m.alpha)),
            [typeof(GELU)] = Layer<GELU>((c, m, x) => OnnxActivations.Gelu(c.Graph, x, m.approximate == GELU.Approximate.tanh)),
            [typeof(SiLU)] = (c, _, x) => OnnxActivations.Silu(c.Graph, x),
            [typeof(Softplus)] = Layer<Softplus>((c, m, x) => OnnxActivations.Softplus(c.Graph, x, m.beta, m.threshold)),
        };

    /// <summary>The layers' names, as messages list them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Writers.Keys.Select(t => t.Name), nameof(SequenceReadOut)];

    /// <summary>What to do about a module that is not among them.</summary>
    public static string Advice(nn.Module module) =>
        module is LSTM or GRU
            ? $"wrap it in {nameof(SequenceReadOut)}, which says what of its outputs is read"
            : $"expected {string.Join(", ", Names)}, or a module that implements {nameof(ITorchOnnxExportable)}";

    /// <summary>The values of a weight that a layer may have been created without.</summary>
    public static float[] ValuesOr(Tensor? weight, float substitute, long count)
    {
        if (weight is not null)
            return Values(weight);
        var values = new float[count];
        values.AsSpan().Fill(substitute);
        return values;
    }

    /// <summary>A weight's values.</summary>
    public static float[] Values(Tensor weight) => TensorMemory.Copy(weight);

    private static Writer Layer<T>(Func<TorchOnnxContext, T, OnnxValue, OnnxValue> write)
        where T : nn.Module => (context, module, input) => write(context, (T)module, input);

    private static OnnxValue LayerNormalization(TorchOnnxContext context, LayerNorm layer, OnnxValue input)
    {
        var shape = layer.normalized_shape;
        if (shape.Length > input.Dims.Count || !input.Dims.TakeLast(shape.Length).SequenceEqual(shape.Select(n => (OnnxDim)n)))
            throw new ArgumentException($"expected last dimensions [{string.Join(", ", shape)}]", nameof(input));
        var count = shape.Aggregate(1L, (product, n) => product * n);
        var graph = context.Graph;
        var normalised = graph.Node(
            "LayerNormalization",
            [input.Name, graph.Constant(ValuesOr(layer.weight, 1, count), shape), graph.Constant(ValuesOr(layer.bias, 0, count), shape)],
            ("axis", (long)-shape.Length),
            ("epsilon", (float)layer.eps)
        );
        return input with { Name = normalised };
    }

    private static OnnxValue BatchNormalization(TorchOnnxContext context, BatchNorm1d layer, OnnxValue input)
    {
        if (layer.running_mean is not { } mean || layer.running_var is not { } variance)
            throw context.Refusal(
                layer,
                "has no running statistics, so that a row's score would depend on its batch; expected track_running_stats: true"
            );
        return OnnxLayers.BatchNormalization(
            context.Graph,
            input,
            ValuesOr(layer.weight, 1, layer.num_features),
            ValuesOr(layer.bias, 0, layer.num_features),
            Values(mean),
            Values(variance),
            (float)layer.eps
        );
    }

    private static OnnxValue Flatten(TorchOnnxContext context, Flatten layer, OnnxValue input)
    {
        // Dimensions count the batch as number 0 and, from the end, the last one as -1.
        var rank = input.Dims.Count + 1;
        var (start, end) = (Place(layer.start_dim, rank), Place(layer.end_dim, rank));
        if (start < 1)
            throw context.Refusal(layer, "joins rows of the batch; expected start_dim of 1 or more");
        OnnxDim[] dims =
        [
            .. input.Dims.Take(start - 1),
            input.Dims.Skip(start - 1).Take(end - start + 1).Aggregate(1L, (n, d) => n * d.Value),
            .. input.Dims.Skip(end),
        ];
        return new OnnxValue(context.Graph.Node("Reshape", [input.Name, context.Graph.Integers([0, .. dims.Select(d => d.Value)])]), dims);
    }

    private static int Place(long dimension, int rank) => (int)(dimension < 0 ? dimension + rank : dimension);
}
