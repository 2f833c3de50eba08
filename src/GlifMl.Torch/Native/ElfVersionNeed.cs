using System.Buffers.Binary;
using System.Text;

namespace GlifMl.Torch;

/// <summary>Edits the symbol-version requirements of a 64-bit little-endian ELF library.</summary>
internal static class ElfVersionNeed
{
    // Field offsets and constants: System V ABI, ELF-64 object file format, and the Linux Standard Base's symbol versioning chapter.
    private const uint ElfMagic = 0x464c457f;
    private const byte Class64 = 2;
    private const byte LittleEndian = 1;
    private const uint SectionVersionNeed = 0x6ffffffe;
    private const ushort FlagWeak = 2;

    /// <summary>Marks every requirement on <paramref name="version"/> weak, so that the loader accepts a library without it.</summary>
    /// <returns>Whether anything was changed.</returns>
    public static bool Weaken(Span<byte> image, string version)
    {
        if (image.Length < 64 || UInt32(image, 0) != ElfMagic || image[4] != Class64 || image[5] != LittleEndian)
            return false;

        var sections = (int)UInt64(image, 40);
        int sectionSize = UInt16(image, 58),
            sectionCount = UInt16(image, 60);
        var changed = false;
        for (var section = 0; section < sectionCount; section++)
        {
            var header = sections + section * sectionSize;
            if (UInt32(image, header + 4) != SectionVersionNeed)
                continue;
            var linkedHeader = sections + (int)UInt32(image, header + 40) * sectionSize;
            var strings = (int)UInt64(image, linkedHeader + 24);
            changed |= WeakenSection(image, (int)UInt64(image, header + 24), (int)UInt32(image, header + 44), strings, version);
        }

        return changed;
    }

    private static bool WeakenSection(Span<byte> image, int need, int needCount, int strings, string version)
    {
        var changed = false;
        for (var n = 0; n < needCount; n++, need += (int)UInt32(image, need + 12))
        {
            var auxiliary = need + (int)UInt32(image, need + 8);
            for (var a = UInt16(image, need + 2); a > 0; a--, auxiliary += (int)UInt32(image, auxiliary + 12))
            {
                var name = image[(strings + (int)UInt32(image, auxiliary + 8))..];
                if (!string.Equals(Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]), version, StringComparison.Ordinal))
                    continue;
                var flags = image[(auxiliary + 4)..];
                BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(UInt16(flags, 0) | FlagWeak));
                changed = true;
            }
        }

        return changed;
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
