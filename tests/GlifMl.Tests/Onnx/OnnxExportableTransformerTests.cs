using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Onnx;

public sealed class OnnxExportableTransformerTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Transform_ReadTwice_GivesTheSameRows()
    {
        var rows = TestRows.Rows(50);
        var view = View(rows, out _);
        Assert.Equal(rows.Select(TestRows.Expected), TestRows.Read(view, "Sum"));
        Assert.Equal(TestRows.Read(view, "Sum"), TestRows.Read(view, "Sum"));
    }

    [Fact]
    public void GetRowCursorSet_ReadInParallel_GivesEveryRowOnce()
    {
        var rows = TestRows.Rows(1000);
        var view = View(rows, out _);
        var column = view.Schema["Sum"];
        var cursors = view.GetRowCursorSet([column], 4);
        var found = new System.Collections.Concurrent.ConcurrentDictionary<long, float[]>();
        Parallel.ForEach(
            cursors,
            cursor =>
            {
                using (cursor)
                {
                    var getter = cursor.GetGetter<VBuffer<float>>(column);
                    VBuffer<float> buffer = default;
                    while (cursor.MoveNext())
                    {
                        getter(ref buffer);
                        Assert.True(
                            found.TryAdd((long)buffer.GetItemOrDefault(0) << 32 | (uint)cursor.Position, [.. buffer.DenseValues()])
                        );
                    }
                }
            }
        );
        Assert.Equal(
            rows.Select(TestRows.Expected).Select(r => string.Join(" ", r)).Order(),
            found.Values.Select(r => string.Join(" ", r)).Order()
        );
    }

    [Fact]
    public void GetRowCursor_OutputInactive_DoesNotReadInputs()
    {
        var view = View(TestRows.Rows(3), out _);
        using var cursor = view.GetRowCursor([view.Schema["Gain"]]);
        Assert.True(cursor.MoveNext());
        Assert.False(cursor.IsColumnActive(view.Schema["Sum"]));
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Sum"]));
        Assert.True(cursor.IsColumnActive(view.Schema["Gain"]));
        Assert.Same(view.Schema, cursor.Schema);
        var mapper = Transformer(TestRows.Rows(1), out var data).GetRowToRowMapper(data.Schema);
        Assert.Empty(mapper.GetDependencies([]));
        Assert.Equal(["Gain"], mapper.GetDependencies([mapper.OutputSchema["Gain"]]).Select(c => c.Name));
        Assert.Equal(["Trace", "Gain", "Offset"], mapper.GetDependencies([mapper.OutputSchema["Sum"]]).Select(c => c.Name));
    }

    [Fact]
    public void Transform_SparseInput_IsReadAsDense()
    {
        var rows = new[]
        {
            new SparseRow
            {
                Trace = new VBuffer<float>(4, 1, [5], [2]),
                Gain = 2,
                Offset = 1,
            },
            new SparseRow { Trace = new VBuffer<float>(4, [1, 2, 3, 4]), Gain = 1 },
        };
        var definition = SchemaDefinition.Create(typeof(SparseRow));
        definition["Trace"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 4);
        var data = _ml.Data.LoadFromEnumerable(rows, definition);
        Assert.Equal(
            [
                [5, 5, 15, 5],
                [3, 4, 5, 6],
            ],
            TestRows.Read(new WeightedSum(data.Schema, 4).Transform(data), "Sum")
        );
    }

    [Fact]
    public void GetOutputSchema_SlotNames_AreThere()
    {
        var view = View(TestRows.Rows(1), out _);
        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema["Sum"].GetSlotNames(ref names);
        Assert.Equal(["s0", "s1", "s2", "s3"], names.DenseValues().Select(n => n.ToString()));
    }

    [Fact]
    public void PredictionEngine_OneRow_GivesTheRow()
    {
        var rows = TestRows.Rows(4);
        var transformer = Transformer(rows, out _);
        using var engine = _ml.Model.CreatePredictionEngine<TestRows.Row, Scored>(transformer);
        Assert.Equal(TestRows.Expected(rows[3]), engine.Predict(rows[3]).Sum);
    }

    [Fact]
    public void Transform_StockOperatorsAfterwards_WorkOnTheView()
    {
        var rows = TestRows.Rows(20);
        var view = View(rows, out _);
        Assert.Equal(
            rows.Skip(5).Take(3).Select(TestRows.Expected),
            TestRows.Read(_ml.Data.TakeRows(_ml.Data.SkipRows(view, 5), 3), "Sum")
        );
        Assert.Equal(rows.Select(TestRows.Expected), TestRows.Read(_ml.Data.Cache(view), "Sum"));
        Assert.Equal(
            rows.Select(TestRows.Expected).Select(r => r.Sum()).Order(),
            TestRows.Read(_ml.Data.ShuffleRows(view, 3), "Sum").Select(r => r.Sum()).Order()
        );
    }

    [Fact]
    public void Transform_Batched_GivesWhatRowByRowGives()
    {
        var rows = TestRows.Rows(10);
        var data = _ml.Data.LoadFromEnumerable(rows);
        var view = new BatchedWeightedSum(data.Schema, TestRows.Size).Transform(data);
        Assert.Equal(rows.Select(TestRows.Expected), TestRows.Read(view, "Sum"));
        Assert.Equal(rows.Select(TestRows.Expected), TestRows.Read(view, "Sum"));
        Assert.Equal(rows.Skip(4).Select(TestRows.Expected), TestRows.Read(_ml.Data.SkipRows(view, 4), "Sum"));
        using var cursor = Assert.Single(view.GetRowCursorSet([view.Schema["Cell"]], 4));
        Assert.Same(view.Schema, cursor.Schema);
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Sum"]));
    }

    [Fact]
    public void Transform_BatchesWithoutComputation_SaysSo()
    {
        var data = _ml.Data.LoadFromEnumerable(TestRows.Rows(2));
        var e = Assert.Throws<NotSupportedException>(() => TestRows.Read(new BatchesOnly(data.Schema).Transform(data), "Sum"));
        Assert.Equal("step BatchesOnly: found batches of 2 rows without a computation; expected CreateBatchMap to give one", e.Message);
    }

    [Fact]
    public void GetOutputSchema_OtherLength_SaysWhatIsExpected()
    {
        var transformer = Transformer(TestRows.Rows(1), out _);
        var definition = SchemaDefinition.Create(typeof(TestRows.Row));
        definition["Trace"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 9);
        var e = Assert.Throws<ArgumentException>(() =>
            transformer.GetOutputSchema(_ml.Data.LoadFromEnumerable(TestRows.Rows(1), definition).Schema)
        );
        Assert.StartsWith("column 'Trace': found Vector<Single, 9>; expected Vector<Single, 4>", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_MissingColumn_NamesItAndWhatIsThere()
    {
        var data = _ml.Data.LoadFromEnumerable(TestRows.Rows(1));
        var e = Assert.Throws<ArgumentException>(() => new WeightedSum(data.Schema, 4, trace: "Voltage"));
        Assert.StartsWith("columns: found 'Trace', 'Gain', 'Offset', 'Cell'; expected 'Voltage'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_OutputNamedAsInput_Throws()
    {
        var data = _ml.Data.LoadFromEnumerable(TestRows.Rows(1));
        Assert.Throws<ArgumentException>(() => new WeightedSum(data.Schema, 4, output: "Trace"));
    }

    [Fact]
    public void StockOnnxTransformer_Disposed_LeavesNoTemporaryFile()
    {
        string folder;
        using (var stock = StockOnnxTransformer.Create(Transformer(TestRows.Rows(1), out _)))
        {
            folder = stock.Folder;
            Assert.True(Directory.Exists(folder));
        }

        Assert.False(Directory.Exists(folder));
    }

    private WeightedSum Transformer(TestRows.Row[] rows, out IDataView data)
    {
        data = _ml.Data.LoadFromEnumerable(rows);
        return new WeightedSum(data.Schema, TestRows.Size);
    }

    private IDataView View(TestRows.Row[] rows, out WeightedSum transformer)
    {
        transformer = Transformer(rows, out var data);
        return transformer.Transform(data);
    }

    private sealed class BatchesOnly(DataViewSchema schema) : WeightedSum(schema, TestRows.Size)
    {
        protected override int BatchRows => 2;
    }

    private sealed class SparseRow
    {
        public VBuffer<float> Trace { get; set; }

        public float Gain { get; set; }

        public double Offset { get; set; }
    }

    private sealed class Scored
    {
        public float[] Sum { get; set; } = [];
    }
}
