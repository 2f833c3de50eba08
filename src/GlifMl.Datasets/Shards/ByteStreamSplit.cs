using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GlifMl.Datasets;

/// <summary>
/// Parquet's encoding BYTE_STREAM_SPLIT of floats: the first bytes of all values, then the second ones, and so on, so that what is alike
/// stands together.
/// </summary>
/// <remarks>https://parquet.apache.org/docs/file-format/data-pages/encodings/</remarks>
internal static class ByteStreamSplit
{
    /// <summary>Puts the values together again.</summary>
    /// <param name="streams">The bytes, four for each value.</param>
    /// <param name="values">Receives the values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(ReadOnlySpan<byte> streams, Span<float> values)
    {
        var count = values.Length;
        if (streams.Length != (long)count * sizeof(float))
            throw new ArgumentException($"found {streams.Length} bytes; expected four for each of {count} values", nameof(streams));
        var bytes = MemoryMarshal.AsBytes(values);
        var done = 0;
        if ((Sse2.IsSupported || AdvSimd.Arm64.IsSupported) && BitConverter.IsLittleEndian)
        {
            ref var from = ref MemoryMarshal.GetReference(streams);
            ref var to = ref MemoryMarshal.GetReference(bytes);
            for (; done <= count - Vector128<byte>.Count; done += Vector128<byte>.Count)
            {
                var first = Vector128.LoadUnsafe(ref from, (nuint)done);
                var second = Vector128.LoadUnsafe(ref from, (nuint)count + (nuint)done);
                var third = Vector128.LoadUnsafe(ref from, 2 * (nuint)count + (nuint)done);
                var fourth = Vector128.LoadUnsafe(ref from, 3 * (nuint)count + (nuint)done);
                var (lowPairs, lowRest) = (Low(first, second).AsUInt16(), Low(third, fourth).AsUInt16());
                var (highPairs, highRest) = (High(first, second).AsUInt16(), High(third, fourth).AsUInt16());
                var place = sizeof(float) * (nuint)done;
                Low(lowPairs, lowRest).AsByte().StoreUnsafe(ref to, place);
                High(lowPairs, lowRest).AsByte().StoreUnsafe(ref to, place + 16);
                Low(highPairs, highRest).AsByte().StoreUnsafe(ref to, place + 32);
                High(highPairs, highRest).AsByte().StoreUnsafe(ref to, place + 48);
            }
        }
        for (; done < count; done++)
        {
            var bits = streams[done] | streams[count + done] << 8 | streams[2 * count + done] << 16 | streams[3 * count + done] << 24;
            values[done] = BitConverter.Int32BitsToSingle(bits);
        }
    }

    // a0 b0 a1 b1 and so on, from the lower halves or the higher ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Low(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> High(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Low(Vector128<ushort> a, Vector128<ushort> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> High(Vector128<ushort> a, Vector128<ushort> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
}
