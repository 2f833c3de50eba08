using System.Runtime.Serialization;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>
/// How each target becomes a label: a factor, <c>standardise</c> or <c>log</c>. A target that is not named keeps its SI value.
/// </summary>
public sealed record ScaleTargetsOptions
{
    /// <summary>Capacitance, F. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.Capacitance)]
    public TargetScale C { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Resting potential, V. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.RestingPotential)]
    public TargetScale El { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Input resistance, ohm. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.InputResistance)]
    public TargetScale RInput { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Sampling interval, s. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.TimeStep)]
    public TargetScale Dt { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Threshold before its coefficient, V. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.Threshold)]
    public TargetScale ThInf { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>The scale of a target by its Allen key.</summary>
    /// <exception cref="ArgumentException">No target has this key.</exception>
    public TargetScale Of(string target) =>
        target switch
        {
            GlifParameter.Capacitance => C,
            GlifParameter.RestingPotential => El,
            GlifParameter.InputResistance => RInput,
            GlifParameter.TimeStep => Dt,
            GlifParameter.Threshold => ThInf,
            _ => throw GlifParameter.Unknown(target),
        };
}

/// <summary>Gathers the target columns into one label vector in the units a network learns well in.</summary>
internal sealed class ScaleTargetsEstimator : OnnxExportableEstimator<ScaleTargetsTransformer>
{
    private readonly string[] _targets;
    private readonly string _label;
    private readonly ScaleTargetsOptions _options;
    private readonly IReadOnlyList<ParameterLimits?>? _limits;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="targets">The target columns, scalars in SI units, by Allen key.</param>
    /// <param name="label">The label vector it adds.</param>
    /// <param name="options">How each target is scaled.</param>
    /// <param name="limits">Between which values each target lies, SI units; null where nothing is known.</param>
    public ScaleTargetsEstimator(
        MLContext ml,
        IReadOnlyList<string> targets,
        string label,
        ScaleTargetsOptions options,
        IReadOnlyList<ParameterLimits?>? limits = null
    )
        : base(ml, targets, label) => (_targets, _label, _options, _limits) = ([.. targets], label, options, limits);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">
    /// A target that takes a logarithm is not positive, or a standardised one does not vary.
    /// </exception>
    public override ScaleTargetsTransformer Fit(IDataView input) =>
        new(
            input.Schema,
            _label,
            LabelScaling.Fit(input, _targets, Array.ConvertAll(_targets, _options.Of), "scale-targets") with
            {
                Limits = _limits,
            }
        );
}

/// <summary>Targets in SI units to one label vector.</summary>
internal sealed class ScaleTargetsTransformer : OnnxExportableTransformer
{
    private readonly LabelScaling _scaling;

    internal ScaleTargetsTransformer(DataViewSchema fittedOn, string label, LabelScaling scaling)
        : base(
            fittedOn,
            scaling.Targets,
            label,
            new VectorDataViewType(NumberDataViewType.Single, scaling.Targets.Length),
            scaling.ToAnnotations()
        ) => _scaling = scaling;

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            for (var k = 0; k < output.Length; k++)
                output[k] = _scaling.ToLabel(k, inputs[k][0]);
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs) =>
        new(_scaling.ToLabels(graph, inputs), _scaling.Targets.Length);
}

/// <summary>Turns scores in label units back into targets in SI units, by the scales that the label column carries.</summary>
internal sealed class RestoreTargetsEstimator : OnnxExportableEstimator<RestoreTargetsTransformer>
{
    private readonly string _score,
        _label,
        _output;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="score">The scores, in label units.</param>
    /// <param name="label">The label column of a scale-targets step.</param>
    /// <param name="output">The vector of targets it adds, SI units, slots named by target.</param>
    public RestoreTargetsEstimator(MLContext ml, string score, string label, string output)
        : base(ml, [score], output) => (_score, _label, _output) = (score, label, output);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The label column carries no scales.</exception>
    public override RestoreTargetsTransformer Fit(IDataView input) =>
        new(input.Schema, _score, _output, LabelScaling.Of(input.Schema[_label]), PosteriorScaling.Of(input.Schema, _score, _label));
}

/// <summary>Scores in label units to targets in SI units; of posteriors the mean.</summary>
internal sealed class RestoreTargetsTransformer : OnnxExportableTransformer
{
    private readonly LabelScaling _scaling;
    private readonly PosteriorScaling? _posterior;

    internal RestoreTargetsTransformer(
        DataViewSchema fittedOn,
        string score,
        string output,
        LabelScaling scaling,
        PosteriorScaling? posterior
    )
        : base(
            fittedOn,
            [score],
            output,
            new VectorDataViewType(NumberDataViewType.Single, scaling.Targets.Length),
            SlotNames(scaling.Targets)
        ) => (_scaling, _posterior) = (scaling, posterior);

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            var means = _posterior?.Read(inputs[0]).Means;
            for (var k = 0; k < output.Length; k++)
                output[k] = means is null ? _scaling.ToTarget(k, inputs[0][k]) : (float)means[k];
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        if (_posterior is not null)
            return _posterior.Read(graph, inputs[0].Name).Mean(_posterior.Info);
        var count = _scaling.Targets.Length;
        var value = OnnxLayers
            .Affine(
                graph,
                inputs[0],
                Array.ConvertAll(_scaling.Scale, s => (float)(1 / s)),
                Array.ConvertAll(_scaling.Offset, o => (float)o)
            )
            .Name;
        if (Array.Exists(_scaling.Log, l => l))
        {
            // Exp of a target that is not a logarithm may overflow to infinity; Where never passes that on.
            var mask = graph.Node("Cast", [graph.Constant(Array.ConvertAll(_scaling.Log, l => l ? 1f : 0f), count)], ("to", 9L)); // 9: BOOL
            value = graph.Node("Where", [mask, graph.Node("Exp", [value]), value]);
        }

        return new OnnxValue(value, count);
    }
}
