using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>A trace to a vector of features.</summary>
public sealed class TraceFeaturesTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape;
    private readonly IReadOnlyList<IFeatureGroup> _groups;

    internal TraceFeaturesTransformer(
        DataViewSchema fittedOn,
        string input,
        string output,
        TraceShape shape,
        IReadOnlyList<IFeatureGroup> groups
    )
        : this(fittedOn, input, output, shape, groups, [.. groups.SelectMany(group => group.Names)]) { }

    private TraceFeaturesTransformer(
        DataViewSchema fittedOn,
        string input,
        string output,
        TraceShape shape,
        IReadOnlyList<IFeatureGroup> groups,
        IReadOnlyList<string> names
    )
        : base(fittedOn, [input], output, new VectorDataViewType(NumberDataViewType.Single, names.Count), SlotNames(names)) =>
        (_shape, _groups) = (shape, groups);

    /// <inheritdoc/>
    protected override RowMap CreateMap()
    {
        var (voltage, stimulus) = (new float[_shape.Samples], new float[_shape.Channels > 1 ? _shape.Samples : 0]);
        return (inputs, output) =>
        {
            TraceNodes.Channel(inputs[0], _shape.Channels, 0, voltage);
            TraceNodes.Channel(inputs[0], _shape.Channels, 1, stimulus);
            var (trace, k) = (new TraceReading(voltage, stimulus), 0);
            foreach (var feature in _groups.SelectMany(group => group.Of(trace)))
                output[k++] = (float)feature;
        };
    }

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var voltage = TraceNodes.Channel(graph, inputs[0], _shape, 0);
        var trace = new TraceReadingNodes(
            graph,
            voltage,
            _shape.Channels > 1 ? TraceNodes.Channel(graph, inputs[0], _shape, 1) : null,
            _shape.Samples
        );
        var joined = graph.Node("Concat", _groups.SelectMany(group => group.Of(trace)).Select(feature => feature.Name), ("axis", 1L));
        return new OnnxValue(new DoubleNode(graph, joined).ToSingle(), OutputType.Size);
    }
}
