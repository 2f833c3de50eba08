using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>One of the outputs that a model with a posterior has beside its parameters, out of the score column.</summary>
internal sealed class RestorePosteriorTransformer : OnnxExportableTransformer
{
    private readonly PosteriorScaling _scaling;

    private RestorePosteriorTransformer(DataViewSchema fittedOn, string score, string output, int size, PosteriorScaling scaling)
        : base(fittedOn, [score], output, new VectorDataViewType(NumberDataViewType.Single, size)) => _scaling = scaling;

    /// <summary>The scaling.</summary>
    public PosteriorScaling Scaling => _scaling;

    /// <summary>All outputs of a score column; none where it holds no mixtures.</summary>
    /// <param name="fittedOn">The columns.</param>
    /// <param name="score">The score column.</param>
    /// <param name="label">The label column of a scale-targets step.</param>
    public static IEnumerable<RestorePosteriorTransformer> All(DataViewSchema fittedOn, string score, string label) =>
        PosteriorScaling.Of(fittedOn, score, label) is { } scaling
            ? PosteriorInfo
                .ColumnsOf(scaling.Column.Shape)
                .Select(output => new RestorePosteriorTransformer(fittedOn, score, output.Name, output.Size, scaling))
            : [];

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            var posterior = _scaling.Read(inputs[0]);
            var values = OutputColumn switch
            {
                PosteriorInfo.DeviationsColumn => posterior.Deviations,
                PosteriorInfo.QuantilesColumn => posterior.Quantiles,
                PosteriorInfo.WeightsColumn => posterior.Mixture.Weights,
                PosteriorInfo.MeansColumn => posterior.Mixture.Means,
                _ => posterior.Mixture.Factors,
            };
            for (var i = 0; i < output.Length; i++)
                output[i] = (float)values[i];
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var (mixture, shape) = (_scaling.Read(graph, inputs[0].Name), _scaling.Column.Shape);
        return OutputColumn switch
        {
            PosteriorInfo.DeviationsColumn => mixture.Deviation(_scaling.Info),
            PosteriorInfo.QuantilesColumn => mixture.Quantiles(_scaling.Info, [.. PosteriorInfo.Levels]),
            PosteriorInfo.WeightsColumn => new OnnxValue(mixture.Weights, shape.Components),
            PosteriorInfo.MeansColumn => new OnnxValue(mixture.Means, shape.Components, shape.Targets),
            _ => new OnnxValue(mixture.Factors, shape.Components, shape.Targets, shape.Targets),
        };
    }
}
