using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>Joins traces of one length into one trace with a channel each.</summary>
public sealed class ChannelsEstimator : OnnxExportableEstimator<ChannelsTransformer>
{
    private readonly IReadOnlyList<string> _inputs;
    private readonly string _output;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="inputs">The traces, vectors of [samples].</param>
    /// <param name="output">The trace of [samples, channels] it adds.</param>
    public ChannelsEstimator(MLContext ml, IReadOnlyList<string> inputs, string output)
        : base(ml, inputs, output) => (_inputs, _output) = (inputs, output);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A column is missing, or the traces differ in length.</exception>
    public override ChannelsTransformer Fit(IDataView input)
    {
        var shapes = _inputs
            .Select(name =>
                TraceShape.Of(
                    input.Schema.GetColumnOrNull(name)
                        ?? throw new ArgumentException(
                            $"channels: no column '{name}' in the data; a stimulus channel needs dataset.trace.stimulus: true"
                        )
                )
            )
            .ToArray();
        if (Array.Exists(shapes, s => s != shapes[0] || s.Channels != 1))
            throw new ArgumentException(
                $"channels: the traces have {string.Join(" and ", shapes.Select(s => s.Samples))} samples; expected the same number of each"
            );
        return new ChannelsTransformer(input.Schema, _inputs, _output, shapes[0].Samples);
    }
}
