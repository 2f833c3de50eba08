using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>Traces of [samples] to one of [samples, channels].</summary>
public sealed class ChannelsTransformer : OnnxExportableTransformer
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
