using GlifMl.Onnx.Protos;
using Google.Protobuf;
using AttributeType = GlifMl.Onnx.Protos.AttributeProto.Types.AttributeType;

namespace GlifMl.Onnx;

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
