using GlifMl.Datasets;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Datasets;

public sealed class TraceSourceViewTests
{
    private const int Samples = 30;

    private static readonly HashedTraces Source = new(new ShardSchema(Samples, hasStimulus: true), 50);

    [Fact]
    public void GetRowCursor_AllTraces_AreTheRowsOfTheirShards()
    {
        using TempFolder folder = new();
        Assert.Equal(Rows(HashedTraces.Generate(folder, 50, Samples)), Rows(new TraceSourceView(Source, 0, 50)));
    }

    [Fact]
    public void GetRowCursor_Later_GoesOnBehindTheSource()
    {
        var (all, some) = (Rows(new TraceSourceView(Source, 0, 120)), Rows(new TraceSourceView(Source, 45, 70)));
        Assert.Equal(all[45..115], some);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    public void GetRowCursorSet_AnyNumber_SharesTheRowsOut(int cursors)
    {
        var view = new TraceSourceView(Source, 7, 100);
        var set = view.GetRowCursorSet(view.Schema, cursors);
        var rows = set.SelectMany(cursor => Read(cursor, view.Schema)).OrderBy(row => row.Batch).Select(row => row.Text).ToArray();
        Assert.Equal(Math.Min(cursors, 4), set.Length);
        Assert.Equal(Rows(view), rows);
    }

    [Fact]
    public void GetRowCursor_LabelsAlone_MakesNoTrace()
    {
        var view = new TraceSourceView(new Unmakeable(), 0, 5);
        Assert.Equal([0, 10, 20, 30, 40], view.GetColumn<double>(view.Schema["C"]));
        Assert.Throws<InvalidOperationException>(() => view.GetColumn<float[]>(view.Schema["VoltageMv"]).Count());
    }

    [Fact]
    public void GetIdGetter_AnyRow_IsTheTracesNumber()
    {
        var view = new TraceSourceView(Source, 33, 40);
        using var cursor = view.GetRowCursor([]);
        var get = cursor.GetIdGetter();
        var ids = new List<ulong>();
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            get(ref id);
            ids.Add(id.Low);
        }

        Assert.Equal(Enumerable.Range(33, 40).Select(i => (ulong)i), ids);
        Assert.Equal(-1, cursor.Position);
        Assert.False(cursor.MoveNext());
    }

    private static string[] Rows(IDataView view)
    {
        using var cursor = view.GetRowCursor(view.Schema);
        return [.. Read(cursor, view.Schema).Select(row => row.Text)];
    }

    private static List<(long Batch, string Text)> Read(DataViewRowCursor cursor, DataViewSchema schema)
    {
        var traces = new[] { "VoltageMv", "StimulusPa" }.Select(c => cursor.GetGetter<VBuffer<float>>(schema[c])).ToArray();
        var labels = GlifParameter.Keys.Select(c => cursor.GetGetter<double>(schema[c])).ToArray();
        var ids = new[] { "TraceId", "ConfigurationId", "StimulusId" }.Select(c => cursor.GetGetter<long>(schema[c])).ToArray();
        var count = cursor.GetGetter<int>(schema["SpikeCount"]);
        var rows = new List<(long, string)>();
        while (cursor.MoveNext())
        {
            var values = new List<string>();
            foreach (var get in traces)
            {
                VBuffer<float> trace = default;
                get(ref trace);
                values.AddRange(trace.DenseValues().Select(v => $"{v:R}"));
            }

            foreach (var get in labels)
            {
                var label = 0.0;
                get(ref label);
                values.Add($"{label:R}");
            }

            foreach (var get in ids)
            {
                var id = 0L;
                get(ref id);
                values.Add($"{id}");
            }

            var spikes = 0;
            count(ref spikes);
            rows.Add((cursor.Batch, $"{string.Join(' ', values)} {spikes}"));
        }

        return rows;
    }

    /// <summary>Knows its labels, and makes no trace.</summary>
    private sealed class Unmakeable : ITraceSource
    {
        public ShardSchema Schema => Source.Schema;

        public long Count => Source.Count;

        public void Fill(long firstTrace, TraceBatch batch)
        {
            if (batch.HoldsTraces)
                throw new InvalidOperationException("made");
            Source.Fill(firstTrace, batch);
        }
    }
}
