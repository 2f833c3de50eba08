namespace GlifMl.Datasets;

/// <summary>The one place that words what is wrong with a file: what was found, what was expected, where, and what to do.</summary>
internal static class DatasetErrors
{
    private const string MakeAgain = "delete it to make it again, or choose another --data";

    public static DirectoryNotFoundException NoDirectory(string path) => new($"{path}: found no such folder; expected one with shards");

    public static FileNotFoundException NoFile(string path, string what) => new($"{path}: found no such file; expected {what}", path);

    public static InvalidDataException NoShards(string path) => new($"{path}: found no *.parquet file; expected shards");

    public static InvalidDataException MissingShards(string path, int found, int expected, string firstMissing) =>
        new($"{path}: found {found} of {expected} shards; expected all, of which {firstMissing} is the first missing: generate the rest");

    public static InvalidDataException NotParquet(string path, Exception cause) =>
        new($"{path}: found a truncated or damaged file; expected a whole Parquet file ({OneLine(cause.Message)})", cause);

    public static InvalidDataException NotHdf5(string path, Exception cause) =>
        new($"{path}: found a truncated or damaged file; expected a whole HDF5 file ({OneLine(cause.Message)})", cause);

    public static InvalidDataException UnknownHdf5(string path, Exception cause) =>
        new(
            $"{path}: found HDF5 of a kind that is not read ({OneLine(cause.Message)}); "
                + "expected little-endian numbers, as they are or packed with deflate",
            cause
        );

    public static InvalidDataException NotHdf5(string path, string cause) =>
        new($"{path}: found a truncated or damaged file; expected a whole HDF5 file ({cause})");

    public static InvalidDataException ShardUnderOtherName(string path, ShardMetadata found, string expected) =>
        new($"{path}: found shard {found.ShardIndex} of {found.ShardCount} under this name; expected {expected}");

    /// <summary>Whether an exception already is one of these lines, rather than what a parser ran into.</summary>
    public static bool IsWorded(Exception e, string path) =>
        e is InvalidDataException && e.Message.StartsWith(path, StringComparison.Ordinal);

    public static InvalidDataException NotAShard(string path) =>
        new($"{path}: found a Parquet file without glifml metadata; expected a shard");

    public static InvalidDataException SchemaVersion(string path, string found, int expected) =>
        new($"{path}: found shard schema version {Quoted.Text(found)}; expected {expected}");

    public static InvalidDataException FooterValue(string path, string key, string found) =>
        new($"{path}: found {found} for {key} in the footer; expected a value");

    public static InvalidDataException NoRows(string path) => new($"{path}: found no rows; expected at least one");

    public static InvalidDataException MissingColumn(string path, string column) =>
        new($"{path}: found no column {column}; expected it in every shard");

    public static InvalidDataException ColumnType(string path, string column, string found, string expected) =>
        new($"{path}: found column {Quoted.Text(column)} of type {found}; expected {expected}");

    public static InvalidDataException RaggedColumn(string path, int group, string column, int expected) =>
        new($"{path}: found rows of different length in column {Quoted.Text(column)}, row group {group}; expected {expected} samples each");

    public static InvalidDataException ColumnLength(string path, int group, string column, long found, int expected) =>
        new($"{path}: found {found} values in column {Quoted.Text(column)}, row group {group}; expected {expected}, one a row");

    public static InvalidDataException OtherSchema(string path, ShardSchema found, string firstPath, ShardSchema expected) =>
        new($"{path}: found {found}; expected {expected} as in {firstPath}");

    public static InvalidDataException OtherDefinition(string path, string found, string firstPath, string expected) =>
        new($"{path}: found definition {ShortHash.Of(found)}; expected {ShortHash.Of(expected)} as in {firstPath}");

    public static InvalidDataException ShardWithoutChecksum(string path, string checksumPath) =>
        new($"{path}: found no {Path.GetFileName(checksumPath)} beside it; expected the checksum written with the shard: {MakeAgain}");

    /// <summary>A note, no error: other programs write no checksum.</summary>
    public static string NoChecksum(string path) =>
        $"{path}: found no SHA-256 of it, neither beside it nor in {Manifest.FileName}; read unchecked";

    public static InvalidDataException BadChecksumFile(string path) =>
        new(
            $"{path}: found other text; expected one line of SHA-256 and file name: "
                + "delete it and its shard to make them again, or choose another --data"
        );

    public static InvalidDataException CorruptShard(string path, string found, string expected) =>
        new($"{path}: found SHA-256 {ShortHash.Of(found)}; expected {ShortHash.Of(expected)}: the shard is corrupt; {MakeAgain}");

    public static InvalidDataException AnotherShard(string path, string found, string expected) =>
        new(
            $"{path}: found a shard of SHA-256 {ShortHash.Of(found)} that appeared meanwhile; expected {ShortHash.Of(expected)}: "
                + "another run writes another dataset here; choose another --data"
        );

    public static InvalidDataException ForeignShard(string path, string what, string found, string expected) =>
        new($"{path}: found {what} {found}; expected {expected}: the shard belongs to another dataset; {MakeAgain}");

    public static InvalidDataException ForeignFooter(string path, ShardMetadata found, ShardMetadata expected) =>
        ForeignShard(path, "a footer of", Words(found), Words(expected));

    public static InvalidDataException ForeignFile(string path, string expected) =>
        new($"{path}: found another Parquet file; expected {expected}: it belongs to another dataset; {MakeAgain}");

    public static InvalidDataException ForeignManifest(string path, string found, string expected) =>
        new(
            $"{path}: found a manifest of definition {ShortHash.Of(found)}; expected {ShortHash.Of(expected)}: "
                + $"the folder belongs to another dataset; {MakeAgain}"
        );

    public static InvalidDataException BadManifest(string path, string cause) => new($"{path}: found {cause}; expected a dataset manifest");

    public static InvalidDataException OtherShards(string path, string found, string expected) =>
        new($"{path}: found a manifest of {found}; expected {expected}, as the shards beside it: glifml generate writes it again");

    private static string Words(ShardMetadata footer) =>
        $"shard {footer.ShardIndex} of {footer.ShardCount} of split {Quoted.Text(footer.Split)}, from trace {footer.FirstTrace} on, "
        + $"at {Quoted.Text(footer.SamplingRate)}";

    /// <summary>A parser quotes what it has found, whatever that is.</summary>
    private static string OneLine(string message) =>
        Quoted.Text(string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.'), most: 200);
}
