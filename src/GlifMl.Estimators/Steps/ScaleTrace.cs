using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>One scale for a whole channel. Scaling each sample time by itself would erase what a sequence model reads.</summary>
public sealed record ScaleTraceOptions : IValidatableObject
{
    /// <summary>How. Default fixed.</summary>
    public ScaleTraceMode Mode { get; init; } = ScaleTraceMode.Fixed;

    /// <summary>
    /// Taken away first, in the channel's unit (mV or pA): one number a channel, or one for all. Default 0; ignored by standardise.
    /// </summary>
    [MinLength(1)]
    public IReadOnlyList<double> Offset { get; init; } = [0];

    /// <summary>Divided by at the end: one number a channel, or one for all. Default 1; ignored by standardise.</summary>
    [MinLength(1)]
    public IReadOnlyList<double> Scale { get; init; } = [1];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Scale.Any(s => s == 0 || !double.IsFinite(s)))
            yield return new("expected numbers other than 0", [nameof(Scale)]);
        if (!Offset.All(double.IsFinite))
            yield return new("expected finite numbers", [nameof(Offset)]);
    }
}

/// <summary>How a trace is scaled.</summary>
public enum ScaleTraceMode
{
    /// <summary>(x - offset) / scale.</summary>
    Fixed,

    /// <summary>
    /// asinh(x - offset) / scale: linear around the offset, logarithmic far from it, so that traces of 1 mV and of 1 V both keep their
    /// detail.
    /// </summary>
    Asinh,

    /// <summary>Less the training mean, over the training standard deviation: one pair a channel, over all samples of all traces.</summary>
    Standardise,
}

/// <summary>Scales a trace with one offset and scale a channel.</summary>
internal sealed class ScaleTraceEstimator : OnnxExportableEstimator<ScaleTraceTransformer>
{
    private readonly string _input,
        _output;
    private readonly ScaleTraceOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="input">The trace: [samples] or [samples, channels].</param>
    /// <param name="output">The scaled trace it adds, of the same shape. NaN samples stay NaN.</param>
    /// <param name="options">How.</param>
    public ScaleTraceEstimator(MLContext ml, string input, string output, ScaleTraceOptions options)
        : base(ml, [input], output) => (_input, _output, _options) = (input, output, options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There are neither as many numbers as channels nor one.</exception>
    /// <exception cref="InvalidDataException">A channel to standardise does not vary.</exception>
    public override ScaleTraceTransformer Fit(IDataView input)
    {
        var column = input.Schema[_input];
        var shape = TraceShape.Of(column);
        if (_options.Mode == ScaleTraceMode.Standardise)
        {
            var (mean, sd) = Moments(input, column, shape.Channels);
            return new ScaleTraceTransformer(input.Schema, _input, _output, shape, asinh: false, mean, sd);
        }

        return new ScaleTraceTransformer(
            input.Schema,
            _input,
            _output,
            shape,
            _options.Mode == ScaleTraceMode.Asinh,
            PerChannel("offset", _options.Offset, shape.Channels),
            PerChannel("scale", _options.Scale, shape.Channels)
        );
    }

    private static double[] PerChannel(string name, IReadOnlyList<double> values, int channels)
    {
        if (values.Count != 1 && values.Count != channels)
            throw new ArgumentException($"scale-trace: found {values.Count} numbers for {name}; expected 1 or {channels}, one a channel");
        return Enumerable.Range(0, channels).Select(c => values[values.Count == 1 ? 0 : c]).ToArray();
    }

    private static (double[] Mean, double[] Deviation) Moments(IDataView view, DataViewSchema.Column column, int channels)
    {
        var (count, mean, squares) = (new long[channels], new double[channels], new double[channels]);
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> row = default;
        while (cursor.MoveNext())
        {
            getter(ref row);
            var values = row.IsDense ? row.GetValues() : row.DenseValues().ToArray();
            for (var c = 0; c < channels; c++)
                Merge(values, c, channels, ref count[c], ref mean[c], ref squares[c]);
        }

        for (var c = 0; c < channels; c++)
        {
            if (!(squares[c] > 0))
                throw new InvalidDataException(
                    $"scale-trace: found channel {c} of '{column.Name}' the same at all {count[c]} samples; expected it to vary, "
                        + "because its mode is standardise"
                );
        }

        return (mean, Enumerable.Range(0, channels).Select(c => Math.Sqrt(squares[c] / count[c])).ToArray());
    }

    // One row's moments about its own mean, then joined to the total (Chan, Golub & LeVeque 1983): stable and streaming.
    private static void Merge(ReadOnlySpan<float> values, int channel, int channels, ref long count, ref double mean, ref double squares)
    {
        var (n, sum) = (0L, 0.0);
        for (var i = channel; i < values.Length; i += channels)
        {
            if (!float.IsNaN(values[i]))
                (n, sum) = (n + 1, sum + values[i]);
        }

        if (n == 0)
            return;
        var (own, ownSquares) = (sum / n, 0.0);
        for (var i = channel; i < values.Length; i += channels)
        {
            if (!float.IsNaN(values[i]))
                ownSquares += (values[i] - own) * (values[i] - own);
        }

        var (delta, total) = (own - mean, count + n);
        squares += ownSquares + (delta * delta * count * n / total);
        mean += delta * n / total;
        count = total;
    }
}

/// <summary>A trace, scaled channel by channel.</summary>
internal sealed class ScaleTraceTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape;
    private readonly bool _asinh;
    private readonly float[] _offset,
        _inverse;

    internal ScaleTraceTransformer(
        DataViewSchema fittedOn,
        string input,
        string output,
        TraceShape shape,
        bool asinh,
        double[] offset,
        double[] scale
    )
        : base(fittedOn, [input], output, shape.Type)
    {
        (_shape, _asinh) = (shape, asinh);
        (_offset, _inverse) = (Array.ConvertAll(offset, o => (float)o), Array.ConvertAll(scale, s => (float)(1 / s)));
    }

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            var trace = inputs[0];
            for (var c = 0; c < _shape.Channels; c++)
            {
                var (offset, inverse) = (_offset[c], _inverse[c]);
                for (var i = c; i < trace.Length; i += _shape.Channels)
                {
                    var x = trace[i] - offset;
                    output[i] = (_asinh ? MathF.Asinh(x) : x) * inverse;
                }
            }
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        // One number a channel broadcasts over [N, samples, channels]. A trace that comes from outside the graph is flat, whatever its
        // channels.
        var x = graph.Node("Sub", [TraceNodes.AsCube(graph, inputs[0], _shape), graph.Constant(_offset, _offset.Length)]);
        if (_asinh)
            x = graph.Node("Asinh", [x]);
        return TraceNodes.Value(graph, graph.Node("Mul", [x, graph.Constant(_inverse, _inverse.Length)]), _shape);
    }
}
