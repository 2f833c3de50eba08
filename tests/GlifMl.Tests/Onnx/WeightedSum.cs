using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Onnx;

/// <summary>
/// The smallest transformer with everything in it: output = trace * gain + offset + 2 * gain, over a vector and two scalars.
/// </summary>
internal class WeightedSum(DataViewSchema schema, int size, string output = "Sum", string trace = "Trace")
    : OnnxExportableTransformer(
        schema,
        [trace, "Gain", "Offset"],
        output,
        new VectorDataViewType(NumberDataViewType.Single, size),
        SlotNames([.. Enumerable.Range(0, size).Select(i => $"s{i}")])
    )
{
    protected override RowMap CreateMap() =>
        (inputs, sum) =>
        {
            for (var i = 0; i < sum.Length; i++)
                sum[i] = inputs[0][i] * inputs[1][0] + (inputs[2][0] + 2 * inputs[1][0]);
        };

    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var shift = graph.Node("Add", [inputs[2].Name, graph.Node("Mul", [inputs[1].Name, graph.Constant(2f)])]);
        return new OnnxValue(graph.Node("Add", [graph.Node("Mul", [inputs[0].Name, inputs[1].Name]), shift]), inputs[0].Dims);
    }
}

/// <summary>The same, computed three rows at a time.</summary>
internal sealed class BatchedWeightedSum(DataViewSchema schema, int size) : WeightedSum(schema, size)
{
    protected override int BatchRows => 3;

    protected override BatchMap CreateBatchMap() =>
        (inputs, sums) =>
        {
            for (var i = 0; i < sums.Length; i++)
            {
                var row = i / OutputType.Size;
                sums[i] = inputs[0].Span[i] * inputs[1].Span[row] + (inputs[2].Span[row] + 2 * inputs[1].Span[row]);
            }
        };
}

internal static class TestRows
{
    public const int Size = 4;

    public sealed class Row
    {
        [VectorType(Size)]
        public float[] Trace { get; set; } = [];

        public float Gain { get; set; }

        public double Offset { get; set; }

        public string Cell { get; set; } = "";
    }

    public static Row[] Rows(int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new Row
                {
                    Trace = [i, i + 0.5f, -i, 1],
                    Gain = 1 + i % 3,
                    Offset = i * 0.25,
                    Cell = $"c{i % 2}",
                }),
        ];

    public static float[] Expected(Row row) => [.. row.Trace.Select(v => v * row.Gain + ((float)row.Offset + 2 * row.Gain))];

    public static List<float[]> Read(IDataView view, string column)
    {
        var rows = new List<float[]>();
        using var cursor = view.GetRowCursor([view.Schema[column]]);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema[column]);
        VBuffer<float> buffer = default;
        while (cursor.MoveNext())
        {
            getter(ref buffer);
            rows.Add([.. buffer.DenseValues()]);
        }

        return rows;
    }
}
