using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl;

/// <summary>Which traces become the channels that a network sees at each sample.</summary>
public sealed record ChannelsOptions : IValidatableObject
{
    /// <summary>
    /// The channels: the voltage, which later steps read as the first one, then the stimulus or nothing. Default: the voltage alone.
    /// </summary>
    [MinLength(1)]
    public IReadOnlyList<TraceChannel> Columns { get; init; } = [TraceChannel.Voltage];

    /// <summary>The data view's columns of these channels.</summary>
    public IReadOnlyList<string> ColumnNames() =>
        [.. Columns.Select(c => c == TraceChannel.Voltage ? TraceColumns.VoltageMv : TraceColumns.StimulusPa)];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Columns is not ([TraceChannel.Voltage] or [TraceChannel.Voltage, TraceChannel.Stimulus]))
            yield return new("expected [voltage] or [voltage, stimulus]", [nameof(Columns)]);
    }
}

/// <summary>What a trace is recorded of.</summary>
public enum TraceChannel
{
    /// <summary>Membrane potential relative to rest, mV: the column <c>VoltageMv</c>.</summary>
    Voltage,

    /// <summary>Injected current, pA: the column <c>StimulusPa</c>.</summary>
    Stimulus,
}

/// <summary>Joins traces of one length into one trace with a channel each.</summary>
internal sealed class ChannelsEstimator : OnnxExportableEstimator<ChannelsTransformer>
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
                            $"channels: found no column '{name}'; expected it, which dataset.trace.stimulus: true gives"
                        )
                )
            )
            .ToArray();
        if (Array.Exists(shapes, s => s != shapes[0] || s.Channels != 1))
            throw new ArgumentException(
                $"channels: found traces of {string.Join(" and ", shapes.Select(s => s.Samples))} samples; expected the same number of each"
            );
        return new ChannelsTransformer(input.Schema, _inputs, _output, shapes[0].Samples);
    }
}

/// <summary>Traces of [samples] to one of [samples, channels].</summary>
internal sealed class ChannelsTransformer : OnnxExportableTransformer
{
    internal ChannelsTransformer(DataViewSchema fittedOn, IReadOnlyList<string> inputs, string output, int samples)
        : base(fittedOn, inputs, output, new TraceShape(samples, inputs.Count).Type) { }

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            for (var c = 0; c < inputs.Count; c++)
            {
                var trace = inputs[c];
                for (int t = 0, o = c; t < trace.Length; t++, o += inputs.Count)
                    output[o] = trace[t];
            }
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs) => OnnxLayers.StackChannels(graph, inputs);
}
