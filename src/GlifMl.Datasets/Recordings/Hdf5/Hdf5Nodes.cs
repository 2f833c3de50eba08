using System.Runtime.InteropServices;
using PureHDF;
using PureHDF.Selections;
using PureHDF.VOL.Native;

namespace GlifMl.Datasets;

/// <summary>
/// Questions to the nodes of an HDF5 file: what is missing is null, and what is of another type, or longer than a name or a number may
/// be, is missing.
/// </summary>
internal static class Hdf5Nodes
{
    // A list of names or of references, one a sweep: no file comes near it.
    private const ulong MostElements = 1 << 16;

    // The address of an object is what a reference to it holds.
    private const int ReferenceBytes = 8;

    /// <summary>A node below another; null where there is none, or where a link leads nowhere.</summary>
    public static T? Find<T>(this IH5Group group, string path)
        where T : class, IH5Object => group.LinkExists(path) ? group.Get(path) as T : null;

    /// <summary>The groups in a group, by name; none where there is no such group.</summary>
    public static IEnumerable<IH5Group> Groups(this IH5Group group, string path) =>
        group.Find<IH5Group>(path)?.Children().OfType<IH5Group>() ?? [];

    /// <summary>A text in an attribute; null where there is none.</summary>
    public static string? Text(this IH5Object node, string attribute) =>
        node.AttributeExists(attribute) && node.Attribute(attribute) is var found && IsText(found.Type) && Count(found.Space) >= 1
            ? First(found.Space.Rank == 0 ? [found.Read<string>()] : found.Read<string[]>())
            : null;

    /// <summary>All texts in an attribute; none where there are none.</summary>
    public static string[] Texts(this IH5Object node, string attribute) =>
        node.AttributeExists(attribute) && node.Attribute(attribute) is var found && IsText(found.Type) && Count(found.Space) >= 1
            ? found.Space.Rank == 0
                ? [found.Read<string>()]
                : found.Read<string[]>()
            : [];

    /// <summary>A text in a dataset; null where there is none.</summary>
    public static string? TextOf(this IH5Group group, string path) =>
        group.Find<IH5Dataset>(path) is { } found && IsText(found.Type) && Count(found.Space) >= 1 && RequireInFile(found) is not null
            ? First(found.Space.Rank == 0 ? [found.Read<string>()] : found.Read<string[]>())
            : null;

    /// <summary>A number in an attribute; null where there is none.</summary>
    public static double? Number(this IH5Object node, string attribute)
    {
        if (!node.AttributeExists(attribute) || node.Attribute(attribute) is not { } found || Count(found.Space) < 1)
            return null;
        return Kind(found.Type) switch
        {
            (true, 4, _) => found.Read<float[]>()[0],
            (true, 8, _) => found.Read<double[]>()[0],
            (false, 1, true) => found.Read<sbyte[]>()[0],
            (false, 1, false) => found.Read<byte[]>()[0],
            (false, 2, true) => found.Read<short[]>()[0],
            (false, 2, false) => found.Read<ushort[]>()[0],
            (false, 4, true) => found.Read<int[]>()[0],
            (false, 4, false) => found.Read<uint[]>()[0],
            (false, 8, true) => found.Read<long[]>()[0],
            (false, 8, false) => found.Read<ulong[]>()[0],
            _ => null,
        };
    }

    /// <summary>A number in a dataset; null where there is none.</summary>
    public static double? NumberOf(this IH5Group group, string path) =>
        group.Find<IH5Dataset>(path) is { } found && Count(found.Space) >= 1 && IsNumber(found.Type)
            ? Values(found, found.Space.Rank == 0 ? null : new HyperslabSelection(found.Space.Rank, Zeros(found), Ones(found)), 1)[0]
            : null;

    /// <summary>Whether a dataset holds numbers that are read.</summary>
    public static bool IsNumber(IH5DataType type) => Kind(type) is (true, 4 or 8, _) or (false, 1 or 2 or 4 or 8, _);

    /// <summary>How a type is called in a message.</summary>
    public static string Described(IH5DataType type) =>
        type.Class switch
        {
            H5DataTypeClass.FloatingPoint => $"floating-point numbers of {type.Size} bytes",
            H5DataTypeClass.FixedPoint => $"integers of {type.Size} bytes",
            H5DataTypeClass.String => "text",
            _ => type.Class.ToString(),
        };

    /// <summary>How many elements there are; 0 where they are too many for a list.</summary>
    public static ulong Count(IH5Dataspace space)
    {
        if (space.Type == H5DataspaceType.Null)
            return 0;
        ulong count = 1;
        foreach (var dimension in space.Dimensions)
        {
            if (dimension > MostElements || (count *= dimension) > MostElements)
                return 0;
        }
        return count;
    }

    /// <summary>Reads numbers of a dataset of one dimension, or of one column.</summary>
    public static double[] Values(this IH5Dataset dataset, long first, int count)
    {
        var starts = Zeros(dataset);
        var blocks = Ones(dataset);
        (starts[0], blocks[0]) = ((ulong)first, (ulong)count);
        return Values(dataset, new HyperslabSelection(dataset.Space.Rank, starts, blocks), count);
    }

    /// <summary>The references in a column; none where there is no such column.</summary>
    public static NativeObjectReference1[] References(this IH5Group group, string path) =>
        group.Find<IH5Dataset>(path) is { Type: { Class: H5DataTypeClass.Reference, Size: ReferenceBytes } } found
        && Count(found.Space) >= 1
            ? RequireInFile(found).Read<NativeObjectReference1[]>()
            : [];

    /// <summary>The references to stretches of series in a column; none where there is no such column.</summary>
    public static TimeSeriesReference[] SeriesReferences(this IH5Group group, string path) =>
        group.Find<IH5Dataset>(path) is { Type.Class: H5DataTypeClass.Compound } found
        && Count(found.Space) >= 1
        && found.Type.Compound.Members.Select(member => (member.Name, member.Type.Size)).SequenceEqual(TimeSeriesReference.Members)
            ? RequireInFile(found).Read<TimeSeriesReference[]>()
            : [];

    /// <summary>The whole numbers of a list; none where there is no such list.</summary>
    public static long[] Integers(this IH5Group group, string path) =>
        group.Find<IH5Dataset>(path) is { Space.Rank: 1, Type.Class: H5DataTypeClass.FixedPoint } found
        && Count(found.Space) is >= 1 and var count
            ? Array.ConvertAll(found.Values(0, (int)count), value => (long)value)
            : [];

    private static double[] Values(IH5Dataset dataset, Selection? selection, int count)
    {
        RequireInFile(dataset);
        var values = Kind(dataset.Type) switch
        {
            (true, 4, _) => Widened<float>(v => v),
            (true, 8, _) => dataset.Read<double[]>(selection),
            (false, 1, true) => Widened<sbyte>(v => v),
            (false, 1, false) => Widened<byte>(v => v),
            (false, 2, true) => Widened<short>(v => v),
            (false, 2, false) => Widened<ushort>(v => v),
            (false, 4, true) => Widened<int>(v => v),
            (false, 4, false) => Widened<uint>(v => v),
            (false, 8, true) => Widened<long>(v => v),
            (false, 8, false) => Widened<ulong>(v => v),
            _ => throw new InvalidDataException(Described(dataset.Type)),
        };
        return values.Length == count ? values : throw new InvalidDataException($"{values.Length} values for {count}");

        double[] Widened<T>(Converter<T, double> widen) => Array.ConvertAll(dataset.Read<T[]>(selection), widen);
    }

    // PureHDF makes room for whole chunks, and for as many bytes as a type says.
    private static IH5Dataset RequireInFile(IH5Dataset dataset)
    {
        LimitedStream.RequireInFile(dataset.Type.Size, isPacked: false, "an element");
        if (dataset.Layout is { Class: H5DataLayoutClass.Chunked, Chunks: { } chunks })
            LimitedStream.RequireInFile(
                chunks.Aggregate((double)dataset.Type.Size, (bytes, length) => bytes * length),
                isPacked: true,
                "a chunk"
            );
        return dataset;
    }

    private static ulong[] Zeros(IH5Dataset dataset) => new ulong[dataset.Space.Rank];

    private static ulong[] Ones(IH5Dataset dataset) => [.. Enumerable.Repeat(1UL, dataset.Space.Rank)];

    private static string? First(string[] texts) => texts is [{ } first, ..] ? first.TrimEnd('\0', ' ') : null;

    private static bool IsText(IH5DataType type) =>
        type.Class == H5DataTypeClass.String
        || (
            type.Class == H5DataTypeClass.VariableLength
            && type.VariableLength.BaseType.Class is H5DataTypeClass.String or H5DataTypeClass.FixedPoint
        );

    private static (bool IsFloat, int Bytes, bool IsSigned) Kind(IH5DataType type) =>
        type.Class switch
        {
            H5DataTypeClass.FloatingPoint => (true, type.Size, true),
            H5DataTypeClass.FixedPoint => (false, type.Size, type.FixedPoint.IsSigned),
            _ => (false, 0, false),
        };
}

/// <summary>A stretch of a series, as the table of intracellular recordings refers to it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSeriesReference
{
    /// <summary>The members that it must have in a file.</summary>
    public static readonly (string Name, int Size)[] Members = [("idx_start", 4), ("count", 4), ("timeseries", 8)];

    /// <summary>The first sample; -1 where there is none.</summary>
    [H5Name("idx_start")]
    public int First;

    /// <summary>How many samples; -1 where there are none.</summary>
    [H5Name("count")]
    public int Count;

    /// <summary>The series.</summary>
    [H5Name("timeseries")]
    public NativeObjectReference1 Series;
}
