using GlifMl.Pipelines.Definitions;
using GlifMl.Pipelines.Generation;

namespace GlifMl.Tests.Pipelines.Generation;

public sealed class HeldOutCellsTests : IDisposable
{
    // 12 cells of C, El and R_input, each of 4 configurations; a quarter is 3 cells.
    private const string HoldOut = "hold_out: {share: 0.25}";
    private const string Splits = "train: {stimulus: noise-1, traces: 30}\n    validation: {stimulus: noise-1, traces: 6}\n    test: {stimulus: noise-2, traces: all}";
    private readonly GridFolder _folder = new();

    [Fact]
    public void Of_Cells_AreWholeAndAsManyAsAsked()
    {
        var definition = _folder.Load(GridFolder.Yaml(Splits, HoldOut));
        var design = DesignFactory.Create(definition);
        var heldOut = HeldOutCells.Of(definition, design)!;
        // Keys come in label order C, El, R_input, dt, th_inf: a cell is the first three.
        var cells = Enumerable.Range(0, 48).GroupBy(c => string.Join(' ', design.Point(c).Take(3))).Select(g => g.Select(c => heldOut.Contains(c)).Distinct().ToArray()).ToArray();
        Assert.Equal(12, cells.Length);
        Assert.All(cells, cell => Assert.Single(cell));
        Assert.Equal(3, cells.Count(cell => cell[0]));
    }

    [Fact]
    public void Of_OtherKeys_AreCellsOfThese()
    {
        var definition = _folder.Load(GridFolder.Yaml(Splits, "hold_out: {keys: [th_inf, El], share: 0.5}"), "dataset.splits.train.traces=18");
        var design = DesignFactory.Create(definition);
        var heldOut = HeldOutCells.Of(definition, design)!;
        var cells = Enumerable.Range(0, 48).GroupBy(c => (design.Point(c)[1], design.Point(c)[4])).Select(g => g.Select(c => heldOut.Contains(c)).Distinct().Single()).ToArray();
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
        long[] Numbers(string split)
        {
            var numbering = GridFolder.Numbering(definition, split);
            return [.. Enumerable.Range(0, (int)numbering.Count).Select(trace => numbering.Configuration(trace))];
        }

        var seen = Numbers("train").Concat(Numbers("validation")).ToArray();
        Assert.Equal(36, seen.Distinct().Count());
        Assert.DoesNotContain(seen, configuration => heldOut.Contains(configuration));
        Assert.Equal(48, Numbers("test").Distinct().Count());
    }

    [Fact]
    public void Numbering_AllOfTheRest_IsEveryConfigurationOutsideTheCells()
    {
        var definition = _folder.Load(GridFolder.Yaml("train: {stimulus: noise-1, traces: all}\n    test: {stimulus: noise-2, traces: all}", HoldOut));
        Assert.Equal(36, GridFolder.Numbering(definition, "train").Count);
    }

    [Fact]
    public void Numbering_SplitsThatShareThePool_CannotAskForMoreThanIsLeft()
    {
        var definition = _folder.Load(GridFolder.Yaml(Splits, HoldOut), "dataset.splits.validation.traces=7");
        var e = Assert.Throws<InvalidDataException>(() => GridFolder.Numbering(definition, "train"));
        Assert.Equal("dataset.splits.train and dataset.splits.validation ask for 37 traces of noise-1; expected at most 36, which is 36 configurations x 1 sweeps", e.Message);
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
    [InlineData("{share: 0}", "x.yaml:13:21: dataset.hold_out.share is 0; expected more than 0 and below 1")]
    [InlineData("{share: 1}", "x.yaml:13:21: dataset.hold_out.share is 1; expected more than 0 and below 1")]
    [InlineData("{share: 0.01}", "x.yaml:13:21: dataset.hold_out.share is 0.01, which leaves out 0 of 12 cells; expected at least 1 and not all")]
    [InlineData("{share: 0.99}", "x.yaml:13:21: dataset.hold_out.share is 0.99, which leaves out 12 of 12 cells; expected at least 1 and not all")]
    [InlineData("{keys: []}", "x.yaml:13:20: dataset.hold_out.keys is []; expected at least 1 entry")]
    [InlineData("{keys: [C, C]}", "x.yaml:13:24: dataset.hold_out.keys has 'C' twice; expected once")]
    [InlineData("{keys: [R_inptu]}", "x.yaml:13:21: dataset.hold_out.keys has 'R_inptu', which the grid does not vary; did you mean 'R_input'?")]
    [InlineData("{share: 0.5}", "x.yaml:10:40: dataset.splits.train.traces is 30; expected at most 24, the configurations outside the held-out cells times the sweeps")]
    public void Load_WrongHoldOut_IsRefused(string holdOut, string message) =>
        Assert.Equal(message, _folder.Faults(GridFolder.Yaml(Splits, $"hold_out: {holdOut}")));

    [Fact]
    public void Load_PartOfTheGridAsTest_IsRefused() =>
        Assert.Equal(
            "x.yaml:12:39: dataset.splits.test.traces is 9; expected 'all', because dataset.hold_out compares held-out cells with the rest of the grid",
            _folder.Faults(GridFolder.Yaml(Splits.Replace("traces: all", "traces: 9", StringComparison.Ordinal), HoldOut)));

    [Fact]
    public void Load_DesignThatIsNoGrid_IsRefused() =>
        Assert.Contains(
            "--set dataset.hold_out={}: dataset.hold_out is given, but the design is sobol, in which every test configuration is unseen already; only a grid takes it",
            _folder.Faults(GridFolder.Yaml(Splits), "dataset.parameters.design=sobol", "dataset.hold_out={}"), StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();
}
