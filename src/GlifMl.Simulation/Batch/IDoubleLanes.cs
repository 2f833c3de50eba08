using System.Numerics;

namespace GlifMl.Simulation;

/// <summary>
/// Doubles in SIMD lanes, one trace a lane. The one batch kernel is written against this; each width is a few lines. No operation
/// fuses or reorders, so every width gives the bits of the exact simulator.
/// </summary>
internal interface IDoubleLanes<T>
    : IAdditionOperators<T, T, T>,
        ISubtractionOperators<T, T, T>,
        IMultiplyOperators<T, T, T>,
        IDivisionOperators<T, T, T>
    where T : struct, IDoubleLanes<T>
{
    static abstract int Count { get; }

    static abstract T Broadcast(double value);

    static abstract T Load(ref readonly double first);

    static abstract void Store(T lanes, ref double first);

    /// <summary>Stores the lanes rounded to single precision.</summary>
    static abstract void Store(T lanes, ref float first);

    /// <summary>All bits set in the lanes where a is greater than b; no bit where either is NaN.</summary>
    static abstract T IsGreater(T a, T b);

    static abstract T And(T a, T b);

    /// <summary>The one value where the bits of the mask are set, the other elsewhere.</summary>
    static abstract T Select(T mask, T ifSet, T otherwise);

    /// <summary>One bit a lane: the mask's sign bits.</summary>
    static abstract uint Bits(T mask);
}
