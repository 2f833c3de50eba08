using System.Diagnostics;

namespace GlifMl.Onnx;

/// <summary>
/// Measures which engine is faster, on the first rows that are scored, and whether both answer the same. Which one it is rests on the
/// layers, the batch and the machine, and cannot be told from the graph.
/// </summary>
internal static class EngineTrial
{
    // Where there is next to no difference, the kernel: the choice is then the same in every run.
    private const double Margin = 1.1;

    // Without a second run of the slower one: no warm-up makes up for that much.
    private const double ClearlySlower = 3;

    // The engines agree within 1e-5 where both are right.
    private const double LargestDifference = 1e-3;

    /// <summary>Computes some rows with both.</summary>
    /// <param name="kernel">Computes them with the kernel.</param>
    /// <param name="runtime">Computes them with OnnxRuntime alone.</param>
    /// <param name="parameters">How many parameters a row has; with a posterior more follows them.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="output">Where the rows go: those of the engine that is chosen.</param>
    /// <returns>Whether it is the kernel, and why in words.</returns>
    public static (bool IsKernel, string Words) Run(RowsRun kernel, RowsRun runtime, int parameters, int rows, Span<float> output)
    {
        var (fast, plain) = (new float[output.Length], new float[output.Length]);
        var (kernelTime, failure) = Time(kernel, fast);
        var (runtimeTime, _) = Time(runtime, plain);
        if (failure is not null)
        {
            plain.CopyTo(output);
            return (false, $"OnnxRuntime alone, because the kernel fails: {failure}");
        }

        kernelTime = TimeSpan.FromTicks(Math.Min(kernelTime.Ticks, Time(kernel, fast).Elapsed.Ticks));
        if (runtimeTime < kernelTime * ClearlySlower)
            runtimeTime = TimeSpan.FromTicks(Math.Min(runtimeTime.Ticks, Time(runtime, plain).Elapsed.Ticks));
        var difference = Difference(fast, plain, parameters, output.Length / rows);
        var isKernel = difference <= LargestDifference && kernelTime <= runtimeTime * Margin;
        (isKernel ? fast : plain).CopyTo(output);
        var times = Invariant.Text(
            $"kernel {kernelTime.TotalMilliseconds:F2} ms, OnnxRuntime {runtimeTime.TotalMilliseconds:F2} ms, difference {difference:E1}"
        );
        return (isKernel, $"{(isKernel ? "the kernel" : "OnnxRuntime alone")} ({times})");
    }

    private static (TimeSpan Elapsed, string? Failure) Time(RowsRun run, Span<float> output)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            run(output);
        }
        catch (InvalidDataException e)
        {
            return (TimeSpan.MaxValue, e.Message);
        }

        return (Stopwatch.GetElapsedTime(start), null);
    }

    /// <summary>The largest difference, in units of the largest value of its parameter.</summary>
    private static double Difference(float[] a, float[] b, int parameters, int width)
    {
        var largest = 0.0;
        for (var k = 0; k < parameters; k++)
        {
            var (scale, difference) = (0.0, 0.0);
            for (var n = k; n < a.Length; n += width)
            {
                // What is no number in both is no difference.
                if (!float.IsFinite(a[n]) && !float.IsFinite(b[n]))
                    continue;
                scale = Math.Max(scale, Math.Abs((double)b[n]));
                difference = Math.Max(difference, Math.Abs((double)a[n] - b[n]));
            }

            if (difference > 0)
                largest = Math.Max(largest, scale > 0 ? difference / scale : double.PositiveInfinity);
        }

        return largest;
    }
}

/// <summary>Scores some rows, always the same.</summary>
/// <param name="output">Where the rows go.</param>
internal delegate void RowsRun(Span<float> output);
