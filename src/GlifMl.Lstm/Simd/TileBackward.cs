using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GlifMl.Lstm;

/// <summary>The backward recurrence over a chunk of steps whose tape has been written.</summary>
internal static unsafe class TileBackward<TVector, TLanes, TLayout>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
    where TLayout : struct, ILstmLayout<TVector>
{
    private const int Gates = LstmGeometry.Gates;
    private const int ResultBlock = TileSizes.ResultBlock;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(TileSizes sizes, float* weights, in TileChunk chunk, in TileGradients d)
    {
        int state = sizes.State,
            width = TLanes.Width;
        var last = chunk.Steps - 1;
        float* tape = chunk.Tape + (long)last * sizes.Tape,
            gates = chunk.GateGradients + (long)last * sizes.Tape;
        var cell = chunk.Cells + (long)last * state;
        float* sequence = d.Sequence + (long)last * state,
            sample = d.Sample + (long)last * sizes.Sample;
        var sampleNumber = chunk.FirstSample + last * chunk.SampleIncrement;
        // A tape that forward kept has left the nearer caches by now; one that was written a moment ago has not.
        var kept = chunk.Tape != chunk.GateGradients;
        for (var step = last; step >= 0; step--)
        {
            for (var unit = 0; unit < state; unit += width)
            {
                if (kept)
                    Prefetch(tape - sizes.Tape + unit, state, cell - state + unit);
                Gate(tape + unit, gates + unit, state, cell + unit, sequence + unit, unit, chunk.Lengths, sampleNumber, d);
            }

            // Beyond a row's valid samples the gates' gradients are zero and the state's passes through: what is masked is added again.
            if (chunk.Lengths != null)
                KeepWhereInvalid(d.Hidden, state, chunk.Lengths, sampleNumber);
            else
                new Span<float>(d.Hidden, state).Clear();
            AddProducts(sizes, weights, gates, sizes.StateVectors, d.Hidden);
            if (d.Sample != null)
            {
                new Span<float>(sample, sizes.Sample).Clear();
                AddProducts(sizes, weights + sizes.StateVectors * sizes.ResultWeights, gates, sizes.InputVectors, sample);
            }

            tape -= sizes.Tape;
            gates -= sizes.Tape;
            cell -= state;
            sequence -= state;
            sample -= sizes.Sample;
            sampleNumber -= chunk.SampleIncrement;
        }
    }

    /// <summary>Asks for a vector of the step before. An address ahead of the tape's first does no harm: it is a hint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* tape, int state, float* cell)
    {
        if (!Sse.IsSupported)
            return;
        for (var n = 0; n < TileSizes.TapeStates; n++)
            Sse.Prefetch0(tape + n * state);
        Sse.Prefetch0(cell);
    }

    /// <summary>One vector of units: from the gradients of h and c to those of the gates' arguments and of c before the step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gate(
        float* tape,
        float* gates,
        int state,
        float* cellBefore,
        float* sequence,
        int unit,
        float* lengths,
        int sampleNumber,
        in TileGradients d
    )
    {
        var one = TLanes.Broadcast(1);
        var dh = TLanes.Add(TLanes.Load(d.Hidden + unit), TLanes.Load(d.Mean + unit));
        if (d.Sequence != null)
            dh = TLanes.Add(dh, TLanes.Load(sequence));
        var dcBefore = TLanes.Load(d.Cell + unit);
        var i = TLanes.Load(tape);
        var f = TLanes.Load(tape + state);
        var g = TLanes.Load(tape + 2 * state);
        var o = TLanes.Load(tape + 3 * state);
        var tanh = TLanes.Load(tape + 4 * state);

        // c' = f c + i g, h = o tanh(c'); sigmoid' = s (1 - s), tanh' = 1 - t^2.
        var dc = TLanes.MultiplyAdd(dh, TLanes.Multiply(o, TLanes.SubtractProduct(one, tanh, tanh)), dcBefore);
        var di = TLanes.Multiply(dc, TLanes.Multiply(g, TLanes.SubtractProduct(i, i, i)));
        var df = TLanes.Multiply(dc, TLanes.Multiply(TLanes.Load(cellBefore), TLanes.SubtractProduct(f, f, f)));
        var dg = TLanes.Multiply(dc, TLanes.Multiply(i, TLanes.SubtractProduct(one, g, g)));
        var @do = TLanes.Multiply(dh, TLanes.Multiply(tanh, TLanes.SubtractProduct(o, o, o)));
        dc = TLanes.Multiply(dc, f);
        if (lengths != null)
        {
            var valid = TLanes.LessThan(TLanes.Broadcast(sampleNumber), TLanes.Load(lengths));
            var zero = default(TVector);
            di = TLanes.Select(valid, di, zero);
            df = TLanes.Select(valid, df, zero);
            dg = TLanes.Select(valid, dg, zero);
            @do = TLanes.Select(valid, @do, zero);
            dc = TLanes.Select(valid, dc, dcBefore);
        }

        TLanes.Store(gates, di);
        TLanes.Store(gates + state, df);
        TLanes.Store(gates + 2 * state, dg);
        TLanes.Store(gates + 3 * state, @do);
        TLanes.Store(d.Cell + unit, dc);
    }

    /// <summary>Adds transposed weights times gate gradients, summed over units and gates, to vectors of results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProducts(TileSizes sizes, float* w, float* gates, int vectors, float* results)
    {
        int state = sizes.State,
            hidden = sizes.Geometry.Hidden;
        for (; vectors >= ResultBlock; vectors -= ResultBlock)
        {
            AddFour(w, gates, state, hidden, results);
            w += ResultBlock * sizes.ResultWeights;
            results += ResultBlock * TLanes.Width;
        }

        for (; vectors > 0; vectors--, w += sizes.ResultWeights, results += TLanes.Width)
            AddOne(w, gates, state, hidden, results);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KeepWhereInvalid(float* hidden, int state, float* lengths, int sampleNumber)
    {
        var valid = TLanes.LessThan(TLanes.Broadcast(sampleNumber), TLanes.Load(lengths));
        for (var unit = 0; unit < state; unit += TLanes.Width)
            TLanes.Store(hidden + unit, TLanes.Select(valid, default, TLanes.Load(hidden + unit)));
    }

    /// <summary>Four vectors of results at once: each gate gradient is loaded once for the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour(float* w, float* gates, int state, int hidden, float* results)
    {
        var width = TLanes.Width;
        TVector a = TLanes.Load(results),
            b = TLanes.Load(results + width);
        TVector c = TLanes.Load(results + 2 * width),
            e = TLanes.Load(results + 3 * width);
        var block = ResultBlock * TLayout.WeightStride;
        for (var k = hidden; k > 0; k--, gates += TLayout.OperandStride, w += Gates * block)
        {
            MultiplyAdd(w, TLayout.Operand(gates), ref a, ref b, ref c, ref e);
            MultiplyAdd(w + block, TLayout.Operand(gates + state), ref a, ref b, ref c, ref e);
            MultiplyAdd(w + 2 * block, TLayout.Operand(gates + 2 * state), ref a, ref b, ref c, ref e);
            MultiplyAdd(w + 3 * block, TLayout.Operand(gates + 3 * state), ref a, ref b, ref c, ref e);
        }

        TLanes.Store(results, a);
        TLanes.Store(results + width, b);
        TLanes.Store(results + 2 * width, c);
        TLanes.Store(results + 3 * width, e);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd(float* w, TVector operand, ref TVector a, ref TVector b, ref TVector c, ref TVector e)
    {
        a = TLanes.MultiplyAdd(TLayout.Weight(w), operand, a);
        b = TLanes.MultiplyAdd(TLayout.Weight(w + TLayout.WeightStride), operand, b);
        c = TLanes.MultiplyAdd(TLayout.Weight(w + 2 * TLayout.WeightStride), operand, c);
        e = TLanes.MultiplyAdd(TLayout.Weight(w + 3 * TLayout.WeightStride), operand, e);
    }

    /// <summary>One vector of results, in four sums, one for each gate: a single one would wait for itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddOne(float* w, float* gates, int state, int hidden, float* results)
    {
        TVector i = TLanes.Load(results),
            f = default,
            g = default,
            o = default;
        for (var k = hidden; k > 0; k--, gates += TLayout.OperandStride, w += Gates * TLayout.WeightStride)
        {
            i = TLanes.MultiplyAdd(TLayout.Weight(w), TLayout.Operand(gates), i);
            f = TLanes.MultiplyAdd(TLayout.Weight(w + TLayout.WeightStride), TLayout.Operand(gates + state), f);
            g = TLanes.MultiplyAdd(TLayout.Weight(w + 2 * TLayout.WeightStride), TLayout.Operand(gates + 2 * state), g);
            o = TLanes.MultiplyAdd(TLayout.Weight(w + 3 * TLayout.WeightStride), TLayout.Operand(gates + 3 * state), o);
        }

        TLanes.Store(results, TLanes.Add(TLanes.Add(i, f), TLanes.Add(g, o)));
    }
}
