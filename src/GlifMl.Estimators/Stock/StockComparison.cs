using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Estimators;

/// <summary>A step beside its nodes: whether both answer alike, to all rows together and to each alone.</summary>
internal sealed class StockComparison(ITransformer step, StockConversion conversion, IDataView? sample)
{
    // A wrong conversion errs by a thousandth and more; sums in another order by some millionths of the greatest term.
    private const double Tolerance = 1e-4;
    private const int RowsOfAKind = 24;
    private const int SampledRows = 64;
    private const int RowsAlone = 4;

    /// <summary>Where the two differ, as a clause; null where they do not.</summary>
    public string? Difference()
    {
        try
        {
            using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var session = new InferenceSession(Graph(), options);
            return Probes().Select(rows => Difference(session, rows)).FirstOrDefault(difference => difference is not null);
        }
        catch (Exception e) when (e is OnnxRuntimeException or NotSupportedException)
        {
            return $"its graph does not run: {e.Message.Split('\n')[0]}";
        }
    }

    /// <summary>What the step answers in process to a row of one number.</summary>
    public float[] Answer(float fill) =>
        InProcess([
            [.. conversion.Inputs.Select(c => Enumerable.Repeat(fill, NumberColumn.Size(c.Type)).ToArray())],
        ])[0];

    /// <summary>The factor by which all answers of the step are greater than those of its nodes; null where there is none.</summary>
    public float? Factor()
    {
        using var session = new InferenceSession(Graph());
        var rows = Random(scale: 1, missing: 0).Take(RowsOfAKind).ToList();
        var (expected, actual) = (InProcess(rows)[0], Scores(session, rows)[0]);
        double[] factors = [.. expected.Zip(actual, (e, a) => (double)e / a).Where(double.IsFinite)];
        return factors.Length > 0 && factors.Max() - factors.Min() <= Tolerance * Math.Abs(factors.Average())
            ? (float)factors.Average()
            : null;
    }

    private string? Difference(InferenceSession session, IReadOnlyList<float[][]> rows)
    {
        if (rows.Count == 0)
            return null;
        var expected = InProcess(rows);
        if (Difference(expected, Scores(session, rows), "") is { } together)
            return together;
        for (var i = 0; i < Math.Min(RowsAlone, rows.Count); i++)
        {
            var size = expected.Select(e => e.Length / rows.Count).ToArray();
            float[][] one = [.. expected.Select((e, k) => e[(i * size[k])..((i + 1) * size[k])])];
            if (Difference(one, Scores(session, [rows[i]]), " of a row alone") is { } alone)
                return alone;
        }

        return null;
    }

    private string? Difference(float[][] expected, float[][] actual, string rows)
    {
        for (var k = 0; k < expected.Length; k++)
        {
            var column = conversion.Columns[k];
            var size = NumberColumn.Size(column.Type);
            if (expected[k].Length != actual[k].Length)
                return Invariant.Text(
                    $"its graph gives {actual[k].Length} numbers for {expected[k].Length} in column '{column.Name}'{rows}"
                );
            for (var i = 0; i < expected[k].Length; i++)
            {
                var (e, a) = (expected[k][i], actual[k][i]);
                if (e.Equals(a) || Math.Abs((double)e - a) <= Tolerance * Greatest(expected[k], i % size, size))
                    continue;
                return Invariant.Text($"its graph gives {a} for {e} in slot {i % size} of column '{column.Name}'{rows}");
            }
        }

        return null;
    }

    // The greatest finite number of a slot, at least 1: what a sum of many terms errs by is a fraction of that.
    private static double Greatest(float[] values, int slot, int size)
    {
        var greatest = 1.0;
        for (var i = slot; i < values.Length; i += size)
        {
            if (float.IsFinite(values[i]))
                greatest = Math.Max(greatest, Math.Abs(values[i]));
        }

        return greatest;
    }

    private byte[] Graph()
    {
        var graph = new OnnxGraph();
        var inputs = conversion.Inputs.ToDictionary(
            c => c.Name,
            c => new OnnxValue(
                graph.Input(c.Name, OnnxElementType.Single, OnnxDim.Batch, NumberColumn.Size(c.Type)),
                NumberColumn.Size(c.Type)
            )
        );
        foreach (var (value, k) in conversion.Nodes(graph, inputs).Select((v, k) => (v, k)))
            graph.Output(Output(k), value.Name, [OnnxDim.Batch, .. value.Dims]);
        return graph.ToBytes();
    }

    private static string Output(int column) => Invariant.Text($"column {column}");

    private float[][] InProcess(IReadOnlyList<float[][]> rows)
    {
        var output = step.Transform(new ProbeView(conversion.Inputs, rows));
        return [.. conversion.Columns.Select(c => NumberColumn.Read(output, c.Name).SelectMany(row => row).ToArray())];
    }

    private float[][] Scores(InferenceSession session, IReadOnlyList<float[][]> rows)
    {
        int[] read = [.. Enumerable.Range(0, conversion.Inputs.Count).Where(k => session.InputNames.Contains(conversion.Inputs[k].Name))];
        var inputs = Array.ConvertAll(
            read,
            k =>
                OrtValue.CreateTensorValueFromMemory<float>(
                    [.. rows.SelectMany(row => row[k])],
                    [rows.Count, NumberColumn.Size(conversion.Inputs[k].Type)]
                )
        );
        using var run = new RunOptions();
        using var outputs = session.Run(
            run,
            [.. read.Select(k => conversion.Inputs[k].Name)],
            inputs,
            [.. conversion.Columns.Select((_, k) => Output(k))]
        );
        float[][] scores = [.. outputs.Select(o => o.GetTensorDataAsSpan<float>().ToArray())];
        Array.ForEach(inputs, i => i.Dispose());
        return scores;
    }

    /// <summary>Small, middling and great numbers, some missing, whole ones, rows of one number, and those of the sample.</summary>
    private IEnumerable<IReadOnlyList<float[][]>> Probes()
    {
        if (conversion.Inputs.Count == 0)
            yield break;
        foreach (var scale in new[] { 1f, 0.01f, 100f })
            yield return [.. Random(scale, missing: 0).Take(RowsOfAKind)];
        yield return [.. Random(1, missing: 0.15).Take(RowsOfAKind)];
        yield return
        [
            .. Random(3, missing: 0).Take(RowsOfAKind).Select(row => Array.ConvertAll(row, c => Array.ConvertAll(c, MathF.Round))),
        ];
        yield return [Row(0), Row(1)];
        yield return Sampled();
    }

    private float[][] Row(float fill) => [.. conversion.Inputs.Select(c => Enumerable.Repeat(fill, NumberColumn.Size(c.Type)).ToArray())];

    private IEnumerable<float[][]> Random(float scale, double missing)
    {
        var random = new Random(17);
        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));
        float Number(DataViewType item) =>
            item is KeyDataViewType key ? random.Next((int)Math.Min(key.Count, int.MaxValue - 1) + 1)
            : item.RawType == typeof(bool) ? random.Next(2)
            : item.RawType != typeof(float) && item.RawType != typeof(double) ? random.Next(100)
            : random.NextDouble() < missing ? float.NaN
            : scale * Normal();
        while (true)
        {
            yield return
            [
                .. conversion.Inputs.Select(c =>
                    Enumerable.Range(0, NumberColumn.Size(c.Type)).Select(_ => Number(NumberColumn.Item(c.Type))).ToArray()
                ),
            ];
        }
    }

    private List<float[][]> Sampled()
    {
        if (sample is null)
            return [];
        using var cursor = sample.GetRowCursor(conversion.Inputs.Select(c => sample.Schema[c.Name]));
        Func<float[]>[] read = [.. conversion.Inputs.Select(c => NumberColumn.Of(c.Type).Reader(cursor, sample.Schema[c.Name]))];
        var rows = new List<float[][]>();
        while (rows.Count < SampledRows && cursor.MoveNext())
            rows.Add(Array.ConvertAll(read, r => r()));
        return rows;
    }
}
