using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Generation;

public sealed class HeldOutCellsTests : IDisposable
{
    // 12 cells of C, El and R_input, each of 4 configurations; a quarter is 3 cells.
    private const string HoldOut = "hold_out: {share: 0.25}";
    private const string Splits =
        "train: {stimulus: noise-1, traces: 30}\n    validation: {stimulus: noise-1, traces: 6}\n    test: {stimulus: noise-2, "
        + "traces: all}";
    private readonly GridFolder _folder = new();

    [Fact]
    public void Of_Cells_AreWholeAndAsManyAsAsked()
    {
        var definition = _folder.Load(GridFolder.Yaml(Splits, HoldOut));
        var design = DesignFactory.Create(definition);
        var heldOut = HeldOutCells.Of(definition, design)!;
        // Keys come in label order C, El, R_input, dt, th_inf: a cell is the first three.
        var cells = Enumerable
            .Range(0, 48)
            .GroupBy(c => string.Join(' ', design.Point(c).Take(3)))
            .Select(g => g.Select(c => heldOut.Contains(c)).Distinct().ToArray())
            .ToArray();
        Assert.Equal(12, cells.Length);
        Assert.All(cells, cell => Assert.Single(cell));
        Assert.Equal(3, cells.Count(cell => cell[0]));
    }

    [Fact]
    public void Of_OtherKeys_AreCellsOfThese()
    {
        var definition = _folder.Load(
            GridFolder.Yaml(Splits, "hold_out: {keys: [th_inf, El], share: 0.5}"),
            "dataset.splits.train.traces=18"
        );
        var design = DesignFactory.Create(definition);
        var heldOut = HeldOutCells.Of(definition, design)!;
        var cells = Enumerable
            .Range(0, 48)
            .GroupBy(c => (design.Point(c)[1], design.Point(c)[4]))
            .Select(g => g.Select(c => heldOut.Contains(c)).Distinct().Single())
            .ToArray();
        Assert.Equal((6, 3), (cells.Length, cells.Count(cell => cell)));
    }

    [Fact]
    public void Of_NoHoldOut_IsNull()
    {
        var definition = _folder.Load(GridFolder.Yaml());
        Assert.Null(HeldOutCells.Of(definition, DesignFactory.Create(definition)));
    }

    [Fact]
    public void Numbering_TrainAndValidation_KeepOutOfTheCellsAndTestKeepsTheGrid()
    {
        var definition = _folder.Load(GridFolder.Yaml(Splits, HoldOut));
        var heldOut = HeldOutCells.Of(definition, DesignFactory.Create(definition))!;
        var seen = Numbers(definition, "train").Concat(Numbers(definition, "validation")).ToArray();
        Assert.Equal(36, seen.Distinct().Count());
        Assert.DoesNotContain(seen, configuration => heldOut.Contains(configuration));
        Assert.Equal(48, Numbers(definition, "test").Distinct().Count());
    }

    [Fact]
    public void Numbering_AllOfTheRest_IsEveryConfigurationOutsideTheCells()
    {
        var definition = _folder.Load(
            GridFolder.Yaml("train: {stimulus: noise-1, traces: all}\n    test: {stimulus: noise-2, traces: all}", HoldOut)
        );
        Assert.Equal(36, GridFolder.Numbering(definition, "train").Count);
    }

    [Fact]
    public void Numbering_SplitsThatShareThePool_CannotAskForMoreThanIsLeft()
    {
        var definition = _folder.Load(GridFolder.Yaml(Splits, HoldOut), "dataset.splits.validation.traces=7");
        var e = Assert.Throws<InvalidDataException>(() => GridFolder.Numbering(definition, "train"));
        Assert.Equal(
            "dataset.splits.train and dataset.splits.validation: found 37 traces of noise-1; "
                + "expected at most 36, which is 36 configurations x 1 sweeps",
            e.Message
        );
    }

    [Fact]
    public void Hash_WithHoldOut_IsAnotherDatasetAndTheWriterKeepsIt()
    {
        var (plain, heldOut) = (_folder.Load(GridFolder.Yaml(Splits)), _folder.Load(GridFolder.Yaml(Splits, HoldOut)));
        Assert.NotEqual(DatasetHash.Compute(plain), DatasetHash.Compute(heldOut));
        Assert.Contains("hold_out: {keys: [C, El, R_input], share: 0.25}", DefinitionWriter.ToYaml(heldOut), StringComparison.Ordinal);
        Assert.DoesNotContain("hold_out", DefinitionWriter.ToYaml(plain), StringComparison.Ordinal);
        Assert.Equal(DatasetHash.Compute(heldOut), DatasetHash.Compute(_folder.Load(DefinitionWriter.ToYaml(heldOut, _folder.Root))));
    }

    [Theory]
    [InlineData("{share: 0}", "x.yaml:13:21: dataset.hold_out.share: found 0; expected more than 0 and below 1")]
    [InlineData("{share: 1}", "x.yaml:13:21: dataset.hold_out.share: found 1; expected more than 0 and below 1")]
    [InlineData(
        "{share: 0.01}",
        "x.yaml:13:21: dataset.hold_out.share: found 0.01, which leaves out 0 of 12 cells; expected at least 1 and not all"
    )]
    [InlineData(
        "{share: 0.99}",
        "x.yaml:13:21: dataset.hold_out.share: found 0.99, which leaves out 12 of 12 cells; expected at least 1 and not all"
    )]
    [InlineData("{keys: []}", "x.yaml:13:20: dataset.hold_out.keys: found []; expected at least 1 entry")]
    [InlineData("{keys: [C, C]}", "x.yaml:13:24: dataset.hold_out.keys: found 'C' twice; expected it once")]
    [InlineData(
        "{keys: [R_inptu]}",
        "x.yaml:13:21: dataset.hold_out.keys: found 'R_inptu', which the grid does not vary; did you mean 'R_input'?"
    )]
    [InlineData(
        "{share: 0.5}",
        "x.yaml:10:40: dataset.splits.train.traces: found 30; "
            + "expected at most 24, the configurations outside the held-out cells times the sweeps"
    )]
    public void Load_WrongHoldOut_IsRefused(string holdOut, string message) =>
        Assert.Equal(message, _folder.Faults(GridFolder.Yaml(Splits, $"hold_out: {holdOut}")));

    [Fact]
    public void Load_PartOfTheGridAsTest_IsRefused() =>
        Assert.Equal(
            "x.yaml:12:39: dataset.splits.test.traces: found 9; "
                + "expected 'all', because dataset.hold_out compares held-out cells with the rest of the grid",
            _folder.Faults(GridFolder.Yaml(Splits.Replace("traces: all", "traces: 9", StringComparison.Ordinal), HoldOut))
        );

    [Theory]
    [InlineData(
        "{parts: 3}",
        "x.yaml:13:21: dataset.hold_out: found parts, but the design is grid, whose cells are its values; expected none"
    )]
    [InlineData("{parts: 1}", "x.yaml:13:21: dataset.hold_out.parts: found 1; expected at least 2")]
    public void Load_PartsOfAGrid_AreRefused(string holdOut, string message) =>
        Assert.Equal(message, _folder.Faults(GridFolder.Yaml(Splits, $"hold_out: {holdOut}")));

    [Theory]
    [InlineData(
        "sobol",
        "{keys: [C, R_inptu]}",
        "dataset.hold_out.keys: found 'R_inptu', which the design does not vary; did you mean 'R_input'?"
    )]
    [InlineData("sobol", "{parts: 200}", "dataset.hold_out: found 8E+06 cells of 3 keys; expected at most 1000000")]
    [InlineData(
        "uniform",
        "{parts: 2, share: 0.01}",
        "dataset.hold_out.share: found 0.01, which leaves out 0 of 8 cells; expected at least 1 and not all"
    )]
    [InlineData(
        "latin-hypercube",
        "{}",
        "dataset.hold_out: found no dataset.parameters.count; "
            + "expected one, because a Latin hypercube has as many points and some of them are left out"
    )]
    public void Load_HoldOutThatNoRangeAllows_IsRefused(string design, string holdOut, string message) =>
        Assert.Equal($"--set dataset.hold_out={holdOut}: {message}", _folder.Faults(GridFolder.Yaml(Counts), Ranges(design, holdOut)));

    [Theory]
    [InlineData("sobol")]
    [InlineData("uniform")]
    [InlineData("latin-hypercube")]
    public void Numbering_Ranges_TrainingPassesOverWholeCellsAndTestDoesNot(string design)
    {
        var definition = _folder.Load(GridFolder.Yaml(Counts), [.. Ranges(design, "{parts: 2, share: 0.25}"), .. Count(design, 1000)]);
        var points = DesignFactory.Create(definition);
        var heldOut = HeldOutCells.Of(definition, points)!;
        var (train, validation, test) = (Numbers(definition, "train"), Numbers(definition, "validation"), Numbers(definition, "test"));

        // The test has the 100 points that it has without held-out cells, of both kinds; training and validation the first 400 and
        // the next 60 of the rest outside the cells.
        var admissible = Enumerable
            .Range(0, 1000)
            .Select(n => (long)n)
            .Where(n => n is < 460 or >= 560)
            .Where(n => !heldOut.Contains(n))
            .ToArray();
        Assert.Equal(admissible[..400], train);
        Assert.Equal(admissible[400..460], validation);
        Assert.Equal(Enumerable.Range(460, 100).Select(n => (long)n), test);
        // 2 of 8 cells: 25 of 100, within 5 standard deviations of 4.3.
        Assert.InRange(test.Count(heldOut.Contains), 4, 46);

        // A cell is a half of each range on the range's own scale (C by ratio, the others by
        // difference): held out as a whole or not at all.
        bool[] Halves(long n) => points.Point(n) is var p ? [p[0] < Math.Sqrt(1e-10 * 4e-10), p[1] < 0.005, p[2] < 1.5e8] : [];
        var cells = Enumerable
            .Range(0, 1000)
            .GroupBy(n => string.Join(' ', Halves(n)))
            .Select(g => g.Select(n => heldOut.Contains(n)).Distinct().ToArray())
            .ToArray();
        Assert.Equal(8, cells.Length);
        Assert.Equal(2, cells.Count(cell => cell is [true]));
        Assert.Equal(6, cells.Count(cell => cell is [false]));
    }

    [Fact]
    public void Numbering_Ranges_FourPartsByDefault()
    {
        var definition = _folder.Load(GridFolder.Yaml(Counts), Ranges("sobol", "{keys: [El]}"));
        var heldOut = HeldOutCells.Of(definition, DesignFactory.Create(definition))!;
        // One of four parts: Sobol points fall evenly on them.
        Assert.Equal(256, Enumerable.Range(0, 1024).Count(n => heldOut.Contains(n)));
        Assert.DoesNotContain("parts", DefinitionWriter.ToYaml(definition), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(300, "train", " points left outside the held-out cells of the design's 300; expected 400, one a trace: ")]
    [InlineData(500, "test", "40 points left of the design's 500; expected 100, one a trace: ")]
    public void Numbering_HypercubeWithTooFewPoints_SaysWhatIsLeft(int count, string split, string end)
    {
        var definition = _folder.Load(
            GridFolder.Yaml(Counts),
            [.. Ranges("latin-hypercube", "{parts: 2, share: 0.25}"), .. Count("latin-hypercube", count)]
        );
        var e = Assert.Throws<InvalidDataException>(() => Numbers(definition, split));
        Assert.StartsWith($"dataset.splits.{split}.traces: found ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith($"{end}raise dataset.parameters.count", e.Message, StringComparison.Ordinal);
    }

    private const string Counts =
        "train: {stimulus: noise-1, traces: 400}\n    validation: {stimulus: noise-1, traces: 60}\n    test: {stimulus: noise-2, "
        + "traces: 100}";

    private static string[] Ranges(string design, string holdOut) =>
        [
            $"dataset.parameters.design={design}",
            "dataset.parameters.values=~",
            "dataset.parameters.ranges={C: {min: 1e-10, max: 4e-10, scale: log}, El: {min: 0, max: 0.01}, R_input: {min: 1e8, max: "
                + "2e8}, dt: {min: 1e-5, max: 5e-5}, th_inf: {min: 0.02, max: 0.03}}",
            $"dataset.hold_out={holdOut}",
        ];

    private static string[] Count(string design, int count) => design == "latin-hypercube" ? [$"dataset.parameters.count={count}"] : [];

    private static long[] Numbers(PipelineDefinition definition, string split)
    {
        var numbering = GridFolder.Numbering(definition, split);
        return [.. Enumerable.Range(0, (int)numbering.Count).Select(trace => numbering.Configuration(trace))];
    }

    public void Dispose() => _folder.Dispose();
}
