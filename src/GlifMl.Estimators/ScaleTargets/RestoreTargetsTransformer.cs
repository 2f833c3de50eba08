using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>Scores in label units to targets in SI units.</summary>
public sealed class RestoreTargetsTransformer : OnnxExportableTransformer
{
    private readonly LabelScaling _scaling;

    internal RestoreTargetsTransformer(DataViewSchema fittedOn, string score, string output, LabelScaling scaling)
        : base(
            fittedOn,
            [score],
            output,
            new VectorDataViewType(NumberDataViewType.Single, scaling.Targets.Length),
            SlotNames(scaling.Targets)
        ) => _scaling = scaling;

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            for (var k = 0; k < output.Length; k++)
                output[k] = _scaling.ToTarget(k, inputs[0][k]);
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
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
