namespace GlifMl.Onnx;

/// <summary>A tensor of Single in a graph, with the batch as its first dimension.</summary>
/// <param name="Name">The value's name in the graph.</param>
/// <param name="Dims">The dimensions after the batch: <c>[1]</c> for a scalar column, <c>[samples]</c> for a trace.</param>
public sealed record OnnxValue(string Name, IReadOnlyList<OnnxDim> Dims)
{
    /// <summary>A value with the dimensions given one by one.</summary>
    /// <param name="name">The value's name in the graph.</param>
    /// <param name="dims">The dimensions after the batch.</param>
    public OnnxValue(string name, params OnnxDim[] dims)
        : this(name, (IReadOnlyList<OnnxDim>)dims) { }

    /// <summary>The numbers in one row: the product of <see cref="Dims"/>.</summary>
    /// <exception cref="InvalidOperationException">A dimension is known only at run time.</exception>
    public int Size =>
        Dims.All(d => d.IsFixed)
            ? checked((int)Dims.Aggregate(1L, (product, d) => product * d.Value))
            : throw new InvalidOperationException($"value '{Name}': expected a fixed shape, found [{string.Join(", ", Dims)}]");
}
