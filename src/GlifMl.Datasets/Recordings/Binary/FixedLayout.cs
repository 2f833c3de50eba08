using System.Buffers.Binary;
using System.Text;

namespace GlifMl.Datasets;

/// <summary>Numbers and texts at fixed places of a block of bytes, in the byte order of the machine that wrote it.</summary>
/// <param name="Bytes">The block.</param>
/// <param name="IsBigEndian">Whether the highest byte of a number comes first. Default: false.</param>
internal readonly record struct FixedLayout(byte[] Bytes, bool IsBigEndian = false)
{
    public short Int16(int at) =>
        IsBigEndian ? BinaryPrimitives.ReadInt16BigEndian(At(at)) : BinaryPrimitives.ReadInt16LittleEndian(At(at));

    public int Int32(int at) => IsBigEndian ? BinaryPrimitives.ReadInt32BigEndian(At(at)) : BinaryPrimitives.ReadInt32LittleEndian(At(at));

    public long Int64(int at) => IsBigEndian ? BinaryPrimitives.ReadInt64BigEndian(At(at)) : BinaryPrimitives.ReadInt64LittleEndian(At(at));

    public float Single(int at) =>
        IsBigEndian ? BinaryPrimitives.ReadSingleBigEndian(At(at)) : BinaryPrimitives.ReadSingleLittleEndian(At(at));

    public double Double(int at) =>
        IsBigEndian ? BinaryPrimitives.ReadDoubleBigEndian(At(at)) : BinaryPrimitives.ReadDoubleLittleEndian(At(at));

    /// <summary>A text of at most so many bytes, up to its first zero.</summary>
    public string Text(int at, int bytes)
    {
        var text = At(at)[..bytes];
        return Encoding.Latin1.GetString(text.IndexOf((byte)0) is >= 0 and var end ? text[..end] : text).Trim();
    }

    private ReadOnlySpan<byte> At(int at) => Bytes.AsSpan(at);
}
