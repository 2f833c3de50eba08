using System.Globalization;
using System.Text;
using GlifMl.Onnx;
using GlifMl.Pipelines;
using Parquet;
using Parquet.Schema;

namespace GlifMl;

/// <summary>
/// Draws from posteriors as a file, a row a draw: <c>source, trace, draw</c>, then a column a parameter in SI units. A trace that was not
/// read has no draws.
/// </summary>
internal static class DrawFile
{
    // Of a Parquet file: what is in memory before it is written, some megabytes.
    private const int DrawsAGroup = 1 << 15;

    /// <summary>Refuses a model that has nothing to draw from.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Its file.</param>
    /// <exception cref="InvalidDataException">It gives parameters alone.</exception>
    public static void RequirePosterior(OnnxModel model, string path)
    {
        if (model.Info.Posterior is null)
            throw new InvalidDataException($"model '{path}': {OnnxModel.NoPosterior}");
    }

    /// <summary>Draws.</summary>
    /// <param name="rows">The scores.</param>
    /// <param name="draws">Draws of each trace.</param>
    /// <param name="seed">The same seed draws the same, whatever other traces there are before.</param>
    public static IEnumerable<PosteriorDraw> Draw(IEnumerable<ScoredTrace> rows, int draws, int seed)
    {
        foreach (var row in rows)
        {
            if (row.Posterior is not { } posterior || row.Answer.Status == AnswerStatus.NotRead)
                continue;
            var values = posterior.Draw(draws, unchecked((seed * 1_000_003) + (int)row.Trace));
            for (var draw = 0; draw < draws; draw++)
                yield return new PosteriorDraw(
                    row.Source,
                    row.Trace,
                    draw,
                    [.. Enumerable.Range(0, values.GetLength(1)).Select(k => values[draw, k])]
                );
        }
    }

    /// <summary>Writes draws. The file appears whole or not at all.</summary>
    /// <param name="path">The file: .csv, .parquet or .json.</param>
    /// <param name="parameters">Names of the parameters, as in Allen configs.</param>
    /// <param name="draws">The draws; gone through once.</param>
    public static void Write(string path, IReadOnlyList<string> parameters, IEnumerable<PosteriorDraw> draws)
    {
        ScoreFile.RequireFormat(path);
        switch (Path.GetExtension(path))
        {
            case ".csv":
                OutputFile.Write(
                    path,
                    stream =>
                    {
                        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                        WriteCsv(text, parameters, draws);
                    }
                );
                break;
            case ".json":
                OutputFile.WriteAllText(path, Json.ToText(ToJson(parameters, draws)));
                break;
            default:
                OutputFile.Write(path, stream => WriteParquet(stream, parameters, draws).GetAwaiter().GetResult());
                break;
        }
    }

    /// <summary>The draws as one JSON array: what <c>--json</c> prints.</summary>
    public static IEnumerable<Dictionary<string, object>> ToJson(IReadOnlyList<string> parameters, IEnumerable<PosteriorDraw> draws) =>
        draws.Select(draw =>
        {
            var entry = new Dictionary<string, object>
            {
                ["source"] = draw.Source,
                ["trace"] = draw.Trace,
                ["draw"] = draw.Draw,
            };
            foreach (var (name, value) in parameters.Zip(draw.Parameters))
                entry.Add(name, value);
            return entry;
        });

    /// <summary>Writes the draws as text.</summary>
    public static void WriteCsv(TextWriter text, IReadOnlyList<string> parameters, IEnumerable<PosteriorDraw> draws)
    {
        var line = new StringBuilder("source,trace,draw,").AppendJoin(',', parameters).Append('\n');
        text.Write(line);
        foreach (var draw in draws)
        {
            line.Clear()
                .Append(ScoreFile.Quoted(draw.Source))
                .Append(CultureInfo.InvariantCulture, $",{draw.Trace},{draw.Draw},")
                .AppendJoin(',', draw.Parameters.Select(p => p.ToString("R", CultureInfo.InvariantCulture)))
                .Append('\n');
            text.Write(line);
        }
    }

    private static async Task WriteParquet(Stream stream, IReadOnlyList<string> parameters, IEnumerable<PosteriorDraw> all)
    {
        var source = new DataField<string>("source", nullable: false);
        var (trace, number) = (new DataField<long>("trace", nullable: false), new DataField<int>("draw", nullable: false));
        var values = parameters.Select(p => new DataField<double>(p, nullable: false)).ToArray();
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema([source, trace, number, .. values]), stream);
        foreach (var draws in all.Chunk(DrawsAGroup))
            await WriteGroup(draws);

        async Task WriteGroup(PosteriorDraw[] draws)
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(source, draws.Select(d => d.Source).ToArray());
            await group.WriteAsync<long>(trace, draws.Select(d => d.Trace).ToArray());
            await group.WriteAsync<int>(number, draws.Select(d => d.Draw).ToArray());
            for (var k = 0; k < values.Length; k++)
                await group.WriteAsync<double>(values[k], draws.Select(d => d.Parameters[k]).ToArray());
            group.CompleteValidate();
        }
    }
}

/// <summary>One draw from a trace's posterior.</summary>
/// <param name="Source">The file that the trace comes from.</param>
/// <param name="Trace">Its number in the file.</param>
/// <param name="Draw">From 0.</param>
/// <param name="Parameters">In the model's order, SI units.</param>
internal sealed record PosteriorDraw(string Source, long Trace, int Draw, IReadOnlyList<double> Parameters);
