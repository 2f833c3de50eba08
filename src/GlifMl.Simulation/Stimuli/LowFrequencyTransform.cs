using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GlifMl.Simulation;

/// <summary>
/// The inverse Fourier transformation, unscaled, of a spectrum whose frequencies are all below a 64th of the points: radix 2, decimation in
/// time, bit for bit what that gives when each butterfly is computed alone.
/// </summary>
/// <remarks>
/// Such a spectrum, in the order of reversed bits, has two numbers in each block of 64, the first and the last. What six of the thirteen
/// stages make of the others, zeros, is known; the remaining ones run butterflies in SIMD lanes, two stages in one pass over the memory.
/// Where each trace has noise of its own this takes as long as simulating it.
/// </remarks>
internal static class LowFrequencyTransform
{
    public const int Points = 8192;

    /// <summary>Points of a block with two numbers in it.</summary>
    private const int Block = 64;

    private const int Blocks = Points / Block,
        BlockBits = 7;

    /// <summary>Points whose stages are done before the next ones' are begun: 16 KB, half of a first-level cache.</summary>
    private const int CachedPoints = 1024;

    /// <summary>[stage] e^(i pi k / half), k below half = 2^stage.</summary>
    private static readonly Roots[] Stages = [.. Enumerable.Range(0, 13).Select(stage => new Roots(1 << stage))];

    /// <summary>[block] the frequency whose number is a block's first.</summary>
    private static readonly int[] Frequencies = [.. Enumerable.Range(0, Blocks).Select(Reversed)];

    /// <summary>e^(2 pi i turns).</summary>
    public static Complex Turn(double turns)
    {
        var (sin, cos) = Math.SinCos(2 * Math.PI * turns);
        return new Complex(cos, sin);
    }

    /// <summary>Transforms, in the widest lanes that the machine has.</summary>
    /// <param name="positive">[f] the spectrum at f, fewer than a 64th of the points, of which 0 is not used.</param>
    /// <param name="negative">[f] the spectrum at -f, as many.</param>
    /// <param name="real">[<see cref="Points"/>] receives the real parts.</param>
    /// <param name="imaginary">[<see cref="Points"/>] receives the imaginary parts.</param>
    public static void Invert(ReadOnlySpan<Complex> positive, ReadOnlySpan<Complex> negative, Span<double> real, Span<double> imaginary)
    {
        if (Vector512.IsHardwareAccelerated)
            Invert<DoubleLanes512>(positive, negative, real, imaginary);
        else if (Vector256.IsHardwareAccelerated)
            Invert<DoubleLanes256>(positive, negative, real, imaginary);
        else if (Vector128.IsHardwareAccelerated)
            Invert<DoubleLanes128>(positive, negative, real, imaginary);
        else
            Invert<DoubleLanes64>(positive, negative, real, imaginary);
    }

    // This and what it calls are compiled in full at the first call, as the simulator's kernel is.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Invert<T>(
        ReadOnlySpan<Complex> positive,
        ReadOnlySpan<Complex> negative,
        Span<double> real,
        Span<double> imaginary
    )
        where T : struct, IDoubleLanes<T>
    {
        for (var start = 0; start < Points; start += CachedPoints)
        {
            var re = real.Slice(start, CachedPoints);
            var im = imaginary.Slice(start, CachedPoints);
            for (var at = 0; at < CachedPoints; at += Block)
            {
                var f = Frequencies[(start + at) / Block];
                StartBlock<T>(Number(positive, f), Number(negative, Blocks - f), re.Slice(at, Block), im.Slice(at, Block));
            }
            TwoStages<T>(Block, re, im);
            TwoStages<T>(4 * Block, re, im);
        }
        TwoStages<T>(CachedPoints, real, imaginary);
        LastStage<T>(real, imaginary);
    }

    private static Complex Number(ReadOnlySpan<Complex> spectrum, int f) => f > 0 && f < spectrum.Length ? spectrum[f] : Complex.Zero;

    private static int Reversed(int block)
    {
        var reversed = 0;
        for (var bit = 0; bit < BlockBits; bit++)
            reversed |= (block >> bit & 1) << (BlockBits - 1 - bit);
        return reversed;
    }

    /// <summary>The first six stages of a block with its first and its last number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StartBlock<T>(Complex first, Complex last, Span<double> real, Span<double> imaginary)
        where T : struct, IDoubleLanes<T>
    {
        if (last == Complex.Zero)
        {
            real.Fill(first.Real);
            imaginary.Fill(first.Imaginary);
            return;
        }
        // Zeros change no sum: the last number makes the odd halves of all stages, the first one the even half of the sixth.
        const int half = Block / 2;
        var odd = real[half..];
        var oddImaginary = imaginary[half..];
        (odd[0], odd[1], oddImaginary[0], oddImaginary[1]) = (last.Real, -last.Real, last.Imaginary, -last.Imaginary);
        for (var h = 2; h < half; h *= 2)
        {
            if (h < T.Count)
                Spread<DoubleLanes64>(Complex.Zero, h, odd, oddImaginary, odd, oddImaginary);
            else
                Spread<T>(Complex.Zero, h, odd, oddImaginary, odd, oddImaginary);
        }
        Spread<T>(first, half, odd, oddImaginary, real, imaginary);
    }

    /// <summary>A stage's butterflies whose even half is one number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread<T>(
        Complex even,
        int half,
        Span<double> oddReal,
        Span<double> oddImaginary,
        Span<double> real,
        Span<double> imaginary
    )
        where T : struct, IDoubleLanes<T>
    {
        var roots = Stages[BitOperations.Log2((uint)half)].Memory(half);
        var from = new ComplexMemory(oddReal[..half], oddImaginary[..half]);
        var to = new ComplexMemory(real[..(2 * half)], imaginary[..(2 * half)]);
        var lanes = new ComplexLanes<T>(T.Broadcast(even.Real), T.Broadcast(even.Imaginary));
        for (var k = 0; k < half; k += T.Count)
        {
            var turned = ComplexLanes<T>.Load(in from, k) * ComplexLanes<T>.Load(in roots, k);
            (lanes + turned).Store(in to, k);
            (lanes - turned).Store(in to, half + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoStages<T>(int half, Span<double> real, Span<double> imaginary)
        where T : struct, IDoubleLanes<T>
    {
        var near = Stages[BitOperations.Log2((uint)half)].Memory(half);
        var far = Stages[BitOperations.Log2((uint)half) + 1].Memory(2 * half);
        var memory = new ComplexMemory(real, imaginary);
        for (var block = 0; block < real.Length; block += 4 * half)
        {
            for (var k = 0; k < half; k += T.Count)
            {
                var (p0, p1, p2, p3) = (block + k, block + half + k, block + 2 * half + k, block + 3 * half + k);
                var root = ComplexLanes<T>.Load(in near, k);
                var x0 = ComplexLanes<T>.Load(in memory, p0);
                var x1 = ComplexLanes<T>.Load(in memory, p1) * root;
                var x2 = ComplexLanes<T>.Load(in memory, p2);
                var x3 = ComplexLanes<T>.Load(in memory, p3) * root;
                var (y0, y1) = (x0 + x1, x0 - x1);
                var y2 = (x2 + x3) * ComplexLanes<T>.Load(in far, k);
                var y3 = (x2 - x3) * ComplexLanes<T>.Load(in far, half + k);
                (y0 + y2).Store(in memory, p0);
                (y1 + y3).Store(in memory, p1);
                (y0 - y2).Store(in memory, p2);
                (y1 - y3).Store(in memory, p3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LastStage<T>(Span<double> real, Span<double> imaginary)
        where T : struct, IDoubleLanes<T>
    {
        const int half = Points / 2;
        var roots = Stages[^1].Memory(half);
        var memory = new ComplexMemory(real[..Points], imaginary[..Points]);
        for (var k = 0; k < half; k += T.Count)
        {
            var even = ComplexLanes<T>.Load(in memory, k);
            var odd = ComplexLanes<T>.Load(in memory, half + k) * ComplexLanes<T>.Load(in roots, k);
            (even + odd).Store(in memory, k);
            (even - odd).Store(in memory, half + k);
        }
    }

    /// <summary>e^(i pi k / half), k below half.</summary>
    private sealed class Roots
    {
        private readonly double[] _real;
        private readonly double[] _imaginary;

        public Roots(int half)
        {
            Complex[] roots = [.. Enumerable.Range(0, half).Select(k => Turn((double)(k * (Points / (2 * half))) / Points))];
            (_real, _imaginary) = ([.. roots.Select(root => root.Real)], [.. roots.Select(root => root.Imaginary)]);
        }

        public ComplexMemory Memory(int count) => new(_real.AsSpan(0, count), _imaginary.AsSpan(0, count));
    }

    /// <summary>Complex numbers in SIMD lanes. Products and sums stay apart, as in <see cref="Complex"/>: fused, they round.</summary>
    private readonly struct ComplexLanes<T>(T real, T imaginary)
        where T : struct, IDoubleLanes<T>
    {
        private readonly T _real = real;
        private readonly T _imaginary = imaginary;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ComplexLanes<T> operator +(ComplexLanes<T> a, ComplexLanes<T> b) =>
            new(a._real + b._real, a._imaginary + b._imaginary);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ComplexLanes<T> operator -(ComplexLanes<T> a, ComplexLanes<T> b) =>
            new(a._real - b._real, a._imaginary - b._imaginary);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ComplexLanes<T> operator *(ComplexLanes<T> a, ComplexLanes<T> root) =>
            new(a._real * root._real - a._imaginary * root._imaginary, a._imaginary * root._real + a._real * root._imaginary);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ComplexLanes<T> Load(ref readonly ComplexMemory memory, int at) =>
            new(T.Load(in Unsafe.Add(ref memory.Real, at)), T.Load(in Unsafe.Add(ref memory.Imaginary, at)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store(ref readonly ComplexMemory memory, int at)
        {
            T.Store(_real, ref Unsafe.Add(ref memory.Real, at));
            T.Store(_imaginary, ref Unsafe.Add(ref memory.Imaginary, at));
        }
    }

    /// <summary>Complex numbers, real and imaginary parts apart. Their number is seen to before the loops.</summary>
    private readonly ref struct ComplexMemory(Span<double> real, Span<double> imaginary)
    {
        public readonly ref double Real = ref MemoryMarshal.GetReference(real);
        public readonly ref double Imaginary = ref MemoryMarshal.GetReference(imaginary);
    }
}
