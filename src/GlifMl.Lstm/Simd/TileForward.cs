using System.Runtime.CompilerServices;

namespace GlifMl.Lstm;

/// <summary>The forward recurrence over a chunk of steps.</summary>
internal static unsafe class TileForward<TVector, TLanes, TLayout, TTape>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
    where TLayout : struct, ILstmLayout<TVector>
    where TTape : struct, ITapeMode
{
    private const int Gates = LstmGeometry.Gates;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(TileSizes sizes, float* weights, in TileChunk chunk)
    {
        float* slot = chunk.Slots,
            cell = chunk.Cells,
            tape = chunk.Tape;
        var (state, slotStride, tapeStride) = (sizes.State, sizes.Slot, sizes.Tape);
        var (inputs, hidden) = (sizes.Geometry.Inputs, sizes.Geometry.Hidden);
        var sample = chunk.FirstSample;
        for (var step = 0; step < chunk.Steps; step++)
        {
            Step(state, slotStride, inputs, hidden, weights, slot, cell, tape, sample, chunk.Lengths);
            slot += slotStride;
            if (TTape.Keeps)
            {
                cell += state;
                tape += tapeStride;
            }

            sample += chunk.SampleIncrement;
        }
    }

    /// <summary>
    /// A whole chunk, its segments side by side, where the states at the start of each are known: a step is a long chain of operations
    /// that wait for one another, and several such chains take the time of one. Each segment ends in the state that the next began with.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunSegments(TileSizes sizes, float* weights, in TileChunk chunk)
    {
        var (state, slotStride, tapeStride) = (sizes.State, sizes.Slot, sizes.Tape);
        var (inputs, hidden) = (sizes.Geometry.Inputs, sizes.Geometry.Hidden);
        var (steps, segments) = (sizes.Segment, sizes.Segments);
        for (var step = 0; step < steps; step++)
        {
            float* slot = chunk.Slots + step * slotStride,
                cell = chunk.Cells + step * state,
                tape = chunk.Tape + step * tapeStride;
            var sample = chunk.FirstSample + step * chunk.SampleIncrement;
            for (var segment = 0; segment < segments; segment++)
            {
                Step(state, slotStride, inputs, hidden, weights, slot, cell, tape, sample, chunk.Lengths);
                slot += steps * slotStride;
                cell += steps * state;
                tape += steps * tapeStride;
                sample += steps * chunk.SampleIncrement;
            }
        }
    }

    /// <summary>From the states before a step to those after it, which stand one slot, and with a tape one cell state, further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(
        int state,
        int slotStride,
        int inputs,
        int hidden,
        float* w,
        float* slot,
        float* cell,
        float* tape,
        int sample,
        float* lengths
    )
    {
        var width = TLanes.Width;
        var next = slot + slotStride;
        var cellAfter = TTape.Keeps ? cell + state : cell;
        for (var unit = 0; unit < state; unit += width)
        {
            var i = TLayout.Weight(w);
            var f = TLayout.Weight(w + TLayout.WeightStride);
            var g = TLayout.Weight(w + 2 * TLayout.WeightStride);
            var o = TLayout.Weight(w + 3 * TLayout.WeightStride);
            w += Gates * TLayout.WeightStride;
            // Samples first: they do not wait for the step before.
            var operand = slot + state;
            for (var k = inputs; k > 0; k--, operand += TLayout.OperandStride, w += Gates * TLayout.WeightStride)
                MultiplyAdd(w, TLayout.Operand(operand), ref i, ref f, ref g, ref o);
            operand = slot;
            for (var k = hidden; k > 0; k--, operand += TLayout.OperandStride, w += Gates * TLayout.WeightStride)
                MultiplyAdd(w, TLayout.Operand(operand), ref i, ref f, ref g, ref o);

            var before = TLanes.Load(cell + unit);
            var c = CellState(i, f, g, before, tape + unit, state);
            if (lengths != null)
                c = TLanes.Select(Valid(sample, lengths), c, before);
            TLanes.Store(cellAfter + unit, c);
            TLanes.Store(next + unit, o);
        }

        // A loop of its own, with o waiting where h will stand: tanh(c) is a long chain, and so the units' chains run side by side.
        for (var unit = 0; unit < state; unit += width)
        {
            var c = TLanes.Load(cellAfter + unit);
            var h = HiddenState(TLanes.Load(next + unit), c, tape + unit, state);
            if (lengths != null)
                h = TLanes.Select(Valid(sample, lengths), h, TLanes.Load(slot + unit));
            TLanes.Store(next + unit, h);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd(float* w, TVector operand, ref TVector i, ref TVector f, ref TVector g, ref TVector o)
    {
        i = TLanes.MultiplyAdd(TLayout.Weight(w), operand, i);
        f = TLanes.MultiplyAdd(TLayout.Weight(w + TLayout.WeightStride), operand, f);
        g = TLanes.MultiplyAdd(TLayout.Weight(w + 2 * TLayout.WeightStride), operand, g);
        o = TLanes.MultiplyAdd(TLayout.Weight(w + 3 * TLayout.WeightStride), operand, o);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Valid(int sample, float* lengths) => TLanes.LessThan(TLanes.Broadcast(sample), TLanes.Load(lengths));

    /// <summary>
    /// c' = f c + i g from the gates' exponents. With E = exp(-z) for the sigmoids and E = exp(-2 z) for tanh, sigmoid(z) = 1 / (1 + E) and
    /// tanh(z) = (1 - E) / (1 + E): i g takes one division. f stands alone, so that it is exactly 1 when saturated and a cell state can
    /// be held over any number of steps.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector CellState(TVector i, TVector f, TVector g, TVector before, float* tape, int state)
    {
        var one = TLanes.Broadcast(1);
        i = TLanes.Add(one, TLanes.Exp2(i));
        f = TLanes.Reciprocal(TLanes.Add(one, TLanes.Exp2(f)));
        var exponential = TLanes.Exp2(g);
        g = TLanes.Add(one, exponential);
        var numerator = TLanes.Subtract(one, exponential);
        var reciprocal = TLanes.Reciprocal(TLanes.Multiply(i, g));
        if (!TTape.Keeps)
            return TLanes.MultiplyAdd(f, before, TLanes.Multiply(numerator, reciprocal));

        var input = TLanes.Multiply(reciprocal, g);
        var candidate = TLanes.Multiply(numerator, TLanes.Multiply(reciprocal, i));
        TLanes.Store(tape, input);
        TLanes.Store(tape + state, f);
        TLanes.Store(tape + 2 * state, candidate);
        return TLanes.MultiplyAdd(f, before, TLanes.Multiply(input, candidate));
    }

    /// <summary>h' = o tanh(c') from the output gate's exponent, with one division.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector HiddenState(TVector o, TVector c, float* tape, int state)
    {
        var one = TLanes.Broadcast(1);
        o = TLanes.Add(one, TLanes.Exp2(o));
        var exponential = TLanes.Exp2(TLanes.Multiply(c, TLanes.Broadcast(PackedWeights.CellFactor)));
        var denominator = TLanes.Add(one, exponential);
        var numerator = TLanes.Subtract(one, exponential);
        var reciprocal = TLanes.Reciprocal(TLanes.Multiply(o, denominator));
        if (!TTape.Keeps)
            return TLanes.Multiply(numerator, reciprocal);

        var output = TLanes.Multiply(reciprocal, denominator);
        var tanh = TLanes.Multiply(numerator, TLanes.Multiply(reciprocal, o));
        TLanes.Store(tape + 3 * state, output);
        TLanes.Store(tape + 4 * state, tanh);
        return TLanes.Multiply(output, tanh);
    }
}

/// <summary>Whether a forward chunk writes the tape: a type argument, so that each case is compiled for itself.</summary>
internal interface ITapeMode
{
    static abstract bool Keeps { get; }
}

internal readonly struct KeepTape : ITapeMode
{
    public static bool Keeps => true;
}

internal readonly struct NoTape : ITapeMode
{
    public static bool Keeps => false;
}
