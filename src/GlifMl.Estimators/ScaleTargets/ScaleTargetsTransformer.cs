using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>Targets in SI units to one label vector.</summary>
public sealed class ScaleTargetsTransformer : OnnxExportableTransformer
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
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var count = _scaling.Targets.Length;
        var columns = inputs.Select((value, k) => _scaling.Log[k] ? graph.Node("Log", [value.Name]) : value.Name);
        var joined = graph.Node("Concat", columns, ("axis", 1L));
        var centred = graph.Node("Sub", [joined, graph.Constant(Array.ConvertAll(_scaling.Offset, o => (float)o), count)]);
        return new OnnxValue(graph.Node("Mul", [centred, graph.Constant(Array.ConvertAll(_scaling.Scale, s => (float)s), count)]), count);
    }
}
