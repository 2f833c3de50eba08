using System.Globalization;
using GlifMl.Pipelines;
using GlifMl.Simulation;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Pipelines.Experiments;

public sealed class RealCellsTests
{
    private static readonly SweepFeatures Firing = new()
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
        var scores = CellScoring.Scores(real, []);
        Assert.Equal("always the cells' median", scores[0].Reading);
        Assert.True(scores[0].MedianError[0] > 0.15);
        Assert.Equal(0, scores[0].MedianError[1], 1e-9);
        // What is linear in the features, ridge finds.
        Assert.InRange(scores[1].MedianError[0], 0, 0.08);
        Assert.Contains("| ridge on the other cells, one sweep ", RealCellReport.ToMarkdown(null, scores), StringComparison.Ordinal);

        static string Row(int cell, double megaohms, double mean) =>
            Invariant.Text($"{cell},1,{1e3 * mean / megaohms},10,30,14,{mean - 5},100,{mean},90,{megaohms},30");
    }

    [Fact]
    public void Scores_OneModel_HasWhatFitAnswersBesideIt()
    {
        var cell = new RealCell(
            "a",
            [
                Firing,
                new()
                {
                    Kind = SweepKind.Hyperpolarising,
                    StepPa = -100,
                    StepMs = 1e3,
                    DeflectionMv = -16,
                    TimeConstantMs = 15,
                },
            ],
            [Math.Log(180), Math.Log(95), Math.Log(24)]
        );
        var scores = CellScoring.Scores(RealCells.Of([cell]), [("network", CellPosterior.Shipped)]).ToDictionary(score => score.Reading);
        foreach (
            var (sweeps, wider) in new[] { ("one sweep", new[] { 1.0, 1, 1 }), ("all and those below threshold", new[] { 1, 1.11, 1.04 }) }
        )
        {
            // Two parts network in the logarithm, as wide as the network but for what is asked for besides.
            var (closed, network, fit) = (scores[$"closed form, {sweeps}"], scores[$"network, {sweeps}"], scores[$"fit, {sweeps}"]);
            for (var p = 0; p < 3; p++)
            {
                Assert.Equal((1 + closed.Bias[p]) * Math.Pow(1 + network.Bias[p], 2), Math.Pow(1 + fit.Bias[p], 3), 1e-6);
                Assert.Equal(wider[p] * network.Width![p], fit.Width![p], 1e-6);
            }
        }
        Assert.Contains("exponential through 10 ms and the late mean, one sweep", scores.Keys);
        // One cell has neither a median nor others.
        Assert.Contains("always the population's median", scores.Keys);
        Assert.DoesNotContain("all sweeps", string.Join(';', scores.Keys), StringComparison.Ordinal);
    }

    [Fact]
    public void PlainFits_SweepOfAGlif1_FindIt()
    {
        // 200 Mohm, 80 pF, 24 mV at 150 pA: from rest, and from each reset, 25.75 ms to the threshold.
        var (steady, tau) = (30.0, 16.0);
        var rise = -tau * Math.Log(1 - (24 / steady));
        var sweep = new SweepFeatures
        {
            Kind = SweepKind.Firing,
            StepPa = 150,
            StepMs = 1e3,
            SpikeCount = (int)(1e3 / (rise + (1e3 * CellNeuron.UsualSpikeCutSeconds))),
            LatencyMs = rise,
            At10Ms = steady * (1 - Math.Exp(-10 / tau)),
            LateMeanMv = steady - (tau * 24 / rise),
        };
        var found = PlainFits.NearestGlif1(sweep)!;
        // So short an onset leaves R to the population.
        Assert.Equal(Math.Log(200), found.Middle[0], 0.15);
        Assert.Equal(Math.Log(80), found.Middle[1], 0.1);
        Assert.Equal(Math.Log(24), found.Middle[2], 0.1);
        // An exponential takes the mean for the end.
        var exponential = PlainFits.ExponentialOfFeatures(sweep with { LateMeanMv = steady })!;
        Assert.Equal(Math.Log(200), exponential.Middle[0], 1e-9);
        Assert.Equal(Math.Log(80), exponential.Middle[1], 1e-9);
        Assert.Equal(Math.Log(24), exponential.Middle[2], 1e-9);
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
        var (found, none) = CellVector.Measured(CellVector.Of(Firing, null, null, hasTrace: false));
        Assert.Null(none);
        Assert.Equal(17, found.SpikeCount);
        Assert.Equal(Firing.StepPa, found.StepPa, 1e-3);
        Assert.Equal(Firing.LatencyMs, found.LatencyMs, 1e-3);
        Assert.Equal(Firing.At10Ms, found.At10Ms, 1e-3);
        Assert.Equal(Firing.TroughMv, found.TroughMv, 1e-3);
        Assert.Equal(Firing.LateMeanMv, found.LateMeanMv, 1e-3);
    }

    [Fact]
    public void Cells_RecordingsBesideTheirNeurons_AreATableOfErrors()
    {
        var (code, output, error) = Glifml.Run("cells", Glifml.Path("datasets/recordings"));

        Assert.Equal("", error);
        Assert.Equal(0, code);
        Assert.Contains("| 526950199 ", output, StringComparison.Ordinal);
        Assert.Contains("| 569469018 ", output, StringComparison.Ordinal);
        Assert.Contains("| fit, one sweep ", output, StringComparison.Ordinal);
        Assert.Contains("| exponential fitted to the onset, one sweep ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Cells_Definition_ScoresSessionsOfSimulatedCells()
    {
        var (code, output, error) = Glifml.Run("cells", Glifml.Path("pipelines/recordings.yaml"), "--count", "12");

        Assert.Equal("", error);
        Assert.Equal(0, code);
        foreach (var sweeps in new[] { "one sweep", "all sweeps", "all and those below threshold", "noise", "steps and noise" })
            Assert.Contains($"| fit, {sweeps} ", output, StringComparison.Ordinal);
        Assert.Contains("R2 of logs, labels that do not scatter", output, StringComparison.Ordinal);
        // Published values are of noise: what it tells lies nearer to them than what squares do.
        Assert.All(Errors("noise").Zip(Errors("all sweeps")).Take(2), pair => Assert.True(pair.First < pair.Second));

        double[] Errors(string sweeps) =>
            [
                .. output
                    .Split('\n')
                    .First(line =>
                        line.StartsWith($"| fit, {sweeps} ", StringComparison.Ordinal) && !line.Contains("below", StringComparison.Ordinal)
                    )
                    .Split('|')[3]
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(error => double.Parse(error, CultureInfo.InvariantCulture)),
            ];
    }

    [Theory]
    [InlineData("--count: found no definition; expected one, because real cells are all taken", "table.csv --count 3")]
    [InlineData("--squares: found no table of features; expected one, because", "a.csv=b.json --squares c.csv")]
    [InlineData("a.csv: found no such file; expected a recording", "a.csv=b.json")]
    [InlineData("found 2 inputs; expected one table, one definition, or RECORDING=NEURON.json each", "LICENSE README.md")]
    public void Cells_WrongInputs_AreRefusedInOneLine(string message, string arguments)
    {
        var (code, _, error) = Glifml.Run([
            "cells",
            .. arguments.Split(' ').Select(a => a is "LICENSE" or "README.md" ? Glifml.Path(a) : a),
        ]);

        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: {message}", error, StringComparison.Ordinal);
    }
}
