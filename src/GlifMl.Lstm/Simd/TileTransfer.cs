using System.Runtime.CompilerServices;

namespace GlifMl.Lstm;

/// <summary>Moves numbers between the caller's row-major tensors and a tile's layout.</summary>
internal static unsafe class TileTransfer
{
    /// <summary>From [directions, batch, hidden] into a state; null stands for zeros.</summary>
    public static void LoadInitial(float* from, LstmTile tile, TileSizes sizes, float* state)
    {
        var g = sizes.Geometry;
        for (var r = 0; from != null && r < tile.Rows; r++)
            Spread(from + ((long)tile.Direction * g.Batch + tile.FirstRow + r) * g.Hidden, g.Hidden, state + r, sizes.OperandStride, 1);
    }

    /// <summary>Into [directions, batch, hidden].</summary>
    public static void StoreInitial(float* state, LstmTile tile, TileSizes sizes, float* to)
    {
        var g = sizes.Geometry;
        for (var r = 0; to != null && r < tile.Rows; r++)
            Collect(state + r, sizes.OperandStride, to + ((long)tile.Direction * g.Batch + tile.FirstRow + r) * g.Hidden, g.Hidden);
    }

    /// <summary>From [batch, directions * hidden] into a state, divided by the rows' lengths on request; null stands for zeros.</summary>
    public static void LoadFinal(float* from, LstmCall call, LstmTile tile, TileSizes sizes, float* state, bool perSample)
    {
        var g = sizes.Geometry;
        for (var r = 0; from != null && r < tile.Rows; r++)
        {
            var row = tile.FirstRow + r;
            var factor = perSample ? 1f / call.LengthOf(row) : 1;
            Spread(from + (long)row * g.Outputs + tile.Direction * g.Hidden, g.Hidden, state + r, sizes.OperandStride, factor);
        }
    }

    /// <summary>Into [batch, directions * hidden].</summary>
    public static void StoreFinal(float* state, LstmTile tile, TileSizes sizes, float* to)
    {
        var g = sizes.Geometry;
        for (var r = 0; to != null && r < tile.Rows; r++)
            Collect(state + r, sizes.OperandStride, to + (long)(tile.FirstRow + r) * g.Outputs + tile.Direction * g.Hidden, g.Hidden);
    }

    /// <summary>Reads a chunk of [batch, time, columns] rows: column <paramref name="firstColumn"/> on, into one place a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadSteps(
        float* from,
        int columns,
        int firstColumn,
        int count,
        LstmTile tile,
        TileSizes sizes,
        int firstStep,
        int steps,
        float* to,
        int stepStride
    )
    {
        long increment = tile.Direction == 0 ? columns : -columns;
        var stride = sizes.OperandStride;
        for (var r = 0; r < tile.Rows; r++)
        {
            float* source = Sample(from, columns, tile, sizes, r, firstStep) + firstColumn,
                target = to + r;
            for (var step = steps; step > 0; step--, source += increment, target += stepStride)
            {
                for (long n = 0; n < count; n++)
                    target[n * stride] = source[n];
            }
        }
    }

    /// <summary>
    /// Writes a chunk of [batch, time, columns] rows; with <paramref name="zeroBeyond"/>, zeros beyond a row's valid samples.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreSteps(
        float* from,
        int stepStride,
        LstmCall? zeroBeyond,
        LstmTile tile,
        TileSizes sizes,
        int firstStep,
        int steps,
        float* to,
        int columns,
        int firstColumn,
        int count
    )
    {
        long increment = tile.Direction == 0 ? columns : -columns;
        var stride = sizes.OperandStride;
        for (var r = 0; r < tile.Rows; r++)
        {
            var length = zeroBeyond?.LengthOf(tile.FirstRow + r) ?? int.MaxValue;
            float* source = from + r,
                target = Sample(to, columns, tile, sizes, r, firstStep) + firstColumn;
            for (var step = firstStep; step < firstStep + steps; step++, source += stepStride, target += increment)
            {
                if (tile.SampleOf(step) >= length)
                {
                    new Span<float>(target, count).Clear();
                    continue;
                }

                for (long n = 0; n < count; n++)
                    target[n] = source[n * stride];
            }
        }
    }

    /// <summary>Clears the first steps of [batch, time, columns] rows.</summary>
    public static void ClearSteps(LstmTile tile, TileSizes sizes, int steps, float* to, int columns)
    {
        for (var r = 0; r < tile.Rows; r++)
        {
            var earliest = tile.Direction == 0 ? 0 : steps - 1;
            new Span<float>(Sample(to, columns, tile, sizes, r, earliest), steps * columns).Clear();
        }
    }

    private static float* Sample(float* rows, int columns, LstmTile tile, TileSizes sizes, int r, int step) =>
        rows + ((long)(tile.FirstRow + r) * sizes.Geometry.Time + tile.SampleOf(step)) * columns;

    private static void Spread(float* from, int count, float* to, int stride, float factor)
    {
        for (var n = 0; n < count; n++)
            to[n * stride] = from[n] * factor;
    }

    private static void Collect(float* from, int stride, float* to, int count)
    {
        for (var n = 0; n < count; n++)
            to[n] = from[n * stride];
    }
}

/// <summary>Sums the hidden states of valid steps: chunks in float, their sums with Kahan's compensation, since traces are long.</summary>
internal static unsafe class TileTimeMean<TVector, TLanes>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
{
    public static void Add(TileSizes sizes, in TileChunk chunk, float* sum, float* compensation)
    {
        for (var unit = 0; unit < sizes.State; unit += TLanes.Width)
        {
            var chunkSum = TLanes.Broadcast(0);
            var hidden = chunk.Slots + sizes.Slot + unit;
            var sample = chunk.FirstSample;
            for (var step = 0; step < chunk.Steps; step++, hidden += sizes.Slot, sample += chunk.SampleIncrement)
            {
                var h = TLanes.Load(hidden);
                if (chunk.Lengths != null)
                    h = TLanes.Select(TLanes.LessThan(TLanes.Broadcast(sample), TLanes.Load(chunk.Lengths)), h, TLanes.Broadcast(0));
                chunkSum = TLanes.Add(chunkSum, h);
            }

            var term = TLanes.Subtract(chunkSum, TLanes.Load(compensation + unit));
            var before = TLanes.Load(sum + unit);
            var after = TLanes.Add(before, term);
            TLanes.Store(compensation + unit, TLanes.Subtract(TLanes.Subtract(after, before), term));
            TLanes.Store(sum + unit, after);
        }
    }
}
