using System.Globalization;
using System.Text;
using GlifMl.Onnx;
using GlifMl.Pipelines;
using Parquet;
using Parquet.Schema;

namespace GlifMl;

/// <summary>
/// Scores as a file: <c>source, trace</c>, one column a parameter (SI units, NaN where none was read), <c>status, reason</c>, and those of
/// <see cref="UncertaintyColumns"/> where the model has a posterior. CSV, Parquet or JSON by the name's ending.
/// </summary>
internal static class ScoreFile
{
    /// <summary>Refuses an ending that has no format, before anything is scored.</summary>
    /// <exception cref="ArgumentException">The ending is none of .csv, .parquet, .json.</exception>
    public static void RequireFormat(string path)
    {
        if (Path.GetExtension(path) is not (".csv" or ".parquet" or ".json"))
            throw new ArgumentException($"--out {path}: found ending '{Path.GetExtension(path)}'; expected .csv, .parquet or .json");
    }

    /// <summary>Writes scores. The file appears whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">Names of the parameters, as in Allen configs.</param>
    /// <param name="rows">The scores.</param>
    /// <param name="hasPosterior">Whether the model has one. Default false.</param>
    /// <exception cref="ArgumentException">The ending is none of .csv, .parquet, .json.</exception>
    public static void Write(string path, IReadOnlyList<string> parameters, IReadOnlyList<ScoredTrace> rows, bool hasPosterior = false)
    {
        RequireFormat(path);
        switch (Path.GetExtension(path))
        {
            case ".csv":
                OutputFile.WriteAllText(path, Csv(parameters, rows, hasPosterior));
                break;
            case ".json":
                OutputFile.WriteAllText(path, Json.ToText(ToJson(parameters, rows, hasPosterior)));
                break;
            default:
                OutputFile.Write(path, stream => WriteParquet(stream, parameters, rows, hasPosterior).GetAwaiter().GetResult());
                break;
        }
    }

    /// <summary>The scores as one JSON array: what <c>--json</c> prints.</summary>
    public static IEnumerable<Dictionary<string, object?>> ToJson(
        IReadOnlyList<string> parameters,
        IEnumerable<ScoredTrace> rows,
        bool hasPosterior
    ) =>
        rows.Select(row =>
        {
            var entry = new Dictionary<string, object?> { ["source"] = row.Source, ["trace"] = row.Trace };
            for (var k = 0; k < parameters.Count; k++)
                entry.Add(parameters[k], float.IsFinite(row.Answer.Parameters[k]) ? row.Answer.Parameters[k] : null);
            entry.Add("status", CheckedAnswer.Word(row.Answer.Status));
            entry.Add("reason", Reason(row));
            if (hasPosterior)
            {
                foreach (var (name, value) in UncertaintyColumns.Names(parameters).Zip(UncertaintyColumns.Values(row)))
                    entry.Add(name, double.IsFinite(value) ? value : null);
            }

            if (row.Notes.Count > 0)
                entry.Add("notes", row.Notes);
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
        });

    private static string Csv(IReadOnlyList<string> parameters, IReadOnlyList<ScoredTrace> rows, bool hasPosterior)
    {
        string[] more = hasPosterior ? [.. UncertaintyColumns.Names(parameters)] : [];
        var text = new StringBuilder().AppendJoin(',', ["source", "trace", .. parameters, "status", "reason", .. more]).Append('\n');
        foreach (var row in rows)
        {
            text.Append(Quoted(row.Source))
                .Append(',')
                .Append(row.Trace.ToString(CultureInfo.InvariantCulture))
                .Append(',')
                .AppendJoin(',', row.Answer.Parameters.Select(p => p.ToString("R", CultureInfo.InvariantCulture)))
                .Append(',')
                .Append(CheckedAnswer.Word(row.Answer.Status))
                .Append(',')
                .Append(Quoted(Reason(row)));
            if (hasPosterior)
                text.Append(',')
                    .AppendJoin(',', UncertaintyColumns.Values(row).Select(v => ((float)v).ToString("R", CultureInfo.InvariantCulture)));
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Reason(ScoredTrace row) => string.Join("; ", row.Answer.Reasons);

    // RFC 4180, section 2, rules 6 and 7.
    internal static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task WriteParquet(
        Stream stream,
        IReadOnlyList<string> parameters,
        IReadOnlyList<ScoredTrace> rows,
        bool hasPosterior
    )
    {
        var (source, trace) = (new DataField<string>("source", nullable: false), new DataField<long>("trace", nullable: false));
        var values = parameters.Select(p => new DataField<double>(p, nullable: false)).ToArray();
        var (status, reason) = (new DataField<string>("status", nullable: false), new DataField<string>("reason", nullable: false));
        DataField<double>[] more = hasPosterior
            ? [.. UncertaintyColumns.Names(parameters).Select(name => new DataField<double>(name, nullable: false))]
            : [];
        var schema = new ParquetSchema([source, trace, .. values, status, reason, .. more]);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync(source, rows.Select(r => r.Source).ToArray());
        await group.WriteAsync<long>(trace, rows.Select(r => r.Trace).ToArray());
        for (var k = 0; k < values.Length; k++)
            await group.WriteAsync<double>(values[k], rows.Select(r => (double)r.Answer.Parameters[k]).ToArray());
        await group.WriteAsync(status, rows.Select(r => CheckedAnswer.Word(r.Answer.Status)).ToArray());
        await group.WriteAsync(reason, rows.Select(Reason).ToArray());
        double[][] uncertainty = hasPosterior ? [.. rows.Select(row => UncertaintyColumns.Values(row).ToArray())] : [];
        for (var k = 0; k < more.Length; k++)
            await group.WriteAsync<double>(more[k], Array.ConvertAll(uncertainty, row => row[k]));
        group.CompleteValidate();
    }
}
