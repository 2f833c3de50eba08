using System.ComponentModel.DataAnnotations;
using GlifMl.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>
/// A temporal convolution network (Bai et al. 2018, arXiv:1803.01271): residual layers of dilated convolutions, each seeing twice as far as
/// the one before. Its shape and how it is trained.
/// </summary>
public sealed record TemporalConvOptions : TrainerOptions
{
    /// <summary>Channels within the network. Default 32; 1 to 1024.</summary>
    [Range(1, 1024)]
    public int Hidden { get; init; } = 32;

    /// <summary>Residual layers; layer k, from 0, looks at samples 2^k apart. Default 6; 1 to 16.</summary>
    [Range(1, 16)]
    public int Layers { get; init; } = 6;

    /// <summary>Samples that each convolution sees at a time. Default 3; at least 1.</summary>
    [Range(1, 1 << 10)]
    public int KernelSize { get; init; } = 3;

    /// <summary>Whether a sample sees those before it alone; otherwise as many after it, too. Default false.</summary>
    public bool Causal { get; init; }

    /// <summary>What of the last layer is read: final, the last sample; mean, over all; both side by side. Default both.</summary>
    public ReadOut ReadOut { get; init; } = ReadOut.Both;

    /// <summary>The function after each convolution. Default relu.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Batch normalisation (Ioffe &amp; Szegedy 2015, arXiv:1502.03167) before each activation. Default true.</summary>
    public bool BatchNorm { get; init; } = true;

    /// <summary>Probability of dropping a value after each convolution, in training. Default 0; below 1.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Dropout { get; init; }
}

/// <summary>Residual layers of dilated convolutions, a read-out and a linear head.</summary>
internal static class TemporalConvNetwork
{
    public static nn.Module<Tensor, Tensor> Create(TemporalConvOptions options, ModuleShape shape)
    {
        var layers = new List<nn.Module<Tensor, Tensor>>();
        for (var k = 0; k < options.Layers; k++)
            layers.Add(new DilatedLayer(options, k == 0 ? shape.Channels : options.Hidden, 1 << k));
        layers.Add(new TemporalReadOut(options.ReadOut));
        layers.Add(nn.Linear(options.Hidden * (options.ReadOut == ReadOut.Both ? 2 : 1), shape.Targets));
        return nn.Sequential(layers);
    }
}

/// <summary>x + f(x), f two dilated convolutions; where their channels differ, x goes through a convolution of one sample.</summary>
internal sealed class DilatedLayer : nn.Module<Tensor, Tensor>, ITorchOnnxExportable
{
    private readonly Sequential _first,
        _second;
    private readonly Conv1d? _shortcut;
    private readonly int _before,
        _after;

    public DilatedLayer(TemporalConvOptions options, int channels, int dilation)
        : base(nameof(DilatedLayer))
    {
        var span = dilation * (options.KernelSize - 1);
        _before = options.Causal ? span : span / 2;
        _after = span - _before;
        _first = Convolution(options, channels, dilation);
        _second = Convolution(options, options.Hidden, dilation);
        _shortcut = channels == options.Hidden ? null : nn.Conv1d(channels, options.Hidden, 1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var passed = _shortcut?.call(input) ?? input;
        return (passed + _second.call(Padded(_first.call(Padded(input))))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue Export(TorchOnnxContext context, OnnxValue input)
    {
        var passed = _shortcut is null ? input : context.Export(_shortcut, input, "shortcut");
        var first = context.Export(_first, Padded(context.Graph, input), "first");
        var second = context.Export(_second, Padded(context.Graph, first), "second");
        return second with { Name = context.Graph.Node("Add", [passed.Name, second.Name]) };
    }

    private Tensor Padded(Tensor trace) => nn.functional.pad(trace, [_before, _after]);

    private OnnxValue Padded(OnnxGraph graph, OnnxValue trace) =>
        new(
            graph.Node("Pad", [trace.Name, graph.Integers(0, 0, _before, 0, 0, _after)]),
            trace.Dims[0],
            trace.Dims[1].Value + _before + _after
        );

    private static Sequential Convolution(TemporalConvOptions options, int channels, int dilation)
    {
        var layers = new List<nn.Module<Tensor, Tensor>> { nn.Conv1d(channels, options.Hidden, options.KernelSize, dilation: dilation) };
        if (options.BatchNorm)
            layers.Add(nn.BatchNorm1d(options.Hidden));
        layers.Add(options.Activation.Create());
        if (options.Dropout > 0)
            layers.Add(nn.Dropout(options.Dropout));
        return nn.Sequential(layers);
    }
}

/// <summary>[batch, channels, samples] to its last sample, its mean over time, or both.</summary>
internal sealed class TemporalReadOut(ReadOut readOut) : nn.Module<Tensor, Tensor>(nameof(TemporalReadOut)), ITorchOnnxExportable
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var last = input.select(2, -1);
        var read = readOut switch
        {
            ReadOut.Final => last.contiguous(),
            ReadOut.Mean => input.mean([2]),
            _ => cat([last, input.mean([2])], 1),
        };
        return read.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue Export(TorchOnnxContext context, OnnxValue input)
    {
        var graph = context.Graph;
        var last = new OnnxValue(
            graph.Node(
                "Squeeze",
                [graph.Node("Slice", [input.Name, graph.Integers(-1), graph.Integers(long.MaxValue), graph.Integers(2)]), graph.Integers(2)]
            ),
            input.Dims[0]
        );
        var mean = new OnnxValue(graph.Node("ReduceMean", [input.Name], ("axes", new long[] { 2 }), ("keepdims", 0L)), input.Dims[0]);
        return readOut switch
        {
            ReadOut.Final => last,
            ReadOut.Mean => mean,
            _ => OnnxLayers.Concatenate(graph, last, mean),
        };
    }
}
