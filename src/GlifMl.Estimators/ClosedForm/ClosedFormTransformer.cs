using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>A voltage and its stimulus to scores, by the membrane equation.</summary>
public sealed class ClosedFormTransformer : OnnxExportableTransformer
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
