using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Modules;

/// <summary>Data views of a few short traces whose labels follow from them, and ways to score them.</summary>
internal static class TinyTraces
{
    public const int Samples = 12,
        Channels = 2,
        Targets = 2;

    public sealed class Row
    {
        public float[] Features { get; set; } = [];

        public float[] Label { get; set; } = [];

        public float[] Beside { get; set; } = [0];
    }

    /// <summary>Uniform traces; the labels are the first channel's mean and the second channel's last sample.</summary>
    public static Row[] Rows(int count, int seed = 1, int samples = Samples)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ =>
                {
                    float[] trace = [.. Enumerable.Range(0, samples * Channels).Select(_ => (2 * random.NextSingle()) - 1)];
                    return new Row { Features = trace, Label = [trace.Where((_, i) => i % Channels == 0).Average(), trace[^1]] };
                }),
        ];
    }

    public static IDataView View(IEnumerable<Row> rows, int samples = Samples)
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, samples, Channels);
        definition["Label"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Targets);
        definition["Beside"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 1);
        return new MLContext(1).Data.LoadFromEnumerable([.. rows], definition);
    }

    /// <summary>The same with numbers beside each trace.</summary>
    public static IDataView View(Row[] rows, float[][] beside)
    {
        for (var i = 0; i < rows.Length; i++)
            rows[i].Beside = beside[i];
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Samples, Channels);
        definition["Label"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Targets);
        definition["Beside"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, beside[0].Length);
        return new MLContext(1).Data.LoadFromEnumerable(rows, definition);
    }

    public static byte[] Export(ITransformer transformer, IDataView rows) => OnnxExporter.Export([transformer], rows.Schema, ["Score"]);

    public static float[] Score(ITransformer transformer, IDataView rows)
    {
        var scored = transformer.Transform(rows);
        var scores = new List<float>();
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        var getter = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        VBuffer<float> buffer = default;
        while (cursor.MoveNext())
        {
            getter(ref buffer);
            scores.AddRange(buffer.DenseValues());
        }

        return [.. scores];
    }

    /// <summary>What libtorch makes of the rows: the computation that the transformer's graph has to agree with.</summary>
    public static float[] Libtorch(TorchModuleTransformer transformer, IReadOnlyList<Row> rows, TraceLayout layout)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var input = tensor(Features(rows), [rows.Count, Samples, Channels]);
        if (layout == TraceLayout.ChannelsSamples)
            input = input.transpose(1, 2).contiguous();
        return TensorMemory.Copy(transformer.Module.call(input).contiguous());
    }

    public static float[] Run(byte[] onnx, float[] input, params long[] shape) => Run(onnx, "Features", "Score", input, shape);

    public static float[] Run(byte[] onnx, string inputName, string outputName, float[] input, params long[] shape)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(onnx, settings);
        using var value = OrtValue.CreateTensorValueFromMemory(input, shape);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [inputName], [value], [outputName]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public static float[] Features(IEnumerable<Row> rows) => [.. rows.SelectMany(r => r.Features)];

    public static double MeanSquaredError(float[] scores, IEnumerable<Row> rows) =>
        scores.Zip(rows.SelectMany(r => r.Label), (s, l) => ((double)s - l) * ((double)s - l)).Average();

    /// <summary>Agreement relative to the largest number, or to 1 where all are smaller.</summary>
    public static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = 1f;
        foreach (var value in expected)
            scale = Math.Max(scale, Math.Abs(value));
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * scale, $"number {i}: expected {expected[i]}, found {actual[i]}");
    }
}
