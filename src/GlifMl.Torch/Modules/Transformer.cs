using System.ComponentModel.DataAnnotations;
using GlifMl.Onnx;
using GlifMl.Torch;
using Microsoft.ML.TorchSharp.AutoFormerV2;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>
/// A transformer over blocks of a trace (Vaswani et al. 2017, arXiv:1706.03762; blocks as in TinyViT, Wu et al. 2022, arXiv:2207.10666), of
/// Microsoft.ML.TorchSharp's own layers: its shape and how it is trained.
/// </summary>
public sealed record TransformerOptions : TrainerOptions, IValidatableObject
{
    /// <summary>Samples that are joined into one block, of which the trace must be a multiple. Default 4; at least 1.</summary>
    [Range(1, 1 << 16)]
    public int Block { get; init; } = 4;

    /// <summary>Numbers that stand for a block within the network, a multiple of <see cref="Heads"/>. Default 32; 1 to 1024.</summary>
    [Range(1, 1024)]
    public int Width { get; init; } = 32;

    /// <summary>Attentions side by side, each over its share of the width. Default 4; at least 1.</summary>
    [Range(1, 1024)]
    public int Heads { get; init; } = 4;

    /// <summary>Layers of attention, convolution and perceptron. Default 2; 1 to 64.</summary>
    [Range(1, 64)]
    public int Layers { get; init; } = 2;

    /// <summary>Hidden units of each perceptron, in widths. Default 2; 1 to 64.</summary>
    [Range(1, 64)]
    public int Expansion { get; init; } = 2;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Width % Heads == 0 ? [] : [new ValidationResult($"expected a multiple of heads: {Heads}", [nameof(Width)])];
}

/// <summary>Blocks of a trace, layers of a transformer over them, mean and maximum over time, then a linear head.</summary>
internal sealed class TransformerNetwork : nn.Module<Tensor, Tensor>, ITorchOnnxExportable
{
    // The attention's table of offsets is a list of this many squared, built one by one.
    private const int MostBlocks = 1024;

    private readonly Linear _embed;
    private readonly ModuleList<TransformerLayer> _layers = [];
    private readonly LayerNorm _norm;
    private readonly Linear _head;
    private readonly int _blocks,
        _blockSize;

    public TransformerNetwork(TransformerOptions options, ModuleShape shape)
        : base(nameof(TransformerNetwork))
    {
        if (shape.Samples % options.Block != 0)
            throw new ArgumentException(
                $"transformer: found {shape.Samples} samples; expected a multiple of block: {options.Block} (crop before it)"
            );
        (_blocks, _blockSize) = (shape.Samples / options.Block, options.Block * shape.Channels);
        if (_blocks > MostBlocks)
            throw new ArgumentException(
                $"transformer: found {_blocks} blocks of {options.Block} of {shape.Samples} samples; "
                    + $"expected at most {MostBlocks}: raise block, or put block-reduce before it"
            );
        _embed = nn.Linear(_blockSize, options.Width);
        for (var k = 0; k < options.Layers; k++)
            _layers.Add(new TransformerLayer(options, _blocks));
        _norm = nn.LayerNorm([2L * options.Width]);
        _head = nn.Linear(2L * options.Width, shape.Targets);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var sequence = _embed.call(input.reshape(input.shape[0], _blocks, _blockSize));
        foreach (var layer in _layers)
            sequence = layer.call(sequence);
        var read = cat([sequence.mean([1]), sequence.amax([1])], 1);
        return _head.call(_norm.call(read)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue Export(TorchOnnxContext context, OnnxValue input)
    {
        var graph = context.Graph;
        var blocks = new OnnxValue(graph.Node("Reshape", [input.Name, graph.Integers(0, _blocks, _blockSize)]), _blocks, _blockSize);
        var sequence = context.Export(_embed, blocks, "embed");
        foreach (var (layer, k) in _layers.Select((layer, k) => (layer, k)))
            sequence = context.Export(layer, sequence, $"layers.{k}");
        var width = sequence.Dims[1];
        OnnxValue Over(string reduction) =>
            new(graph.Node(reduction, [sequence.Name], ("axes", new long[] { 1 }), ("keepdims", 0L)), width);
        var read = OnnxLayers.Concatenate(graph, Over("ReduceMean"), Over("ReduceMax"));
        return context.Export(_head, context.Export(_norm, read, "norm"), "head");
    }
}

/// <summary>
/// One layer of AutoFormerV2 over time instead of an image: attention with a bias for each distance, a convolution of each number's own
/// over its neighbours, and a perceptron. AutoFormerV2Block itself cannot be used: it calls a method that TorchSharp no longer has.
/// </summary>
internal sealed class TransformerLayer : nn.Module<Tensor, Tensor>, ITorchOnnxExportable
{
    private const int Kernel = 3;

    // Names of what the package's classes hold, whose fields are private.
    private const string Queries = "qkv",
        Projection = "proj",
        Biases = "attention_biases";

    private static readonly string[] PerceptronLayers = ["norm", "fc1", "act", "fc2"];

    private readonly Attention _attention;
    private readonly Conv2dBN _convolution;
    private readonly MLP _perceptron;
    private readonly int _blocks,
        _width,
        _heads;

    public TransformerLayer(TransformerOptions options, int blocks)
        : base(nameof(TransformerLayer))
    {
        (_blocks, _width, _heads) = (blocks, options.Width, options.Heads);
        _attention = new Attention(_width, _width / _heads, _heads, attnRatio: 1, windowResolution: [1, blocks]);
        _convolution = new Conv2dBN(_width, _width, kernalSize: Kernel, stride: 1, padding: Kernel / 2, groups: _width);
        _perceptron = new MLP(_width, _width * options.Expansion);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var attended = input + _attention.forward(input, null);
        // An image of height 1: [batch, width, 1, blocks].
        var image = _convolution.forward(attended.transpose(1, 2).unsqueeze(2));
        var mixed = image.squeeze(2).transpose(1, 2);
        return (mixed + _perceptron.forward(mixed)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue Export(TorchOnnxContext context, OnnxValue input)
    {
        var graph = context.Graph;
        var attended = new OnnxValue(graph.Node("Add", [input.Name, Attend(context, input).Name]), _blocks, _width);
        var mixed = Convolve(context, attended);
        var perceptron = PerceptronLayers.Aggregate(
            mixed,
            (value, name) => context.Export(Child(_perceptron, name), value, $"perceptron.{name}")
        );
        return mixed with { Name = graph.Node("Add", [mixed.Name, perceptron.Name]) };
    }

    private OnnxValue Attend(TorchOnnxContext context, OnnxValue input)
    {
        var graph = context.Graph;
        var size = _width / _heads;
        var norm = context.Export(Child(_attention, "norm"), input, "attention.norm");
        var all = context.Export(Child(_attention, Queries), norm, $"attention.{Queries}");
        var heads = graph.Node("Reshape", [all.Name, graph.Integers(0, _blocks, _heads, 3L * size)]);
        var parts = graph.Nodes("Split", [heads, graph.Integers(size, size, size)], 3, [("axis", 3L)]);
        var queries = graph.Node("Transpose", [parts[0]], ("perm", new long[] { 0, 2, 1, 3 }));
        var keys = graph.Node("Transpose", [parts[1]], ("perm", new long[] { 0, 2, 3, 1 }));
        var values = graph.Node("Transpose", [parts[2]], ("perm", new long[] { 0, 2, 1, 3 }));
        var scores = graph.Node("Mul", [graph.Node("MatMul", [queries, keys]), graph.Constant(1 / MathF.Sqrt(size))]);
        var weights = graph.Node("Softmax", [graph.Node("Add", [scores, Distances(graph)])], ("axis", -1L));
        var heard = graph.Node("Transpose", [graph.Node("MatMul", [weights, values])], ("perm", new long[] { 0, 2, 1, 3 }));
        var joined = new OnnxValue(graph.Node("Reshape", [heard, graph.Integers(0, _blocks, _width)]), _blocks, _width);
        return context.Export(Child(_attention, Projection), joined, $"attention.{Projection}");
    }

    /// <summary>Each pair's bias, [1, heads, blocks, blocks]: where the height is 1, offsets are numbered by distance.</summary>
    private string Distances(OnnxGraph graph)
    {
        var biases = TorchLayers.Values(_attention.named_parameters().Single(p => p.name == Biases).parameter);
        var pairs = new float[_heads * _blocks * _blocks];
        for (var head = 0; head < _heads; head++)
        {
            for (var i = 0; i < _blocks; i++)
            {
                for (var j = 0; j < _blocks; j++)
                    pairs[(((head * _blocks) + i) * _blocks) + j] = biases[(head * _blocks) + Math.Abs(i - j)];
            }
        }

        return graph.Constant(pairs, 1, _heads, _blocks, _blocks);
    }

    /// <summary>
    /// The convolution over time: of a kernel over an image of height 1, padded with zeros, only the middle row counts. Batch normalisation
    /// follows it.
    /// </summary>
    private OnnxValue Convolve(TorchOnnxContext context, OnnxValue input)
    {
        var graph = context.Graph;
        var kernel = TorchLayers.Values(((Conv2d)Child(_convolution, "c")).weight!);
        var row = new float[_width * Kernel];
        for (var k = 0; k < _width; k++)
            kernel.AsSpan((((k * Kernel) + (Kernel / 2)) * Kernel), Kernel).CopyTo(row.AsSpan(k * Kernel));
        var turned = new OnnxValue(graph.Node("Transpose", [input.Name], ("perm", new long[] { 0, 2, 1 })), _width, _blocks);
        var window = new TimeWindow(Kernel, 1, Kernel / 2, Kernel / 2);
        var convolved = OnnxConvolutions.Convolution(graph, turned, row, new float[_width], window, _width);
        var batch = (BatchNorm2d)Child(_convolution, "bn");
        var normalised = OnnxLayers.BatchNormalization(
            graph,
            convolved,
            TorchLayers.Values(batch.weight!),
            TorchLayers.Values(batch.bias!),
            TorchLayers.Values(batch.running_mean!),
            TorchLayers.Values(batch.running_var!),
            (float)batch.eps
        );
        return new OnnxValue(graph.Node("Transpose", [normalised.Name], ("perm", new long[] { 0, 2, 1 })), _blocks, _width);
    }

    private static nn.Module Child(nn.Module module, string name) => module.named_children().Single(child => child.name == name).module;
}
