using System.Globalization;
using GlifMl.Onnx.Protos;
using Google.Protobuf;
using AttributeType = GlifMl.Onnx.Protos.AttributeProto.Types.AttributeType;

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
            : throw new InvalidOperationException($"value '{Name}': found the shape [{string.Join(", ", Dims)}]; expected a fixed one");
}

/// <summary>One dimension of a tensor in a graph: a number, or a name that stands for a length known only at run time.</summary>
/// <param name="Value">The length; 0 where <paramref name="Symbol"/> stands for it.</param>
/// <param name="Symbol">The name of a length known at run time, for example <c>N</c>; <see langword="null"/> for a fixed length.</param>
public readonly record struct OnnxDim(long Value, string? Symbol)
{
    /// <summary>The batch dimension, which every value between a model's inputs and outputs starts with.</summary>
    public static OnnxDim Batch { get; } = "N";

    /// <summary>Whether the length is a number.</summary>
    public bool IsFixed => Symbol is null;

    /// <summary>A fixed length.</summary>
    /// <param name="value">The length.</param>
    public static implicit operator OnnxDim(long value) => FromInt64(value);

    /// <summary>A length known at run time.</summary>
    /// <param name="symbol">Its name; dimensions of one name have one length.</param>
    public static implicit operator OnnxDim(string symbol) => FromString(symbol);

    /// <summary>A fixed length.</summary>
    /// <param name="value">The length, at least 0.</param>
    /// <returns>The dimension.</returns>
    public static OnnxDim FromInt64(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return new(value, null);
    }

    /// <summary>A length known at run time.</summary>
    /// <param name="symbol">Its name.</param>
    /// <returns>The dimension.</returns>
    public static OnnxDim FromString(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return new(0, symbol);
    }

    /// <inheritdoc/>
    public override string ToString() => Symbol ?? Value.ToString(CultureInfo.InvariantCulture);
}

#pragma warning disable CA1720 // These values are types, so they carry the types' names.
/// <summary>The element types of a graph's inputs. The values are those of TensorProto.DataType in the ONNX specification.</summary>
public enum OnnxElementType
{
    /// <summary>Not a type.</summary>
    None = 0,

    /// <summary>32-bit floating point.</summary>
    Single = 1,

    /// <summary>64-bit floating point; cast to Single as it enters a graph.</summary>
    Double = 11,
}
#pragma warning restore CA1720

/// <summary>The value of a node's attribute. It converts from the types that ONNX operators take.</summary>
public sealed class OnnxAttributeValue
{
    private readonly AttributeProto _proto;

    private OnnxAttributeValue(AttributeProto proto) => _proto = proto;

    /// <summary>An integer.</summary>
    /// <param name="value">The integer.</param>
    public static implicit operator OnnxAttributeValue(long value) => FromInt64(value);

    /// <summary>A number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator OnnxAttributeValue(float value) => FromSingle(value);

    /// <summary>A text.</summary>
    /// <param name="value">The text, written as UTF-8.</param>
    public static implicit operator OnnxAttributeValue(string value) => FromString(value);

    /// <summary>A list of integers.</summary>
    /// <param name="values">The integers.</param>
    public static implicit operator OnnxAttributeValue(long[] values) => FromInt64s(values);

    /// <summary>A list of numbers.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator OnnxAttributeValue(float[] values) => FromSingles(values);

    /// <summary>A list of texts.</summary>
    /// <param name="values">The texts, written as UTF-8.</param>
    public static implicit operator OnnxAttributeValue(string[] values) => FromStrings(values);

    /// <summary>An integer.</summary>
    /// <param name="value">The integer.</param>
    /// <returns>The attribute.</returns>
    public static OnnxAttributeValue FromInt64(long value) => new(new() { Type = AttributeType.Int, I = value });

    /// <summary>A number.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The attribute.</returns>
    public static OnnxAttributeValue FromSingle(float value) => new(new() { Type = AttributeType.Float, F = value });

    /// <summary>A text.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The attribute.</returns>
    public static OnnxAttributeValue FromString(string value) =>
        new(new() { Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) });

    /// <summary>A list of integers.</summary>
    /// <param name="values">The integers.</param>
    /// <returns>The attribute.</returns>
    public static OnnxAttributeValue FromInt64s(IEnumerable<long> values) => new(new() { Type = AttributeType.Ints, Ints = { values } });

    /// <summary>A list of numbers.</summary>
    /// <param name="values">The numbers.</param>
    /// <returns>The attribute.</returns>
    public static OnnxAttributeValue FromSingles(IEnumerable<float> values) =>
        new(new() { Type = AttributeType.Floats, Floats = { values } });

    /// <summary>A list of texts.</summary>
    /// <param name="values">The texts.</param>
    /// <returns>The attribute.</returns>
    public static OnnxAttributeValue FromStrings(IEnumerable<string> values) =>
        new(new() { Type = AttributeType.Strings, Strings = { values.Select(ByteString.CopyFromUtf8) } });

    internal AttributeProto ToProto(string name) => new(_proto) { Name = name };
}

/// <summary>What a file says of a value: its name, the type of its elements, and its shape.</summary>
internal static class OnnxValueInfo
{
    public static ValueInfoProto Of(string name, OnnxElementType type, IEnumerable<OnnxDim> dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(
            dims.Select(d =>
                d.Symbol is { } symbol
                    ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                    : new TensorShapeProto.Types.Dimension { DimValue = d.Value }
            )
        );
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape };
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = tensor },
        };
    }
}
