using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GlifMl.Onnx;

/// <summary>
/// What stands between a model's inputs and its first LSTM: channels side by side, scaled, reduced block by block, ended where NaN begins.
/// OnnxRuntime does this node by node over a whole batch, two channels at a time, in as long as the LSTM takes; here a row goes through it
/// in the first-level cache.
/// </summary>
internal sealed class TraceFront
{
    /// <summary>The model's inputs, one a channel, each [batch, samples].</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>Samples of an input.</summary>
    public required int Samples { get; init; }

    /// <summary>What is subtracted from a channel, and what it is multiplied with; null: it is left as it is.</summary>
    public (float[] Offset, float[] Factor)? Scale { get; init; }

    /// <summary>Whether the inverse hyperbolic sine is taken between the two.</summary>
    public bool TakesAsinh { get; init; }

    /// <summary>Samples that become one step; null: each is one.</summary>
    public TraceBlocks? Blocks { get; init; }

    /// <summary>Whether a row ends where its first channel is NaN, and NaN is replaced by 0.</summary>
    public bool EndsInNaN { get; init; }

    /// <summary>Steps of a row.</summary>
    public int Steps => Blocks is { } blocks ? Samples / blocks.Size : Samples;

    /// <summary>Numbers of a step.</summary>
    public int Width => Blocks is { } blocks ? blocks.Width(Channels.Count) : Channels.Count;

    /// <summary>Floats between the channels of a row in memory: whole vectors.</summary>
    public int Stride => (Samples + Vector256<float>.Count - 1) / Vector256<float>.Count * Vector256<float>.Count;

    /// <summary>Computes one row.</summary>
    /// <param name="first">The first channel.</param>
    /// <param name="second">The second, where there is one.</param>
    /// <param name="channels">Memory for <see cref="Stride"/> floats a channel.</param>
    /// <param name="steps">Where the steps go, <c>[steps, width]</c>.</param>
    /// <returns>Steps that the row has.</returns>
    public int Run(ReadOnlySpan<float> first, ReadOnlySpan<float> second, Span<float> channels, Span<float> steps)
    {
        if (Channels.Count == 1 && Scale is null && Blocks is null)
        {
            first.CopyTo(steps);
            return EndsInNaN ? End(steps, Width) : Steps;
        }

        first.CopyTo(channels);
        if (Channels.Count > 1)
            second.CopyTo(channels[Stride..]);
        for (var channel = 0; Scale is var (offset, factor) && channel < Channels.Count; channel++)
            ScaleOf(channels.Slice(channel * Stride, Stride), offset[channel % offset.Length], factor[channel % factor.Length], TakesAsinh);
        if (Blocks is { } blocks)
            blocks.Reduce(channels, Stride, Channels.Count, steps);
        else
            SideBySide(channels, Stride, Channels.Count, steps);
        return EndsInNaN ? End(steps, Width) : Steps;
    }

    // What follows is compiled at its best at once: a first batch is measured, and later ones are too few for the runtime to see.

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaleOf(Span<float> trace, float offset, float factor, bool takesAsinh)
    {
        var (shift, times, one) = (Vector256.Create(offset), Vector256.Create(factor), Vector256<float>.One);
        ref var first = ref MemoryMarshal.GetReference(trace);
        for (nuint n = 0; n < (nuint)trace.Length; n += (nuint)Vector256<float>.Count)
        {
            var x = Vector256.LoadUnsafe(ref first, n) - shift;
            if (takesAsinh)
            {
                // asinh |x| = log(|x| + sqrt(x^2 + 1)), within 1e-7 of it; then the sign of x again.
                var absolute = Vector256.Abs(x);
                x = Vector256.CopySign(Vector256.Log(absolute + Vector256.Sqrt(Vector256.MultiplyAddEstimate(x, x, one))), x);
            }

            (x * times).StoreUnsafe(ref first, n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SideBySide(ReadOnlySpan<float> channels, int stride, int count, Span<float> steps)
    {
        for (var channel = 0; channel < count; channel++)
        {
            var from = channel * stride;
            for (var to = channel; to < steps.Length; to += count)
                steps[to] = channels[from++];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int End(Span<float> steps, int width)
    {
        var length = 0;
        for (var step = 0; width > 1 && step < steps.Length; step += width)
            length += float.IsNaN(steps[step]) ? 0 : 1;
        ref var first = ref MemoryMarshal.GetReference(steps);
        var (numbers, n) = (Vector256<int>.Zero, 0);
        for (; n + Vector256<float>.Count <= steps.Length; n += Vector256<float>.Count)
        {
            var x = Vector256.LoadUnsafe(ref first, (nuint)n);
            var isNumber = Vector256.Equals(x, x);
            // A lane that is a number is -1.
            numbers -= isNumber.AsInt32();
            (x & isNumber).StoreUnsafe(ref first, (nuint)n);
        }

        var count = Vector256.Sum(numbers);
        for (; n < steps.Length; n++)
        {
            if (float.IsNaN(steps[n]))
                steps[n] = 0;
            else
                count++;
        }

        return width > 1 ? length : count;
    }
}

/// <summary>
/// Blocks of samples as steps: the mean of each channel, how much it changes from the first sample to the last, and the share of the
/// first channel's samples that are NaN. A sample that is NaN counts as the block's mean, and that of no samples is 0.
/// </summary>
/// <param name="Size">Samples of a block.</param>
/// <param name="HasChange">Whether the change is a number of the step.</param>
/// <param name="HasCut">Whether the share is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TraceBlocks(int Size, bool HasChange, bool HasCut)
{
    /// <summary>Numbers of a step.</summary>
    public int Width(int channels) => (channels * (HasChange ? 2 : 1)) + (HasCut ? 1 : 0);

    /// <summary>Reduces a row: channels, so many floats apart, to steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Reduce(ReadOnlySpan<float> channels, int stride, int count, Span<float> steps)
    {
        var width = Width(count);
        for (var channel = 0; channel < count; channel++)
        {
            var first = channel * stride;
            for (var step = 0; step < steps.Length; step += width, first += Size)
            {
                var values = channels.Slice(first, Size);
                var (sum, cut) = Sum(values);
                var mean = sum / Math.Max(Size - cut, 1);
                steps[step + channel] = mean;
                if (HasChange)
                    steps[step + count + channel] = Or(values[^1], mean) - Or(values[0], mean);
                if (HasCut && channel == 0)
                    steps[step + width - 1] = cut * (1f / Size);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Sum, int Cut) Sum(ReadOnlySpan<float> values)
    {
        var (sums, cuts, n) = (Vector128<float>.Zero, Vector128<float>.Zero, 0);
        for (; n + Vector128<float>.Count <= values.Length; n += Vector128<float>.Count)
        {
            var x = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)n);
            var isNumber = Vector128.Equals(x, x);
            sums += x & isNumber;
            cuts += Vector128.AndNot(Vector128<float>.One, isNumber);
        }

        var (sum, cut) = (Vector128.Sum(sums), (int)Vector128.Sum(cuts));
        for (; n < values.Length; n++)
        {
            if (float.IsNaN(values[n]))
                cut++;
            else
                sum += values[n];
        }

        return (sum, cut);
    }

    private static float Or(float value, float replacement) => float.IsNaN(value) ? replacement : value;
}
