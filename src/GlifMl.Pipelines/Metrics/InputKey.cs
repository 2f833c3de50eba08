using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GlifMl.Pipelines;

/// <summary>Tells model inputs apart: two traces have one key if, and but for a collision of SHA-256's first 128 bits only if, they are equal to the bit.</summary>
/// <param name="Value">The first 128 bits of the SHA-256 over all channels.</param>
public readonly record struct InputKey(UInt128 Value)
{
    /// <summary>The key of an input.</summary>
    /// <param name="channels">Its channels, one after the other.</param>
    public static InputKey Of(params ReadOnlySpan<ReadOnlyMemory<float>> channels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var channel in channels)
            hash.AppendData(MemoryMarshal.AsBytes(channel.Span));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new InputKey(MemoryMarshal.Read<UInt128>(digest));
    }
}
