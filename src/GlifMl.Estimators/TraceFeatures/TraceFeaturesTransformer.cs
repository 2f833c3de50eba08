using GlifMl.Estimators.Graphs;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators.TraceFeatures;

/// <summary>A trace to a vector of features.</summary>
public sealed class TraceFeaturesTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape;
    private readonly double[] _quantiles;
    private readonly int[] _lags;

    internal TraceFeaturesTransformer(DataViewSchema fittedOn, string input, string output, TraceShape shape, double[] quantiles, int[] lags)
        : this(fittedOn, input, output, shape, quantiles, lags, Names(shape, quantiles, lags))
    {
    }

    private TraceFeaturesTransformer(
        DataViewSchema fittedOn, string input, string output, TraceShape shape, double[] quantiles, int[] lags, IReadOnlyList<string> names)
        : base(fittedOn, [input], output, new VectorDataViewType(NumberDataViewType.Single, names.Count), SlotNames(names)) =>
        (_shape, _quantiles, _lags) = (shape, quantiles, lags);

    /// <inheritdoc/>
    protected override RowMap CreateMap()
    {
        var (voltage, stimulus) = (new float[_shape.Samples], new float[_shape.Channels > 1 ? _shape.Samples : 0]);
        var features = new List<double>(OutputType.Size);
        return (inputs, output) =>
        {
            features.Clear();
            TraceNodes.Channel(inputs[0], _shape.Channels, 0, voltage);
            VoltageFeatures.Add(voltage, _quantiles, _lags, features);
            if (stimulus.Length > 0)
            {
                TraceNodes.Channel(inputs[0], _shape.Channels, 1, stimulus);
                MembraneFeatures.Add(voltage, stimulus, features);
            }

            for (var k = 0; k < output.Length; k++)
                output[k] = (float)features[k];
        };
    }

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var voltage = TraceNodes.Channel(graph, inputs[0], _shape, 0);
        var features = VoltageFeatures.Add(graph, voltage, _shape.Samples, _quantiles, _lags);
        if (_shape.Channels > 1)
            features.AddRange(MembraneFeatures.Add(graph, voltage, TraceNodes.Channel(graph, inputs[0], _shape, 1), _shape.Samples));
        var joined = graph.Node("Concat", features.Select(f => f.Name), ("axis", 1L));
        return new OnnxValue(new DoubleNode(graph, joined).ToSingle(), OutputType.Size);
    }

    private static List<string> Names(TraceShape shape, double[] quantiles, int[] lags) =>
        [.. VoltageFeatures.Names(quantiles, lags), .. shape.Channels > 1 ? MembraneFeatures.Names : []];
}
