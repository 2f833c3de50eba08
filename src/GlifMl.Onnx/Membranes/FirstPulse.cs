namespace GlifMl.Onnx;

/// <summary>The samples at a stimulus's start that carry the first sample's current: what tells a current's own clock.</summary>
internal static class FirstPulse
{
    /// <summary>Of the first current, how much another may differ and count as the same: current is recorded in single precision.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>Samples that the stimulus stays at its first value.</summary>
    public static int Samples(ReadOnlySpan<float> I)
    {
        var t = 1;
        while (t < I.Length && !(Math.Abs((double)I[t] - I[0]) > Tolerance * Math.Abs((double)I[0])))
            t++;
        return t;
    }

    /// <summary>The same as nodes, [N, 1].</summary>
    /// <param name="I">[N, samples].</param>
    /// <param name="index">0 to samples - 1, [samples].</param>
    /// <param name="samples">Samples.</param>
    public static DoubleNode Samples(DoubleNode I, DoubleNode index, int samples)
    {
        var first = I.Slice(0, 1);
        var changed = (I - first).Abs() > first.Abs() * Tolerance;
        return changed.Select(index, samples).Minimum();
    }
}
