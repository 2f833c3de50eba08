using GlifMl.Pipelines;
using GlifMl.Simulation;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Pipelines.Experiments;

public sealed class RealCellsTests
{
    private const string Header =
        "specimen_id,excitatory,step_pA,n_spikes,first_spike_ms_after_onset,v_10ms_after_onset_rel_mV,mean_trough_rel_mV,mean_peak_rel_mV,"
        + "mean_v_730_930ms_rel_mV,C_pF_published,R_MOhm_published,th_mV_published";

    [Fact]
    public void Scores_CellsOfATable_AreReadEachAsOne()
    {
        using var folder = new TempFolder();
        var table = Path.Combine(folder.Path, "table.csv");
        // Cells that differ in R alone, and are driven so that they show the same voltages.
        File.WriteAllLines(
            table,
            [
                Header,
                .. Enumerable
                    .Range(0, 12)
                    .SelectMany(cell => Enumerable.Range(0, 2).Select(sweep => Row(cell, 100 * (1 + (0.1 * cell)), 20 + (4 * sweep)))),
            ]
        );
        var real = RealCells.Load(table, squares: null);
        Assert.Equal(12, real.Cells.Count);
        Assert.All(real.Cells, cell => Assert.Equal(2, cell.Firing.Count));
        var scores = RealCellReport.Scores(real, model: null);
        Assert.Equal("always the cells' median", scores[0].Reading);
        Assert.True(scores[0].MedianError[0] > 0.15);
        Assert.Equal(0, scores[0].MedianError[1], 1e-9);
        // What is linear in the features, ridge finds.
        Assert.InRange(scores[1].MedianError[0], 0, 0.08);
        Assert.Contains("| ridge on the other real cells, one sweep |", RealCellReport.ToMarkdown(null, scores), StringComparison.Ordinal);

        static string Row(int cell, double megaohms, double mean) =>
            Invariant.Text($"{cell},1,{1e3 * mean / megaohms},10,30,14,{mean - 5},100,{mean},90,{megaohms},30");
    }

    [Theory]
    [InlineData("specimen_id,step_pA\n1,2", "1: found no column n_spikes; expected specimen_id, step_pA,")]
    [InlineData(Header + "\n1,2", ":2: found 2 values; expected 12")]
    [InlineData(Header + "\n1,1,x,10,30,14,15,100,20,90,200,30", ":2: found 'x' in step_pA; expected a number")]
    [InlineData(Header, "found no rows; expected at least one")]
    public void Load_TableThatIsNone_IsRefusedWithItsPlace(string text, string message)
    {
        using var folder = new TempFolder();
        var table = Path.Combine(folder.Path, "table.csv");
        File.WriteAllText(table, text);
        var fault = Assert.Throws<InvalidDataException>(() => RealCells.Load(table, squares: null));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_SweepOfAGlif_HasRatiosOfOne()
    {
        // 200 Mohm, 80 pF, 30 mV at 150 pA.
        var sweep = new SweepFeatures
        {
            StepPa = 150,
            LateMeanMv = 30,
            At10Ms = 30 * (1 - Math.Exp(-10 / 16.0)),
            TroughMv = 30,
            LatencyMs = 1e4,
        };
        var ratios = JointRatios.Of(sweep, null, [Math.Log(200), Math.Log(80), Math.Log(30)]);
        Assert.All(ratios[..5], ratio => Assert.Equal(1, ratio, 1e-9));
        Assert.All(ratios[5..], ratio => Assert.True(double.IsNaN(ratio)));
    }

    [Fact]
    public void Measured_NumbersOfACell_AreItsSweeps()
    {
        var firing = new SweepFeatures
        {
            Kind = SweepKind.Firing,
            StepPa = 190,
            StepMs = 1e3,
            SpikeCount = 17,
            LatencyMs = 41,
            At10Ms = 13,
            TroughMv = 21,
            LateMeanMv = 29,
            PeakMv = 99,
        };
        var (found, none) = CellVector.Measured(CellVector.Of(firing, null, null, hasTrace: false));
        Assert.Null(none);
        Assert.Equal(17, found.SpikeCount);
        Assert.Equal(firing.StepPa, found.StepPa, 1e-3);
        Assert.Equal(firing.LatencyMs, found.LatencyMs, 1e-3);
        Assert.Equal(firing.At10Ms, found.At10Ms, 1e-3);
        Assert.Equal(firing.TroughMv, found.TroughMv, 1e-3);
        Assert.Equal(firing.LateMeanMv, found.LateMeanMv, 1e-3);
    }
}
