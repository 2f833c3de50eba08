using System.Runtime.CompilerServices;

namespace GlifMl.Lstm;

/// <summary>
/// Sums of gate gradients times operands over a chunk. Each chunk adds to sums kept in vectors; every so many steps these go into totals
/// in double, so that no float sum runs over more than <see cref="StepsPerFlush"/> steps.
/// </summary>
internal static unsafe class TileWeightGradients<TVector, TLanes, TLayout>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
    where TLayout : struct, ILstmLayout<TVector>
{
    /// <summary>A float sum of 1,024 terms is good to about 1e-6, a tenth of what the gradients are allowed.</summary>
    public const int StepsPerFlush = 1024;

    private const int Gates = LstmGeometry.Gates;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(TileSizes sizes, in TileChunk chunk, float* sums)
    {
        var operands = sizes.SummedOperands;
        for (var unit = 0; unit < sizes.State; unit += TLanes.Width)
        {
            for (var k = 0; k < operands; k += TileSizes.OperandBlock, sums += TileSizes.OperandBlock * Gates * TLanes.Width)
                AddFour(sizes, chunk, unit, k, sums);
        }
    }

    /// <summary>Moves the sums into totals [4 * hidden, operands] and clears them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Flush(TileSizes sizes, float* sums, double* totals)
    {
        int hidden = sizes.Geometry.Hidden,
            operands = sizes.Operands;
        for (var vector = 0; vector < sizes.StateVectors; vector++)
        {
            for (var k = 0; k < operands; k++)
            {
                for (var gate = 0; gate < Gates; gate++, sums += TLanes.Width)
                {
                    // Lanes are either traces, which all belong to one weight, or units; the last vector's padding is zero.
                    var first = totals + (gate * hidden + vector * TLayout.UnitsPerVector) * operands + k;
                    if (TLayout.UnitsPerVector == 1)
                    {
                        *first += TLanes.Sum(TLanes.Load(sums));
                    }
                    else
                    {
                        var units = Math.Min(TLayout.UnitsPerVector, hidden - vector * TLayout.UnitsPerVector);
                        for (var unit = 0; unit < units; unit++)
                            first[unit * operands] += sums[unit];
                    }

                    TLanes.Store(sums, default);
                }
            }

            sums += (sizes.SummedOperands - operands) * Gates * TLanes.Width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(TileSizes sizes, in TileChunk chunk, int unit, int k, float* sums)
    {
        int state = sizes.State,
            tapeStride = sizes.Tape,
            slotStride = sizes.Slot,
            w = TLanes.Width;
        int at0 = sizes.OperandOffset(k),
            at1 = sizes.OperandOffset(k + 1);
        int at2 = sizes.OperandOffset(k + 2),
            at3 = sizes.OperandOffset(k + 3);
        TVector i0 = TLanes.Load(sums),
            f0 = TLanes.Load(sums + w);
        TVector g0 = TLanes.Load(sums + 2 * w),
            o0 = TLanes.Load(sums + 3 * w);
        TVector i1 = TLanes.Load(sums + 4 * w),
            f1 = TLanes.Load(sums + 5 * w);
        TVector g1 = TLanes.Load(sums + 6 * w),
            o1 = TLanes.Load(sums + 7 * w);
        TVector i2 = TLanes.Load(sums + 8 * w),
            f2 = TLanes.Load(sums + 9 * w);
        TVector g2 = TLanes.Load(sums + 10 * w),
            o2 = TLanes.Load(sums + 11 * w);
        TVector i3 = TLanes.Load(sums + 12 * w),
            f3 = TLanes.Load(sums + 13 * w);
        TVector g3 = TLanes.Load(sums + 14 * w),
            o3 = TLanes.Load(sums + 15 * w);
        float* gates = chunk.GateGradients + unit,
            slot = chunk.Slots;
        for (var step = chunk.Steps; step > 0; step--, gates += tapeStride, slot += slotStride)
        {
            TVector i = TLanes.Load(gates),
                f = TLanes.Load(gates + state);
            TVector g = TLanes.Load(gates + 2 * state),
                o = TLanes.Load(gates + 3 * state);
            var x = TLayout.Operand(slot + at0);
            i0 = TLanes.MultiplyAdd(i, x, i0);
            f0 = TLanes.MultiplyAdd(f, x, f0);
            g0 = TLanes.MultiplyAdd(g, x, g0);
            o0 = TLanes.MultiplyAdd(o, x, o0);
            x = TLayout.Operand(slot + at1);
            i1 = TLanes.MultiplyAdd(i, x, i1);
            f1 = TLanes.MultiplyAdd(f, x, f1);
            g1 = TLanes.MultiplyAdd(g, x, g1);
            o1 = TLanes.MultiplyAdd(o, x, o1);
            x = TLayout.Operand(slot + at2);
            i2 = TLanes.MultiplyAdd(i, x, i2);
            f2 = TLanes.MultiplyAdd(f, x, f2);
            g2 = TLanes.MultiplyAdd(g, x, g2);
            o2 = TLanes.MultiplyAdd(o, x, o2);
            x = TLayout.Operand(slot + at3);
            i3 = TLanes.MultiplyAdd(i, x, i3);
            f3 = TLanes.MultiplyAdd(f, x, f3);
            g3 = TLanes.MultiplyAdd(g, x, g3);
            o3 = TLanes.MultiplyAdd(o, x, o3);
        }

        Store(sums, i0, f0, g0, o0);
        Store(sums + 4 * w, i1, f1, g1, o1);
        Store(sums + 8 * w, i2, f2, g2, o2);
        Store(sums + 12 * w, i3, f3, g3, o3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* sums, TVector i, TVector f, TVector g, TVector o)
    {
        TLanes.Store(sums, i);
        TLanes.Store(sums + TLanes.Width, f);
        TLanes.Store(sums + 2 * TLanes.Width, g);
        TLanes.Store(sums + 3 * TLanes.Width, o);
    }
}
