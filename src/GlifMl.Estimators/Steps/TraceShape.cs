using GlifMl.Onnx;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>The shape of a trace column: a vector of samples, or of samples x channels with the channel running fastest.</summary>
/// <param name="Samples">Samples in time.</param>
/// <param name="Channels">Values a sample.</param>
internal readonly record struct TraceShape(int Samples, int Channels)
{
    /// <summary>The column type of this shape.</summary>
    public VectorDataViewType Type =>
        Channels == 1
            ? new VectorDataViewType(NumberDataViewType.Single, Samples)
            : new VectorDataViewType(NumberDataViewType.Single, Samples, Channels);

    /// <summary>The shape of a column.</summary>
    /// <exception cref="ArgumentException">The column is not a vector of Single of known size.</exception>
    public static TraceShape Of(Microsoft.ML.DataViewSchema.Column column) =>
        column.Type is VectorDataViewType { Size: > 0 } vector && vector.ItemType == NumberDataViewType.Single
            ? new TraceShape(vector.Dimensions[0], vector.Dimensions.Length > 1 ? vector.Size / vector.Dimensions[0] : 1)
            : throw new ArgumentException(
                $"column '{column.Name}': found {column.Type}; expected a trace: a vector of Single of known size",
                nameof(column)
            );
}

/// <summary>The channels of a trace, in a graph and in process.</summary>
internal static class TraceNodes
{
    /// <summary>One channel of a trace [N, samples] or [N, samples, channels], as single [N, samples].</summary>
    public static string Channel(OnnxGraph graph, OnnxValue trace, TraceShape shape, int channel)
    {
        var cube = AsCube(graph, trace, shape);
        var one = shape.Channels == 1 ? cube : graph.Node("Gather", [cube, graph.Integers(channel)], ("axis", 2L));
        return graph.Node("Reshape", [one, graph.Integers(0, shape.Samples)]);
    }

    /// <summary>A trace as [N, samples, channels], whatever shape it comes in.</summary>
    public static string AsCube(OnnxGraph graph, OnnxValue trace, TraceShape shape) =>
        graph.Node("Reshape", [trace.Name, graph.Integers(0, shape.Samples, shape.Channels)]);

    /// <summary>A trace's dimensions after the batch, as <see cref="TraceShape.Type"/> has them.</summary>
    public static OnnxValue Value(OnnxGraph graph, string cube, TraceShape shape) =>
        shape.Channels == 1
            ? new OnnxValue(graph.Node("Reshape", [cube, graph.Integers(0, shape.Samples)]), shape.Samples)
            : new OnnxValue(cube, shape.Samples, shape.Channels);

    /// <summary>One channel of a trace in process, copied out.</summary>
    public static void Channel(ReadOnlySpan<float> trace, int channels, int channel, Span<float> into)
    {
        for (int t = 0, i = channel; t < into.Length; t++, i += channels)
            into[t] = trace[i];
    }
}
