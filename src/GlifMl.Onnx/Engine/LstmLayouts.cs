using System.Runtime.CompilerServices;
using GlifMl.Lstm;

namespace GlifMl.Onnx;

/// <summary>Between the layouts of ONNX and of the kernel.</summary>
internal static unsafe class LstmLayouts
{
    /// <summary>Samples as rows, [batch, time, channels], each from its end where the direction is reverse.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(float* from, float* to, LstmGeometry g, int[]? lengths, bool rowsFirst, bool reverse)
    {
        var channels = g.Inputs;
        var (rowStride, stepStride) = rowsFirst ? ((long)g.Time * channels, (long)channels) : (channels, (long)g.Batch * channels);
        for (var row = 0; row < g.Batch; row++)
        {
            var length = lengths?[row] ?? g.Time;
            for (var step = 0; step < g.Time; step++, to += channels)
            {
                var source = reverse && step < length ? length - 1 - step : step;
                var sample = from + (row * rowStride) + (source * stepStride);
                for (var k = 0; k < channels; k++)
                    to[k] = sample[k];
            }
        }
    }

    /// <summary>Turns each row of a sequence [batch, time, hidden] round, up to its length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TurnRound(float* sequence, LstmGeometry g, int[]? lengths)
    {
        for (var row = 0; row < g.Batch; row++)
        {
            var first = sequence + ((long)row * g.Time * g.Outputs);
            for (int step = 0, other = (lengths?[row] ?? g.Time) - 1; step < other; step++, other--)
            {
                float* a = first + ((long)step * g.Outputs),
                    b = first + ((long)other * g.Outputs);
                for (var k = 0; k < g.Outputs; k++)
                    (a[k], b[k]) = (b[k], a[k]);
            }
        }
    }

    /// <summary>[batch, time, directions * hidden] as [time, directions, batch, hidden].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TimeFirst(float* from, float* to, LstmGeometry g)
    {
        for (var step = 0; step < g.Time; step++)
        {
            for (var direction = 0; direction < g.Directions; direction++)
            {
                for (var row = 0; row < g.Batch; row++, to += g.Hidden)
                {
                    var states = from + ((((long)row * g.Time) + step) * g.Outputs) + (direction * g.Hidden);
                    new Span<float>(states, g.Hidden).CopyTo(new Span<float>(to, g.Hidden));
                }
            }
        }
    }

    /// <summary>[batch, directions * hidden] as [directions, batch, hidden].</summary>
    public static void DirectionsFirst(float* from, float* to, LstmGeometry g)
    {
        for (var direction = 0; direction < g.Directions; direction++)
        {
            for (var row = 0; row < g.Batch; row++, to += g.Hidden)
            {
                var states = from + ((long)row * g.Outputs) + (direction * g.Hidden);
                new Span<float>(states, g.Hidden).CopyTo(new Span<float>(to, g.Hidden));
            }
        }
    }

    /// <summary>
    /// Rows without samples, which the kernel took for rows of one: OnnxRuntime answers zeros, whatever the initial states are. Of their
    /// mean, a division by zero, nothing is known.
    /// </summary>
    public static void EmptyRows(LstmCall call, int[]? lengths)
    {
        var g = call.Geometry;
        for (var row = 0; lengths is not null && row < g.Batch; row++)
        {
            if (lengths[row] > 0)
                continue;
            Fill(call.FinalHidden, row, g.Outputs, 0);
            Fill(call.FinalCell, row, g.Outputs, 0);
            Fill(call.TimeMean, row, g.Outputs, float.NaN);
            Fill(call.Sequence, row, g.Time * g.Outputs, 0);
        }

        static void Fill(float* rows, int row, int size, float value)
        {
            if (rows != null)
                new Span<float>(rows + ((long)row * size), size).Fill(value);
        }
    }
}
