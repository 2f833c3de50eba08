using System.Text;

namespace GlifMl.Datasets;

/// <summary>
/// Names a file that is not text by its first bytes, so that who gave a recorder's own file, or a packed one, is told so.
/// </summary>
internal static class BinaryFormat
{
    public const string Hdf5 = "an HDF5 file (NWB?)";
    public const string Abf1 = "an Axon binary file (ABF1)";
    public const string Abf2 = "an Axon binary file (ABF2)";
    public const string Igor = "an Igor binary wave (.ibw)";

    private const int HeadBytes = 4096;

    // Part of the bytes of one parity that are zero in UTF-16 text of a western language: nearly all; in binary data: far from it.
    private const double ZerosOfUtf16 = 0.7;

    private static readonly (byte[] Magic, string Name)[] Magics =
    [
        ([0x89, .. "HDF\r\n\x1a\n"u8], Hdf5),
        ([.. "ABF2"u8], Abf2),
        ([.. "ABF "u8], Abf1),
        ([.. "PAR1"u8], "a Parquet file"),
        ([0x1F, 0x8B], "a gzip file"),
        ([.. "PK\u0003\u0004"u8], "a ZIP archive (a workbook, NumPy's .npz?)"),
        ([.. "BZh"u8], "a bzip2 file"),
        ([0xFD, .. "7zXZ"u8], "an xz file"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file"),
        ([.. "7z"u8, 0xBC, 0xAF], "a 7-Zip archive"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an Excel workbook (.xls)"),
        ([.. "MATLAB 7.3 MAT-file"u8], "a MATLAB file (version 7.3, HDF5)"),
        ([.. "MATLAB "u8], "a MATLAB file"),
        ([0x93, .. "NUMPY"u8], "a NumPy file (.npy)"),
        ([.. "ARROW1"u8], "an Arrow file"),
        ([.. "CDF\u0001"u8], "a NetCDF file"),
        ([.. "CDF\u0002"u8], "a NetCDF file"),
        ([.. "TDSm"u8], "a LabVIEW file (TDMS)"),
        ([.. "DAT1"u8], "a HEKA file"),
        ([.. "DAT2"u8], "a HEKA file"),
        ([.. "AxGr"u8], "an AxoGraph file"),
        ([.. "axgx"u8], "an AxoGraph file"),
        ([.. "SQLite format 3"u8], "an SQLite database"),
        ([.. "%PDF"u8], "a PDF document"),
        ([0x89, .. "PNG"u8], "a PNG image"),
    ];

    /// <summary>What a file is where it is not text; null where it is.</summary>
    /// <param name="path">A file that is there.</param>
    public static string? Of(string path)
    {
        using var file = File.OpenRead(path);
        // A device or a pipe cannot be read twice: it is text, or refused where that is read.
        if (!file.CanSeek)
            return null;
        var head = new byte[HeadBytes];
        return Of(head.AsSpan(0, file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)));
    }

    /// <summary>What the bytes are where they are not text; null where they are.</summary>
    /// <param name="head">The first bytes of a file.</param>
    public static string? Of(ReadOnlySpan<byte> head)
    {
        foreach (var (magic, name) in Magics)
        {
            if (head.StartsWith(magic))
                return name;
        }
        // HDF5 may be preceded by a block of the user's own, of 512 bytes or a power of two times that.
        for (var offset = 512; offset < head.Length; offset *= 2)
        {
            if (head[offset..].StartsWith(Magics[0].Magic))
                return Magics[0].Name;
        }
        if (!head.Contains((byte)0) || Utf16(head) is not null)
            return null;
        return IsIgor(head) ? Igor : "a binary file";
    }

    /// <summary>Which UTF-16 (or UTF-32) the bytes are, by their mark or by where their zeros lie; null where they are neither.</summary>
    public static Encoding? Utf16(ReadOnlySpan<byte> head)
    {
        switch (head)
        {
            case [0xFF, 0xFE, 0, 0, ..]:
                return Encoding.UTF32;
            case [0xFF, 0xFE, ..]:
                return Encoding.Unicode;
            case [0xFE, 0xFF, ..]:
                return Encoding.BigEndianUnicode;
        }
        Span<int> zeros = [0, 0];
        for (var i = 0; i < head.Length; i++)
            zeros[i % 2] += head[i] == 0 ? 1 : 0;
        var enough = ZerosOfUtf16 * (head.Length / 2);
        return (zeros[0], zeros[1]) switch
        {
            (0, > 0 and var odd) when odd >= enough => Encoding.Unicode,
            (> 0 and var even, 0) when even >= enough => Encoding.BigEndianUnicode,
            _ => null,
        };
    }

    // The header of a wave begins with its version, 2 or 5 in all files of this century, in the byte order of the machine that wrote it.
    private static bool IsIgor(ReadOnlySpan<byte> head) => head is [2 or 5, 0, ..] or [0, 2 or 5, ..];
}
