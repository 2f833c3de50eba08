using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>Reads and writes the native memory of contiguous float tensors on the CPU, without a libtorch call.</summary>
/// <remarks>
/// TorchSharp wraps every number handed to a tensor operation in a Scalar that a garbage collection may finalise
/// while libtorch still reads it. Moving numbers through memory avoids the wrapper altogether.
/// </remarks>
internal static class TensorMemory
{
    /// <summary>The tensor's values; the caller keeps <paramref name="tensor"/> alive while it uses them.</summary>
    /// <exception cref="ArgumentException">The tensor is not a contiguous float tensor.</exception>
    public static Span<float> Values(Tensor tensor)
    {
        if (tensor.dtype != ScalarType.Float32 || !tensor.is_contiguous())
            throw new ArgumentException(
                $"found a {tensor.dtype} tensor of shape [{string.Join(", ", tensor.shape)}]; expected contiguous Float32",
                nameof(tensor)
            );
        return MemoryMarshal.Cast<byte, float>(tensor.bytes);
    }

    /// <summary>A copy of the tensor's values.</summary>
    public static float[] Copy(Tensor tensor)
    {
        var copy = Values(tensor).ToArray();
        GC.KeepAlive(tensor);
        return copy;
    }

    /// <summary>A copy of the memory of a contiguous tensor of any type, for a checkpoint.</summary>
    public static byte[] CopyBytes(Tensor tensor)
    {
        var copy = Bytes(tensor).ToArray();
        GC.KeepAlive(tensor);
        return copy;
    }

    /// <summary>Overwrites the memory of a contiguous tensor of any type.</summary>
    public static void FillBytes(Tensor tensor, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Bytes(tensor));
        GC.KeepAlive(tensor);
    }

    /// <summary>Overwrites the tensor's values.</summary>
    public static void Fill(Tensor tensor, ReadOnlySpan<float> values)
    {
        values.CopyTo(Values(tensor));
        GC.KeepAlive(tensor);
    }

    private static Span<byte> Bytes(Tensor tensor) =>
        tensor.is_contiguous()
            ? tensor.bytes
            : throw new ArgumentException(
                $"found a tensor of shape [{string.Join(", ", tensor.shape)}] that is not contiguous; expected one that is",
                nameof(tensor)
            );
}
