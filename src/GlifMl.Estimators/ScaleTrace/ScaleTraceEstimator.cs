using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>Scales a trace with one offset and scale a channel.</summary>
public sealed class ScaleTraceEstimator : OnnxExportableEstimator<ScaleTraceTransformer>
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
            throw new ArgumentException($"scale-trace: {values.Count} numbers for {name}; expected 1 or {channels}, one a channel");
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
                    $"scale-trace: channel {c} of '{column.Name}' is the same at all {count[c]} samples; expected it to vary, because its mode is standardise"
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
