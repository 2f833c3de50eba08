using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>Identification by least squares.</summary>
public sealed record ClosedFormOptions : IPosteriorTrainer
{
    /// <summary>
    /// How long the current pulse lasts that every stimulus begins with, s: the one thing of known duration in a trace, and so its clock.
    /// Default 0.010; above 0.
    /// </summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double PulseSeconds { get; init; } = 0.010;

    /// <summary>
    /// Passes each estimate through the line, in label units, that fits it best to the training labels: estimates that noise has biased are
    /// set right on average, and one that tells nothing of its label becomes the label's mean. Default false: the equations alone.
    /// </summary>
    public bool Calibrate { get; init; }

    /// <summary>
    /// Gives a posterior: the answer with the spread of its errors on the validation traces, the same for every trace. Default none.
    /// </summary>
    public PosteriorOptions? Posterior { get; init; }
}

/// <summary>
/// Reads the parameters off a noise-free trace and its stimulus by the membrane equation itself: C, El and R_input by least squares, dt by
/// the length of the first pulse, th_inf by the voltages just below and above a spike. From the training rows it learns only constants: the
/// coefficients that the neuron's config puts on C, R_input and th_inf, the range of each target, and what to answer where a trace cannot
/// tell.
/// </summary>
internal sealed class ClosedFormTrainer : OnnxExportableEstimator<ClosedFormTransformer>
{
    private readonly string _label,
        _features,
        _score;
    private readonly ClosedFormOptions _options;

    /// <summary>Creates the trainer.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="label">The label column of a scale-targets step.</param>
    /// <param name="features">
    /// The trace: [samples, channels] with the voltage in mV first and the stimulus in pA second, from the stimulus's start on. Spike cuts
    /// are NaN; where they were dropped, no threshold can be read.
    /// </param>
    /// <param name="score">The score column it adds: as many values as the label, in its units.</param>
    /// <param name="options">How.</param>
    public ClosedFormTrainer(MLContext ml, string label, string features, string score, ClosedFormOptions options)
        : base(ml, [features], score) => (_label, _features, _score, _options) = (label, features, score, options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The trace has no stimulus channel, or the label column carries no target scales.</exception>
    /// <exception cref="InvalidDataException">There are no rows.</exception>
    public override ClosedFormTransformer Fit(IDataView input)
    {
        var shape = TraceShape.Of(input.Schema[_features]);
        if (shape.Channels < 2 || shape.Samples < 2)
        {
            throw new ArgumentException(
                $"closed-form: found {shape.Samples} samples of {shape.Channels} channel{(shape.Channels == 1 ? "" : "s")}; "
                    + "expected voltage and stimulus, from 'channels: {columns: [voltage, stimulus]}' with dataset.trace.stimulus: true"
            );
        }

        var scaling = LabelScaling.Of(input.Schema[_label]);
        var fit = new ClosedFormFit(scaling, _options);
        var (voltage, stimulus) = (new float[shape.Samples], new float[shape.Samples]);
        LabelledRows.Read(
            input,
            _features,
            _label,
            (_, trace, label) =>
            {
                TraceNodes.Channel(trace, shape.Channels, 0, voltage);
                TraceNodes.Channel(trace, shape.Channels, 1, stimulus);
                fit.Add(MembraneIdentification.Of(voltage, stimulus), label);
            }
        );
        return new ClosedFormTransformer(input.Schema, _features, _score, shape, fit.Equations());
    }
}

/// <summary>A voltage and its stimulus to scores, by the membrane equation.</summary>
internal sealed class ClosedFormTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape;
    private readonly ClosedFormEquations _equations;

    internal ClosedFormTransformer(DataViewSchema fittedOn, string features, string score, TraceShape shape, ClosedFormEquations equations)
        : base(
            fittedOn,
            [features],
            score,
            new VectorDataViewType(NumberDataViewType.Single, equations.Targets.Length),
            SlotNames(equations.Scaling.Targets)
        ) => (_shape, _equations) = (shape, equations);

    /// <inheritdoc/>
    protected override RowMap CreateMap()
    {
        var (voltage, stimulus) = (new float[_shape.Samples], new float[_shape.Samples]);
        return (inputs, output) =>
        {
            TraceNodes.Channel(inputs[0], _shape.Channels, 0, voltage);
            TraceNodes.Channel(inputs[0], _shape.Channels, 1, stimulus);
            _equations.Score(MembraneIdentification.Of(voltage, stimulus), output);
        };
    }

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var membrane = MembraneIdentificationNodes.Add(
            graph,
            TraceNodes.Channel(graph, inputs[0], _shape, 0),
            TraceNodes.Channel(graph, inputs[0], _shape, 1),
            _shape.Samples
        );
        var scores = ClosedFormNodes.Add(membrane, _equations);
        var joined = graph.Node("Concat", scores.Select(s => s.Name), ("axis", 1L));
        return new OnnxValue(new DoubleNode(graph, joined).ToSingle(), OutputType.Size);
    }
}
