using GlifMl.Estimators;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Tests.Estimators;

/// <summary>Small views of traces and labels, and what a fitted chain makes of them, in process and through OnnxRuntime.</summary>
internal static class TraceRows
{
    public const string Trace = "Trace",
        Label = "Label",
        Output = "Output";

    public static IDataView View(TraceShape shape, params float[][] traces) =>
        View(shape, traces, [.. traces.Select(_ => new float[] { 0 })]);

    public static IDataView View(TraceShape shape, float[][] traces, float[][] labels)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Trace)].ColumnType = shape.Type;
        schema[nameof(Row.Label)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, labels[0].Length);
        return new MLContext(1).Data.LoadFromEnumerable(traces.Zip(labels, (t, l) => new Row { Trace = t, Label = l }).ToArray(), schema);
    }

    /// <summary>The column in process, after asserting that OnnxRuntime gives the same for all rows in one batch.</summary>
    public static List<float[]> Scores(ITransformer fitted, IDataView data, string output = Output, double tolerance = 1e-5)
    {
        var scores = Onnx.TestRows.Read(fitted.Transform(data), output);
        AssertClose(scores, Run(OnnxExporter.Export([fitted], data.Schema, [output]), data, output), tolerance);
        return scores;
    }

    /// <summary>Runs a graph on all rows in one batch.</summary>
    public static List<float[]> Run(byte[] onnx, IDataView data, string output)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var session = new InferenceSession(onnx, options);
        using var run = new RunOptions();
        var names = session.InputMetadata.Keys.ToArray();
        var inputs = Array.ConvertAll(names, name => Tensor(data, name));
        using var outputs = session.Run(run, names, inputs, [output]);
        var flat = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        var rows = (int)outputs[0].GetTensorTypeAndShape().Shape[0];
        Array.ForEach(inputs, i => i.Dispose());
        return [.. flat.Chunk(flat.Length / rows)];
    }

    /// <summary>Asserts equality to a tolerance relative to the greatest number of the column, NaN equal to NaN.</summary>
    public static void AssertClose(IReadOnlyList<float[]> expected, IReadOnlyList<float[]> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var k = 0; k < expected[0].Length; k++)
        {
            var scale = expected.Max(row => float.IsNaN(row[k]) ? 0 : Math.Abs(row[k]));
            for (var i = 0; i < expected.Count; i++)
            {
                var (e, a) = (expected[i][k], actual[i][k]);
                Assert.True(
                    (float.IsNaN(e) && float.IsNaN(a)) || e == a || Math.Abs((double)e - a) <= tolerance * scale,
                    $"row {i}, slot {k}: {e:R} in process, {a:R} through ONNX"
                );
            }
        }
    }

    private static OrtValue Tensor(IDataView data, string name)
    {
        if (data.Schema[name].Type is VectorDataViewType)
        {
            var rows = Onnx.TestRows.Read(data, name);
            return OrtValue.CreateTensorValueFromMemory<float>([.. rows.SelectMany(r => r)], [rows.Count, rows[0].Length]);
        }

        if (data.Schema[name].Type == NumberDataViewType.Double)
        {
            double[] doubles = [.. data.GetColumn<double>(name)];
            return OrtValue.CreateTensorValueFromMemory(doubles, [doubles.Length, 1]);
        }

        float[] scalars = [.. data.GetColumn<float>(name)];
        return OrtValue.CreateTensorValueFromMemory(scalars, [scalars.Length, 1]);
    }

    private sealed class Row
    {
        public float[] Trace { get; set; } = [];

        public float[] Label { get; set; } = [];
    }
}
