using System.Globalization;
using System.Text;
using GlifMl.Onnx;
using GlifMl.Pipelines;
using Parquet;
using Parquet.Schema;

namespace GlifMl;

/// <summary>
/// Scores as a file: <c>source, trace</c>, one column a parameter (SI units, NaN where none was read), <c>status, reason</c>, and those of
/// <see cref="UncertaintyColumns"/> where the model has a posterior, and of an ensemble <c>C_spread</c>, ....
/// CSV, Parquet or JSON by the name's ending.
/// </summary>
internal static class ScoreFile
{
    private const int BufferBytes = 1 << 16;

    // Of a Parquet file: what is in memory before it is written, some megabytes.
    private const int RowsAGroup = 1 << 12;

    /// <summary>Refuses an ending that has no format, before anything is scored.</summary>
    /// <exception cref="ArgumentException">The ending is none of .csv, .parquet, .json.</exception>
    public static void RequireFormat(string path)
    {
        if (Path.GetExtension(path) is not (".csv" or ".parquet" or ".json"))
            throw new ArgumentException($"--out {path}: found ending '{Path.GetExtension(path)}'; expected .csv, .parquet or .json");
    }

    /// <summary>
    /// Writes scores as they come: no more than some thousands of rows are in memory. The file appears whole or not at all.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Which columns there are.</param>
    /// <param name="rows">The scores; gone through once.</param>
    /// <exception cref="ArgumentException">The ending is none of .csv, .parquet, .json.</exception>
    public static void Write(string path, ScoreColumns columns, IEnumerable<ScoredTrace> rows)
    {
        RequireFormat(path);
        switch (Path.GetExtension(path))
        {
            case ".csv":
                WriteText(path, text => WriteCsv(text, columns, rows));
                break;
            case ".json":
                WriteText(path, text => WriteJson(text, columns, rows));
                break;
            default:
                OutputFile.Write(path, stream => WriteParquet(stream, columns, rows).GetAwaiter().GetResult());
                break;
        }
    }

    /// <summary>Writes the scores as one JSON array, ending with a line feed: also what <c>--json</c> prints.</summary>
    public static void WriteJson(TextWriter text, ScoreColumns columns, IEnumerable<ScoredTrace> rows)
    {
        foreach (var _ in AlsoAsJson(text, columns, rows)) { }
    }

    /// <summary>Writes scores as <see cref="WriteJson"/> does while they are gone through.</summary>
    public static IEnumerable<ScoredTrace> AlsoAsJson(TextWriter text, ScoreColumns columns, IEnumerable<ScoredTrace> rows)
    {
        var isFirst = true;
        foreach (var row in rows)
        {
            text.Write(isFirst ? "[\n  " : ",\n  ");
            // Strings hold no line feeds: they are escaped.
            text.Write(Json.ToText(ToJson(columns, row)).TrimEnd().ReplaceLineEndings("\n  "));
            isFirst = false;
            yield return row;
        }

        text.Write(isFirst ? "[]\n" : "\n]\n");
    }

    private static Dictionary<string, object?> ToJson(ScoreColumns columns, ScoredTrace row)
    {
        var entry = new Dictionary<string, object?> { ["source"] = row.Source, ["trace"] = row.Trace };
        for (var k = 0; k < columns.Parameters.Count; k++)
            entry.Add(columns.Parameters[k], float.IsFinite(row.Answer.Parameters[k]) ? row.Answer.Parameters[k] : null);
        entry.Add("status", CheckedAnswer.Word(row.Answer.Status));
        entry.Add("reason", Reason(row));
        foreach (var (name, value) in columns.Beyond.Zip(columns.Values(row)))
            entry.Add(name, double.IsFinite(value) ? value : null);
        if (row.Notes.Count > 0)
            entry.Add("notes", row.Notes);
        if (row.Stimulus.Length > 0)
            entry.Add("stimulus", row.Stimulus);
        if (row.Measures is { } tells)
            entry.Add("measures", tells);
        if (row.OutOfRange.Count > 0)
        {
            entry.Add(
                "range",
                row.OutOfRange.Select(m => new
                {
                    statistic = m.Statistic,
                    unit = m.Unit,
                    value = m.Value,
                    trainingMean = m.Training.Mean,
                    deviations = m.Deviations,
                    outside = m.IsOutside,
                })
            );
        }

        return entry;
    }

    // UTF-8 without a byte order mark.
    private static void WriteText(string path, Action<TextWriter> write) =>
        OutputFile.Write(
            path,
            stream =>
            {
                using var text = new StreamWriter(stream, bufferSize: BufferBytes, leaveOpen: true) { NewLine = "\n" };
                write(text);
            }
        );

    private static void WriteCsv(TextWriter text, ScoreColumns columns, IEnumerable<ScoredTrace> rows)
    {
        var line = new StringBuilder()
            .AppendJoin(',', ["source", "trace", .. columns.Parameters, "status", "reason", .. columns.Beyond])
            .Append('\n');
        text.Write(line);
        foreach (var row in rows)
        {
            line.Clear()
                .Append(Quoted(row.Source))
                .Append(',')
                .Append(row.Trace.ToString(CultureInfo.InvariantCulture))
                .Append(',')
                .AppendJoin(',', row.Answer.Parameters.Select(p => p.ToString("R", CultureInfo.InvariantCulture)))
                .Append(',')
                .Append(CheckedAnswer.Word(row.Answer.Status))
                .Append(',')
                .Append(Quoted(Reason(row)));
            if (columns.Beyond.Count > 0)
                line.Append(',').AppendJoin(',', columns.Values(row).Select(Single));
            text.Write(line.Append('\n'));
        }
    }

    // As many digits as the model gives.
    private static string Single(double value) => ((float)value).ToString("R", CultureInfo.InvariantCulture);

    private static string Reason(ScoredTrace row) => string.Join("; ", row.Answer.Reasons);

    // RFC 4180, section 2, rules 6 and 7.
    internal static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task WriteParquet(Stream stream, ScoreColumns columns, IEnumerable<ScoredTrace> all)
    {
        var (source, trace) = (new DataField<string>("source", nullable: false), new DataField<long>("trace", nullable: false));
        var values = columns.Parameters.Select(p => new DataField<double>(p, nullable: false)).ToArray();
        var (status, reason) = (new DataField<string>("status", nullable: false), new DataField<string>("reason", nullable: false));
        var more = columns.Beyond.Select(name => new DataField<double>(name, nullable: false)).ToArray();
        var schema = new ParquetSchema([source, trace, .. values, status, reason, .. more]);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream);
        foreach (var rows in all.Chunk(RowsAGroup))
            await WriteGroup(rows);

        async Task WriteGroup(ScoredTrace[] rows)
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(source, rows.Select(r => r.Source).ToArray());
            await group.WriteAsync<long>(trace, rows.Select(r => r.Trace).ToArray());
            for (var k = 0; k < values.Length; k++)
                await group.WriteAsync<double>(values[k], rows.Select(r => (double)r.Answer.Parameters[k]).ToArray());
            await group.WriteAsync(status, rows.Select(r => CheckedAnswer.Word(r.Answer.Status)).ToArray());
            await group.WriteAsync(reason, rows.Select(Reason).ToArray());
            double[][] uncertainty = more.Length > 0 ? [.. rows.Select(row => columns.Values(row).ToArray())] : [];
            for (var k = 0; k < more.Length; k++)
                await group.WriteAsync<double>(more[k], Array.ConvertAll(uncertainty, row => row[k]));
            group.CompleteValidate();
        }
    }
}

/// <summary>Which columns scores have.</summary>
/// <param name="Parameters">Names of the parameters, as in Allen configs.</param>
/// <param name="Uncertainty">Those of <see cref="UncertaintyColumns"/>; none for a model without a posterior.</param>
internal sealed record ScoreColumns(IReadOnlyList<string> Parameters, IReadOnlyList<string> Uncertainty)
{
    /// <summary>How far an ensemble's networks lie apart, <c>C_spread</c>; none for a model of one network.</summary>
    public IReadOnlyList<string> Spread { get; init; } = [];

    /// <summary>All behind status and reason.</summary>
    public IReadOnlyList<string> Beyond => field ??= [.. Uncertainty, .. Spread];

    /// <summary>The columns of a model.</summary>
    public static ScoreColumns Of(OnnxModelInfo info)
    {
        string[] names = [.. info.Parameters.Select(p => p.Name)];
        return new(names, info.Posterior is null ? [] : UncertaintyColumns.Names(names))
        {
            Spread = info.Members > 1 ? [.. names.Select(name => $"{name}_spread")] : [],
        };
    }

    /// <summary>A row's values, in the order of <see cref="Beyond"/>; NaN where there is none.</summary>
    public IEnumerable<double> Values(ScoredTrace row) =>
        (Uncertainty.Count > 0 ? UncertaintyColumns.Values(row) : []).Concat(
            Spread.Select((_, k) => (double)(row.Spread is { } spread && !float.IsNaN(row.Answer.Parameters[k]) ? spread[k] : float.NaN))
        );
}
