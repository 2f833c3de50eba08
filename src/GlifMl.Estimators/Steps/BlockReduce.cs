using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl;

/// <summary>How a long trace is shortened for a sequence model.</summary>
public sealed record BlockReduceOptions
{
    /// <summary>Samples a block. Default 20; at least 1. Samples that do not fill a last block are left out.</summary>
    [Range(1, int.MaxValue)]
    public int Size { get; init; } = 20;

    /// <summary>Adds a channel for each input channel: its last sample less its first within the block. Default false.</summary>
    public bool Change { get; init; }

    /// <summary>
    /// Adds one channel: the fraction of the block's samples that lie in a spike cut (NaN in the first channel). Default false.
    /// </summary>
    public bool CutFraction { get; init; }
}

/// <summary>Shortens a trace to block means, and turns spike cuts (NaN) into a channel of their own.</summary>
internal sealed class BlockReduceEstimator : OnnxExportableEstimator<BlockReduceTransformer>
{
    private readonly string _input,
        _output;
    private readonly BlockReduceOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="input">The trace: [samples] or [samples, channels].</param>
    /// <param name="output">The trace it adds: [samples / size, means then changes then cut fraction], without NaN.</param>
    /// <param name="options">How.</param>
    public BlockReduceEstimator(MLContext ml, string input, string output, BlockReduceOptions options)
        : base(ml, [input], output) => (_input, _output, _options) = (input, output, options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A trace is shorter than one block.</exception>
    public override BlockReduceTransformer Fit(IDataView input)
    {
        var shape = TraceShape.Of(input.Schema[_input]);
        return shape.Samples >= _options.Size
            ? new BlockReduceTransformer(input.Schema, _input, _output, shape, _options)
            : throw new ArgumentException(
                $"block-reduce: found traces of {shape.Samples} samples; expected at least one block of {_options.Size}"
            );
    }
}

/// <summary>
/// A trace of [samples, channels] to blocks of [means of the samples that are not NaN, changes, fraction that is NaN].
/// A NaN sample counts as its block's mean in the change; a block of nothing but NaN has mean 0.
/// </summary>
internal sealed class BlockReduceTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape;
    private readonly BlockReduceOptions _options;
    private readonly int _blocks,
        _outputs;

    internal BlockReduceTransformer(DataViewSchema fittedOn, string input, string output, TraceShape shape, BlockReduceOptions options)
        : base(fittedOn, [input], output, Output(shape, options).Type)
    {
        (_shape, _options) = (shape, options);
        (_blocks, _outputs) = (Output(shape, options).Samples, Output(shape, options).Channels);
    }

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            var channels = _shape.Channels;
            for (var b = 0; b < _blocks; b++)
            {
                var block = inputs[0].Slice(b * _options.Size * channels, _options.Size * channels);
                var row = output.Slice(b * _outputs, _outputs);
                for (var c = 0; c < channels; c++)
                {
                    var (mean, cut) = Mean(block[c..], channels);
                    row[c] = mean;
                    if (_options.Change)
                        row[channels + c] = Or(block[^(channels - c)], mean) - Or(block[c], mean);
                    if (_options.CutFraction && c == 0)
                        row[^1] = cut;
                }
            }
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var (size, channels) = (_options.Size, _shape.Channels);
        var trace = graph.Node("Reshape", [inputs[0].Name, graph.Integers(0, _shape.Samples, channels)]);
        if (_blocks * size < _shape.Samples)
            trace = graph.Node("Slice", [trace, graph.Integers(0), graph.Integers(_blocks * size), graph.Integers(1)]);
        var x = graph.Node("Reshape", [trace, graph.Integers(0, _blocks, size, channels)]);

        var isNaN = graph.Node("IsNaN", [x]);
        var cut = graph.Node("Cast", [isNaN], ("to", (long)OnnxElementType.Single));
        var within = graph.Integers(2);
        var cutCount = graph.Node("ReduceSum", [cut, within], ("keepdims", 1L));
        var sum = graph.Node("ReduceSum", [graph.Node("Where", [isNaN, graph.Constant(0f), x]), within], ("keepdims", 1L));
        var count = graph.Node("Max", [graph.Node("Sub", [graph.Constant(size), cutCount]), graph.Constant(1f)]);
        var mean = graph.Node("Div", [sum, count]);

        string Flat(string value) => graph.Node("Squeeze", [value, within]);
        var parts = new List<string> { Flat(mean) };
        if (_options.Change)
        {
            var filled = graph.Node("Where", [isNaN, mean, x]);
            var last = graph.Node("Gather", [filled, graph.Integers(size - 1)], ("axis", 2L));
            var first = graph.Node("Gather", [filled, graph.Integers(0)], ("axis", 2L));
            parts.Add(Flat(graph.Node("Sub", [last, first])));
        }

        if (_options.CutFraction)
        {
            var ofFirst = graph.Node("Slice", [Flat(cutCount), graph.Integers(0), graph.Integers(1), graph.Integers(2)]);
            parts.Add(graph.Node("Mul", [ofFirst, graph.Constant(1f / size)]));
        }

        var joined = parts.Count == 1 ? parts[0] : graph.Node("Concat", parts, ("axis", 2L));
        return new OnnxValue(joined, _blocks, _outputs);
    }

    private static TraceShape Output(TraceShape shape, BlockReduceOptions options) =>
        new(shape.Samples / options.Size, (shape.Channels * (options.Change ? 2 : 1)) + (options.CutFraction ? 1 : 0));

    private static (float Mean, float CutFraction) Mean(ReadOnlySpan<float> block, int stride)
    {
        var (sum, cut, count) = (0f, 0, 0);
        for (var i = 0; i < block.Length; i += stride, count++)
        {
            if (float.IsNaN(block[i]))
                cut++;
            else
                sum += block[i];
        }

        return (sum / Math.Max(count - cut, 1), cut / (float)count);
    }

    private static float Or(float value, float replacement) => float.IsNaN(value) ? replacement : value;
}
