namespace GlifMl.Simulation;

/// <summary>One lane: plain doubles, for machines without vectors and as the reference of the other widths.</summary>
internal readonly struct DoubleLanes64(double value) : IDoubleLanes<DoubleLanes64>
{
    private readonly double _value = value;

    public static int Count => 1;

    private long AsBits => BitConverter.DoubleToInt64Bits(_value);

    public static DoubleLanes64 operator +(DoubleLanes64 a, DoubleLanes64 b) => new(a._value + b._value);

    public static DoubleLanes64 operator -(DoubleLanes64 a, DoubleLanes64 b) => new(a._value - b._value);

    public static DoubleLanes64 operator *(DoubleLanes64 a, DoubleLanes64 b) => new(a._value * b._value);

    public static DoubleLanes64 operator /(DoubleLanes64 a, DoubleLanes64 b) => new(a._value / b._value);

    public static DoubleLanes64 Broadcast(double value) => new(value);

    public static DoubleLanes64 Load(ref readonly double first) => new(first);

    public static void Store(DoubleLanes64 lanes, ref double first) => first = lanes._value;

    public static void Store(DoubleLanes64 lanes, ref float first) => first = (float)lanes._value;

    public static DoubleLanes64 IsGreater(DoubleLanes64 a, DoubleLanes64 b) => Mask(a._value > b._value ? -1 : 0);

    public static DoubleLanes64 And(DoubleLanes64 a, DoubleLanes64 b) => Mask(a.AsBits & b.AsBits);

    public static DoubleLanes64 Select(DoubleLanes64 mask, DoubleLanes64 ifSet, DoubleLanes64 otherwise) =>
        mask.AsBits < 0 ? ifSet : otherwise;

    public static uint Bits(DoubleLanes64 mask) => mask.AsBits < 0 ? 1u : 0u;

    private static DoubleLanes64 Mask(long bits) => new(BitConverter.Int64BitsToDouble(bits));
}
