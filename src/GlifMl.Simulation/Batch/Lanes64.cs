namespace GlifMl.Simulation.Batch;

/// <summary>One lane: plain doubles, for machines without vectors and as the reference of the other widths.</summary>
internal readonly struct Lanes64(double value) : ILanes<Lanes64>
{
    private readonly double _value = value;

    public static int Count => 1;

    private long AsBits => BitConverter.DoubleToInt64Bits(_value);

    public static Lanes64 operator +(Lanes64 a, Lanes64 b) => new(a._value + b._value);

    public static Lanes64 operator -(Lanes64 a, Lanes64 b) => new(a._value - b._value);

    public static Lanes64 operator *(Lanes64 a, Lanes64 b) => new(a._value * b._value);

    public static Lanes64 operator /(Lanes64 a, Lanes64 b) => new(a._value / b._value);

    public static Lanes64 Broadcast(double value) => new(value);

    public static Lanes64 Load(ref readonly double first) => new(first);

    public static void Store(Lanes64 lanes, ref double first) => first = lanes._value;

    public static void Store(Lanes64 lanes, ref float first) => first = (float)lanes._value;

    public static Lanes64 IsGreater(Lanes64 a, Lanes64 b) => Mask(a._value > b._value ? -1 : 0);

    public static Lanes64 And(Lanes64 a, Lanes64 b) => Mask(a.AsBits & b.AsBits);

    public static Lanes64 Select(Lanes64 mask, Lanes64 ifSet, Lanes64 otherwise) => mask.AsBits < 0 ? ifSet : otherwise;

    public static uint Bits(Lanes64 mask) => mask.AsBits < 0 ? 1u : 0u;

    private static Lanes64 Mask(long bits) => new(BitConverter.Int64BitsToDouble(bits));
}
