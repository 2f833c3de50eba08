using System.Globalization;

namespace GlifMl.Onnx;

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
