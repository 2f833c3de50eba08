using GlifMl.Pipelines;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Pipelines.Fitting;

public sealed class RefinementTests
{
    // What the published GLIF1 models of the two cells explain of the same sweeps: 0.52 and 0.11.
    [Theory]
    [InlineData("526950199_sweep37", 1, 0.45)]
    [InlineData("569469018_sweep44", 1, 0.42)]
    [InlineData("526950199_sweep37", 3, 0.70)]
    [InlineData("569469018_sweep44", 3, 0.60)]
    public void Of_RealSweep_ReproducesIt(string name, int level, double explained)
    {
        var fit = Fit(name);

        var refined = Refinement.Of(fit, level);

        Assert.InRange(refined.Best.Spikes, 0.85 * fit.SpikesRecorded, 1.15 * fit.SpikesRecorded);
        Assert.InRange(refined.Best.ExplainedVariance, explained, 1);
        // A train of another number of spikes can explain more by beginning and ending together, and is no reproduction.
        var isReproduction = Math.Abs(refined.Start.Spikes - fit.SpikesRecorded) <= 0.15 * fit.SpikesRecorded;
        Assert.True(!isReproduction || refined.Best.ExplainedVariance > refined.Start.ExplainedVariance);
        // The first answer is left as it was.
        Assert.Equal(fit.Published!.Neuron, refined.Start.Neuron);
    }

    [Fact]
    public void Of_SweepOfAGlif_FindsIt()
    {
        var fit = Fit("569469018_sweep44");
        var truth = fit.Published!.Neuron.With([GlifParameter.InputResistance, GlifParameter.Threshold], [330e6, 0.0285]);
        var trace = SimulatedSweep.Of(truth, fit.Sweeps!.Used[0]);
        var recorded = trace.Sweep with { SpikeSeconds = trace.SpikeSeconds };

        var refined = Refinement.Of(fit with { Sweeps = fit.Sweeps with { Used = [recorded] } }, 1);

        Assert.Equal(trace.SpikeSeconds.Length, refined.Best.Spikes);
        Assert.InRange(refined.Best.ExplainedVariance, 0.9, 1);
    }

    private static CellFit Fit(string name)
    {
        var input = new CellInput(name, [Glifml.Path($"datasets/recordings/{name}.csv")]);
        return CellFit.Of(name, CellSweeps.Read(input, SweepSelection.Usable, sweep => sweep));
    }
}
