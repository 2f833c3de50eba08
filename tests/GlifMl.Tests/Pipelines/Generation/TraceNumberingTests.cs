using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Generation;

public sealed class TraceNumberingTests : IDisposable
{
    private const int Configurations = 48;
    private readonly GridFolder _folder = new();

    [Fact]
    public void Of_SplitsOfOnePool_ShareNoTrace()
    {
        // Two sweeps of 48: a trace is a configuration in a sweep, so a configuration may come twice,
        // and no more, over train and validation.
        var definition = _folder.Load(GridFolder.Yaml());
        var both = Numbers(definition, "train").Concat(Numbers(definition, "validation")).ToArray();
        Assert.Equal(70, both.Length);
        Assert.All(both.CountBy(configuration => configuration), count => Assert.InRange(count.Value, 1, 2));
    }

    [Fact]
    public void Of_WholePool_GivesEachConfigurationOnceASweep()
    {
        var definition = _folder.Load(
            GridFolder.Yaml(
                "train: {stimulus: noise-1, sweeps: 3, traces: 100}\n    validation: {stimulus: noise-1, sweeps: 3, traces: 44}\n   "
                    + " test: {stimulus: noise-2, traces: all}"
            )
        );
        var counts = Numbers(definition, "train")
            .Concat(Numbers(definition, "validation"))
            .CountBy(configuration => configuration)
            .ToArray();
        Assert.Equal(Configurations, counts.Length);
        Assert.All(counts, count => Assert.Equal(3, count.Value));
    }

    [Fact]
    public void Of_AllOfAGrid_KeepsItsOrder() =>
        Assert.Equal(Enumerable.Range(0, Configurations).Select(i => (long)i), Numbers(_folder.Load(GridFolder.Yaml()), "test"));

    [Fact]
    public void Of_AllWithSweeps_RepeatsTheGrid() =>
        Assert.Equal(
            Enumerable.Range(0, 2 * Configurations).Select(i => (long)(i % Configurations)),
            Numbers(
                _folder.Load(
                    GridFolder.Yaml("train: {stimulus: noise-1, traces: 4}\n    test: {stimulus: noise-2, sweeps: 2, traces: all}")
                ),
                "test"
            )
        );

    [Fact]
    public void Of_AnotherSeed_DrawsOtherTraces() =>
        Assert.NotEqual(Numbers(_folder.Load(GridFolder.Yaml()), "train"), Numbers(_folder.Load(GridFolder.Yaml(), "seed=4"), "train"));

    [Fact]
    public void Of_StimulusFileElsewhere_DrawsTheSameTraces()
    {
        long[] Drawn(string file)
        {
            _folder.Write(file, "time_s,current_pA\n0,0\n0.1,50\n");
            return Numbers(
                _folder.Load(GridFolder.Yaml($"train: {{stimulus: {file}, traces: 20}}\n    test: {{stimulus: noise-2, traces: all}}")),
                "train"
            );
        }

        Assert.Equal(Drawn("here.csv"), Drawn("there.csv"));
    }

    [Fact]
    public void Of_TestSplit_DoesNotMoveTrain() =>
        Assert.Equal(
            Numbers(_folder.Load(GridFolder.Yaml()), "train"),
            Numbers(_folder.Load(GridFolder.Yaml(), "dataset.splits.test.traces=5"), "train")
        );

    [Fact]
    public void Of_MoreThanThePool_NamesTheSplitsAndWhatThereIs()
    {
        var definition = _folder.Load(GridFolder.Yaml(), "dataset.splits.train.traces=90");
        var e = Assert.Throws<InvalidDataException>(() => GridFolder.Numbering(definition, "train"));
        Assert.Equal(
            "dataset.splits.train and dataset.splits.validation: found 110 traces of noise-1; "
                + "expected at most 96, which is 48 configurations x 2 sweeps",
            e.Message
        );
    }

    [Theory]
    [InlineData("sobol", "")]
    [InlineData("uniform", "")]
    [InlineData("sobol", "hold_out: {keys: [C], parts: 2, share: 0.5}")]
    public void Of_TracesWithoutEnd_BeginLikeShardsAndMeetNoPointTwice(string design, string holdOut)
    {
        const string Ranges =
            "{C: {min: 1e-10, max: 2e-10}, El: {min: 0, max: 0.01}, R_input: {min: 1e8, max: 2e8}, dt: {min: 1e-5, max: 5e-5}, "
            + "th_inf: {min: 0.02, max: 0.03}}";
        PipelineDefinition Load(string source) =>
            _folder.Load(
                GridFolder.Yaml(
                    $"train: {{stimulus: noise-1, traces: 20, source: {source}}}\n    validation: {{stimulus: noise-1, traces: 7}}\n    "
                        + "test: {stimulus: noise-1, traces: 9}",
                    holdOut
                ),
                $"dataset.parameters.design={design}",
                "dataset.parameters.values=~",
                $"dataset.parameters.ranges={Ranges}"
            );
        var (shards, endless) = (Load("shards"), Load("simulate"));
        foreach (var split in new[] { "train", "validation", "test" })
            Assert.Equal(Numbers(shards, split), Numbers(endless, split));

        var numbering = GridFolder.Numbering(endless, "train");
        var five = Enumerable.Range(0, 100).Select(trace => numbering.Configuration(trace)).ToArray();
        Assert.Equal(Numbers(shards, "train"), five[..20]);
        Assert.Equal(100, five.Distinct().Count());
        Assert.Empty(five.Intersect(Numbers(shards, "validation").Concat(Numbers(shards, "test"))));
        // A later epoch alone is the same.
        Assert.Equal(five[60..80], Enumerable.Range(60, 20).Select(trace => GridFolder.Numbering(endless, "train").Configuration(trace)));
        if (holdOut.Length > 0)
        {
            var created = DesignFactory.Create(endless);
            var heldOut = HeldOutCells.Of(endless, created)!;
            Assert.DoesNotContain(five, heldOut.Contains);
        }
    }

    [Fact]
    public void Of_GridWithoutEnd_GoesRoundItInOtherOrders()
    {
        var definition = _folder.Load(GridFolder.Yaml(), "dataset.splits.train.source=simulate", "dataset.splits.train.traces=1000");
        var numbering = GridFolder.Numbering(definition, "train");
        var rounds = Enumerable.Range(0, 10 * Configurations).Select(t => numbering.Configuration(t)).Chunk(Configurations).ToArray();
        Assert.Equal(1000, numbering.Count);
        Assert.All(rounds, round => Assert.Equal(Configurations, round.Distinct().Count()));
        Assert.Equal(10, rounds.Select(round => string.Join(' ', round)).Distinct().Count());
    }

    [Theory]
    [InlineData("sobol")]
    [InlineData("uniform")]
    [InlineData("latin-hypercube")]
    public void Of_EndlessDesign_SplitsTakeTheNextPoints(string design)
    {
        const string Ranges =
            "{C: {min: 1e-10, max: 2e-10}, El: {min: 0, max: 0.01}, R_input: {min: 1e8, max: 2e8}, dt: {min: 1e-5, max: 5e-5}, "
            + "th_inf: {min: 0.02, max: 0.03}}";
        var definition = _folder.Load(
            GridFolder.Yaml(
                "train: {stimulus: noise-1, traces: 5}\n    validation: {stimulus: noise-1, traces: 2}\n    test: {stimulus: "
                    + "noise-1, traces: 3}"
            ),
            $"dataset.parameters.design={design}",
            "dataset.parameters.values=~",
            $"dataset.parameters.ranges={Ranges}"
        );
        Assert.Equal([0, 1, 2, 3, 4], Numbers(definition, "train"));
        Assert.Equal([5, 6], Numbers(definition, "validation"));
        Assert.Equal([7, 8, 9], Numbers(definition, "test"));
    }

    public void Dispose() => _folder.Dispose();

    private static long[] Numbers(PipelineDefinition definition, string split)
    {
        var numbering = GridFolder.Numbering(definition, split);
        return [.. Enumerable.Range(0, (int)numbering.Count).Select(trace => numbering.Configuration(trace))];
    }
}
