namespace GlifMl.Datasets;

/// <summary>One quantity of a sweep, read by slices: voltages in mV, currents in pA, NaN where a sample is missing.</summary>
internal abstract class SweepSignal(long length)
{
    /// <summary>How many samples there are.</summary>
    public long Length { get; } = length;

    /// <summary>Reads samples that are there.</summary>
    /// <param name="first">Number of the first.</param>
    /// <param name="into">As many as are to be read.</param>
    public abstract void Read(long first, Span<float> into);
}

/// <summary>Samples that are in memory.</summary>
internal sealed class ArraySignal(float[] values) : SweepSignal(values.Length)
{
    public override void Read(long first, Span<float> into) => values.AsSpan((int)first, into.Length).CopyTo(into);
}

/// <summary>No samples.</summary>
internal sealed class NoSignal() : SweepSignal(0)
{
    public override void Read(long first, Span<float> into) => into.Fill(float.NaN);
}

/// <summary>Samples that are computed from their number.</summary>
internal sealed class ComputedSignal(long length, Func<long, float> at) : SweepSignal(length)
{
    public override void Read(long first, Span<float> into)
    {
        for (var i = 0; i < into.Length; i++)
            into[i] = at(first + i);
    }
}

/// <summary>A stretch of another signal.</summary>
internal sealed class StretchSignal(SweepSignal whole, long start, long length) : SweepSignal(length)
{
    public override void Read(long first, Span<float> into) => whole.Read(start + first, into);
}
