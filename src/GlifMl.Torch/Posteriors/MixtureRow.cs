using GlifMl.Onnx;

namespace GlifMl.Torch;

/// <summary>What a row's raw numbers say of each component and label, read once: they are asked for over and over.</summary>
internal readonly ref struct MixtureRow
{
    /// <summary>Reads them.</summary>
    /// <param name="head">How raw numbers are read.</param>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="memory">Room for <see cref="Size"/> numbers.</param>
    public MixtureRow(MixtureHead head, ReadOnlySpan<float> raw, Span<double> memory)
    {
        var size = head.Shape.MeansSize;
        Offsets = memory[..size];
        OffsetSlopes = memory.Slice(size, size);
        Precisions = memory.Slice(2 * size, size);
        PrecisionSlopes = memory.Slice(3 * size, size);
        Scales = memory.Slice(4 * size, size);
        Variances = memory.Slice(5 * size, size);
        for (var i = 0; i < size; i++)
        {
            (Offsets[i], OffsetSlopes[i]) = head.Offset(raw, i);
            (Precisions[i], PrecisionSlopes[i]) = head.OwnPrecision(raw, i);
            (Scales[i], Variances[i]) = (Math.Exp(Precisions[i]), Math.Exp(-2 * Precisions[i]));
        }
    }

    /// <summary>Offsets o.</summary>
    public Span<double> Offsets { get; }

    /// <summary>How they grow with their raw numbers.</summary>
    public Span<double> OffsetSlopes { get; }

    /// <summary>Own log precisions b.</summary>
    public Span<double> Precisions { get; }

    /// <summary>How they grow with their raw numbers.</summary>
    public Span<double> PrecisionSlopes { get; }

    /// <summary>exp(b).</summary>
    public Span<double> Scales { get; }

    /// <summary>exp(-2 b).</summary>
    public Span<double> Variances { get; }

    /// <summary>Numbers that are remembered.</summary>
    public static int Size(MixtureShape shape) => 6 * shape.MeansSize;
}
