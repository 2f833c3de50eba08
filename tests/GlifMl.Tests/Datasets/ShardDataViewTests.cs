using GlifMl.Datasets;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Datasets;

public sealed class ShardDataViewTests
{
    [Fact]
    public void Schema_OfShards_HasTypedColumns()
    {
        using TempFolder folder = new();
        var schema = HashedTraces.Generate(folder).Schema;
        Assert.Equal(
            [
                "VoltageMv: Vector<Single, 30>",
                "StimulusPa: Vector<Single, 30>",
                "C: Double",
                "El: Double",
                "R_input: Double",
                "dt: Double",
                "th_inf: Double",
                "TraceId: Int64",
                "ConfigurationId: Int64",
                "StimulusId: Int64",
                "SpikeCount: Int32",
            ],
            schema.Select(column => $"{column.Name}: {column.Type}")
        );
    }

    [Fact]
    public void Cursor_Unshuffled_GivesEveryRowInOrderEveryTime()
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        Assert.Equal(50, view.GetRowCount());
        var rows = Rows(view);
        Assert.Equal(Enumerable.Range(0, 50).Select(trace => (long)trace), rows.Select(row => row.TraceId));
        Assert.All(rows, AssertIsItsTrace);
        Assert.Equivalent(rows, Rows(view), strict: true);
    }

    [Fact]
    public void Cursor_Shuffled_GivesEveryRowOnceInAnOrderOfItsSeed()
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        var rows = Rows(view, new Random(1));
        Assert.All(rows, AssertIsItsTrace);
        Assert.Equal(Enumerable.Range(0, 50).Select(trace => (long)trace), rows.Select(row => row.TraceId).Order());
        long[] order = [.. rows.Select(row => row.TraceId)];
        Assert.Equal(order, Rows(view, new Random(1)).Select(row => row.TraceId));
        Assert.NotEqual(order, Rows(view, new Random(2)).Select(row => row.TraceId));
        // Rows of different row groups mix: somewhere the order leaves a group of eight and comes back to it.
        long[] groups = [.. order.Select(trace => trace / 20 * 3 + trace % 20 / 8)];
        var runs = 1 + groups.Zip(groups.Skip(1), (a, b) => a == b ? 0 : 1).Sum();
        Assert.True(runs > groups.Distinct().Count());
    }

    [Fact]
    public void Ids_WhateverTheOrder_BelongToTheRow()
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        var plain = Rows(view).ToDictionary(row => row.TraceId, row => row.Id);
        Assert.Equal(50, plain.Values.Distinct().Count());
        Assert.All(Rows(view, new Random(4)), row => Assert.Equal(plain[row.TraceId], row.Id));
        Assert.All(Rows(view.Subset([3, 30, 49])), row => Assert.Equal(plain[row.TraceId], row.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void CursorSet_AnyNumber_PartsTheRowsInBatchesOfOneCursor(int cursors)
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        foreach (var seed in new int?[] { null, 5 })
        {
            var set = view.GetRowCursorSet(view.Schema, cursors, seed is { } s ? new Random(s) : null);
            Assert.InRange(set.Length, 1, cursors);
            var parts = new Row[set.Length][];
            Parallel.For(0, set.Length, cursor => parts[cursor] = Drain(set[cursor]));
            Assert.Equal(
                parts.Length,
                parts.SelectMany(part => part.Select(row => row.Batch).Distinct()).GroupBy(batch => batch).Max(batch => batch.Count())
                    * parts.Length
            );
            Assert.All(parts, part => Assert.Equal(part.Select(row => row.Batch).Order(), part.Select(row => row.Batch)));
            // Merged by batch, a set gives the order of a single cursor.
            Assert.Equal(
                Rows(view, seed is { } again ? new Random(again) : null).Select(row => row.TraceId),
                parts.SelectMany(part => part).OrderBy(row => row.Batch).Select(row => row.TraceId)
            );
        }
    }

    [Fact]
    public void Cursors_OfSeveralThreads_DoNotDisturbEachOther()
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        Parallel.For(0, 6, seed => Assert.All(Rows(view, new Random(seed)), AssertIsItsTrace));
    }

    [Fact]
    public void Cursor_BeforeAndAfterTheRows_RefusesToRead()
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        using var cursor = view.GetRowCursor([view.Schema["C"]]);
        var label = cursor.GetGetter<double>(view.Schema["C"]);
        double value = 0;
        Assert.Same(view.Schema, cursor.Schema);
        Assert.Equal(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() => label(ref value));
        while (cursor.MoveNext())
            label(ref value);
        Assert.Equal(490, value);
        Assert.Equal(-1, cursor.Position);
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => label(ref value));
    }

    [Fact]
    public void GetGetter_InactiveColumnOrOtherType_IsRefused()
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        using var cursor = view.GetRowCursor([view.Schema["C"]]);
        Assert.StartsWith(
            "found column dt inactive; expected it to be asked for",
            Assert.Throws<ArgumentException>(() => cursor.GetGetter<double>(view.Schema["dt"])).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(
            "found a getter of Single for column C; expected Double",
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(view.Schema["C"])).Message
        );
    }

    [Fact]
    public void Cursor_LabelsOnly_TouchesFewBytes()
    {
        using TempFolder folder = new();
        ShardSchema schema = new(20_000);
        using (ShardWriter writer = new(folder["s.parquet"], schema, ShardRoundTripTests.Metadata))
        {
            for (var group = 0; group < 4; group++)
                writer.Write(ShardRoundTripTests.RandomBatch(schema, 16, (uint)group));
            writer.Complete();
        }
        long bytes = 0;
        var view = ShardDataView.Open(
            [folder["s.parquet"]],
            4,
            path => new CountingStream(ShardFile.OpenRead(path), count => Interlocked.Add(ref bytes, count))
        );
        using (var cursor = view.GetRowCursor([view.Schema["C"], view.Schema["SpikeCount"]]))
        {
            while (cursor.MoveNext())
                continue;
        }
        var size = new FileInfo(folder["s.parquet"]).Length;
        Assert.InRange(bytes, 1, size / 100);
    }

    [Fact]
    public void Subset_RowsInAnyOrder_GivesThemInRowOrderAndSkipsOtherGroups()
    {
        using TempFolder folder = new();
        var subset = HashedTraces.Generate(folder).Subset([49, 3, 7, 21]);
        Assert.Equal([3L, 7, 21, 49], Rows(subset).Select(row => row.TraceId));
        Assert.Equal(4, subset.GetRowCount());
        Assert.Equal(3, subset.RowGroups.Count);
        Assert.Equal([7L, 21], Rows(subset.Subset([7, 21])).Select(row => row.TraceId));
        Assert.Throws<ArgumentException>(() => subset.Subset([4]));
        Assert.Throws<ArgumentException>(() => subset.Subset([3, 3]));
        Assert.Throws<ArgumentException>(() => subset.Subset([]));
    }

    [Fact]
    public void Cursor_OverMoreShardsThanStayOpen_GivesEveryRow()
    {
        using TempFolder folder = new();
        var plan = HashedTraces.Plan(folder.Path, tracesPerShard: 1);
        DatasetGenerator.Generate(new HashedTraces(new ShardSchema(30), 40), plan);
        var view = ShardDataView.Open(plan.SplitDirectory);
        var rows = Rows(view, new Random(1));
        Assert.All(rows, AssertIsItsTrace);
        Assert.Equal(40, rows.Select(row => row.TraceId).Distinct().Count());
    }

    [Fact]
    public void Read_BatchOfSomeColumns_FillsThoseAndRefusesTheOthers()
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        TraceBatch batch = new(view.ShardSchema, 8, ["dt", "StimulusPa"]);
        using var reader = view.OpenReader();
        foreach (var group in view.RowGroups)
        {
            reader.Read(group, batch);
            for (var row = 0; row < group.Rows; row++)
            {
                Assert.Equal(HashedTraces.Label(group.FirstRow + row, 3), batch.Labels(3)[row]);
                Assert.Equal(-HashedTraces.Voltage(group.FirstRow + row, 29), batch.Stimulus(row)[29]);
            }
        }
        Assert.Equal(
            "found a batch made without column VoltageMv; expected it to be asked for",
            Assert.Throws<InvalidOperationException>(() => batch.Voltage(0)[0]).Message
        );
        Assert.StartsWith(
            "found no column nix in the shards; expected one of VoltageMv,",
            Assert.Throws<ArgumentException>(() => new TraceBatch(view.ShardSchema, 1, ["nix"])).Message,
            StringComparison.Ordinal
        );
    }

    private static void AssertIsItsTrace(Row row)
    {
        Assert.Equal(Enumerable.Range(0, 30).Select(n => HashedTraces.Voltage(row.TraceId, n)), row.Voltage);
        Assert.Equal(HashedTraces.Label(row.TraceId, 4), row.Threshold);
        Assert.Equal(row.TraceId % 7, row.SpikeCount);
    }

    private static Row[] Rows(ShardDataView view, Random? random = null) => Drain(view.GetRowCursor(view.Schema, random));

    private static Row[] Drain(DataViewRowCursor cursor)
    {
        using (cursor)
        {
            var voltage = cursor.GetGetter<VBuffer<float>>(cursor.Schema["VoltageMv"]);
            var threshold = cursor.GetGetter<double>(cursor.Schema["th_inf"]);
            var trace = cursor.GetGetter<long>(cursor.Schema["TraceId"]);
            var spikes = cursor.GetGetter<int>(cursor.Schema["SpikeCount"]);
            var id = cursor.GetIdGetter();
            List<Row> rows = [];
            VBuffer<float> v = default;
            while (cursor.MoveNext())
            {
                Row row = new();
                voltage(ref v);
                row.Voltage = v.DenseValues().ToArray();
                threshold(ref row.Threshold);
                trace(ref row.TraceId);
                spikes(ref row.SpikeCount);
                id(ref row.Id);
                row.Batch = cursor.Batch;
                Assert.Equal(rows.Count, cursor.Position);
                rows.Add(row);
            }
            return [.. rows];
        }
    }

    private sealed class Row
    {
        public float[] Voltage = [];
        public double Threshold;
        public long TraceId;
        public int SpikeCount;
        public DataViewRowId Id;
        public long Batch;
    }
}
