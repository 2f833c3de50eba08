using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>Features to a vector of scores, by one fitted model of all of them.</summary>
public sealed class MultiOutputTransformer : OnnxExportableTransformer
{
    private readonly IMultiOutputModel _model;
    private readonly int _features;

    internal MultiOutputTransformer(IDataView fittedOn, string features, string score, int outputs, IMultiOutputModel model)
        : base(fittedOn.Schema, [features], score, new VectorDataViewType(NumberDataViewType.Single, outputs)) =>
        (_model, _features) = (model, LabelledRows.Size(fittedOn, features));

    /// <inheritdoc/>
    protected override RowMap CreateMap() => (inputs, output) => _model.Score(inputs[0], output);

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var flat = TraceNodes.Channel(graph, inputs[0], new TraceShape(_features, 1), 0);
        return new OnnxValue(_model.Add(graph, flat), OutputType.Size);
    }
}
