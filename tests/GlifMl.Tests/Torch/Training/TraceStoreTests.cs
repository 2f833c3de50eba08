using GlifMl.Tests.Torch.Modules;
using GlifMl.Torch;
using Microsoft.ML;

namespace GlifMl.Tests.Torch.Training;

public sealed class TraceStoreTests
{
    private const int Count = 23,
        Length = TinyTraces.Samples * TinyTraces.Channels;

    private readonly TinyTraces.Row[] _rows = TinyTraces.Rows(Count);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1 << 20, true)]
    public void Begin_AnyEpoch_GivesEachRowOnceWithItsLabel(long budget, bool cached)
    {
        using var store = Store(_rows, budget);
        Assert.Equal(
            (Count, Length, TinyTraces.Targets, TinyTraces.Channels, cached),
            (store.Count, store.FeatureLength, store.LabelLength, store.Channels, store.IsCached)
        );
        var expected = _rows.Select(r => string.Join(" ", [.. r.Features, .. r.Label])).ToArray();
        var (first, second) = (Pass(store, 1), Pass(store, 2));
        Assert.Equal(expected, Pass(store, epoch: null));
        Assert.Equal(expected.Order(), first.Order());
        Assert.Equal(expected.Order(), second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(first, Pass(store, 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void Next_TrailingNaN_IsPadding(long budget)
    {
        _rows[4].Features.AsSpan(^6).Fill(float.NaN);
        using var store = Store(_rows, budget);
        var (features, label) = (new float[Length], new float[TinyTraces.Targets]);
        using var pass = store.Begin(epoch: null);
        var lengths = Enumerable.Range(0, Count).Select(_ => pass.Next(features, [], label)).ToArray();
        Assert.Equal(Enumerable.Range(0, Count).Select(i => i == 4 ? TinyTraces.Samples - 3 : TinyTraces.Samples), lengths);
        Assert.True(store.HasShortTraces);
        Assert.Equal(0, pass.Remaining);
    }

    [Fact]
    public void Create_NaNWithin_SaysWhere()
    {
        _rows[3].Features[5] = float.NaN;
        var fault = Assert.Throws<InvalidDataException>(() => Store(_rows, 1 << 20).Dispose());
        Assert.StartsWith(
            "row 3 of column 'Features': found NaN at value 5; expected finite numbers",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Create_NothingToRead_SaysSo()
    {
        Assert.StartsWith(
            "column 'Features': found no rows",
            Assert.Throws<InvalidDataException>(() => Store([], 0).Dispose()).Message,
            StringComparison.Ordinal
        );
        Array.Fill(_rows[1].Features, float.NaN);
        Assert.Equal(
            "row 1 of column 'Features': found no samples; expected at least one",
            Assert.Throws<InvalidDataException>(() => Store(_rows, 1 << 20).Dispose()).Message
        );
    }

    [Fact]
    public void Begin_RowsWithoutEnd_GivesEachEpochTheNextOnesInOrder()
    {
        var all = TinyTraces.Rows(5 * Count);
        var asked = new List<(long, int)>();
        var endless = Asked(all, asked);
        // Room for ten rows.
        using var store = new TraceStore(TinyTraces.View(_rows), new TrainerColumns(), 1, 10 * Length * sizeof(float), endless);
        Assert.True(store.IsEndless);
        Assert.Equal((Count, 10L * Length * sizeof(float)), (store.Count, store.HeldBytes));
        foreach (var epoch in new[] { 1, 3, 2, 3 })
            Assert.Equal(
                all[((epoch - 1) * Count)..(epoch * Count)].Select(r => string.Join(" ", [.. r.Features, .. r.Label])),
                Pass(store, epoch)
            );
        Assert.Equal([(0, 10), (10, 10), (20, 3)], asked[..3]);
    }

    [Fact]
    public void Begin_RowsShownInSeveralEpochs_AreMadeOnceAndComeInAnotherOrder()
    {
        var all = TinyTraces.Rows(2 * Count);
        var asked = new List<(long, int)>();
        var endless = Asked(all, asked, shown: 2);
        using var store = new TraceStore(TinyTraces.View(_rows), new TrainerColumns(), 1, Count * Length * sizeof(float), endless);
        string[][] passes = [.. new[] { 1, 2, 3, 4 }.Select(epoch => Pass(store, epoch))];
        Assert.Equal([(0, Count), (Count, Count)], asked);
        string[] texts = [.. all.Select(r => string.Join(" ", [.. r.Features, .. r.Label]))];
        foreach (var (epoch, pass) in passes.Index())
            Assert.Equal(texts.Skip(epoch / 2 * Count).Take(Count).Order(), pass.Order());
        Assert.NotEqual(passes[0], passes[1]);
        // A resumed run begins in the middle.
        Assert.Equal(passes[3], Pass(store, 4));
        Assert.Equal(passes[0], Pass(store, 1));

        Assert.Equal(
            $"found {Count} traces an epoch, 0 MiB as they are trained on; expected at most 0 MiB (cache_mebibytes), "
                + "in which they are kept for the epochs that are shown them again",
            Assert
                .Throws<ArgumentException>(() =>
                    new TraceStore(TinyTraces.View(_rows), new TrainerColumns(), 1, (Count * Length * sizeof(float)) - 1, endless).Dispose()
                )
                .Message
        );
    }

    private static EndlessRows Asked(TinyTraces.Row[] all, List<(long, int)> asked, int shown = 1) =>
        new(
            (first, count) =>
            {
                asked.Add((first, count));
                return TinyTraces.View([.. all.Skip((int)first).Take(count)]);
            },
            shown
        );

    // ML.NET's cache can shuffle, as shards can; a plain enumerable cannot.
    private static TraceStore Store(TinyTraces.Row[] rows, long budget) =>
        new(new MLContext(1).Data.Cache(TinyTraces.View(rows)), new TrainerColumns(), seed: 1, budget);

    private static string[] Pass(TraceStore store, int? epoch)
    {
        var (features, label) = (new float[Length], new float[TinyTraces.Targets]);
        using var pass = store.Begin(epoch);
        var rows = new List<string>();
        while (pass.Remaining > 0)
        {
            Assert.Equal(TinyTraces.Samples, pass.Next(features, [], label));
            rows.Add(string.Join(" ", [.. features, .. label]));
        }

        return [.. rows];
    }
}
