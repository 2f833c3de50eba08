using GlifMl.Pipelines;
using GlifMl.Simulation;
using GlifMl.Tests.Simulation;

namespace GlifMl.Tests.Pipelines.Metrics;

public sealed class CaseStudyMetricsTests
{
    private const int Simulated = 52_000;
    private const int Kept = 50_000;
    private static readonly double[] TimeSteps = [1e-5, 3e-5, 5e-5, 7e-5, 9e-5];

    // What can be learnt from the published study's data at all: only 0.142 of the 1.742 that chance scores.
    [Fact]
    public void Grid_UnderTheStudysNoise2_HasItsChanceAndFloor()
    {
        var grid = ParameterDesign.Grid([
            new("C", [0.01e-9, 0.05e-9, 0.1e-9, 0.5e-9, 1e-9]),
            new("El", [-0.1, -0.5, 0, 0.5, 0.1]),
            new("R_input", [0.01834e9, 0.05834e9, 0.1834e9, 0.5834e9, 1.834e9]),
            new("th_inf", [0.00541, 0.0141, 0.0341, 0.0741, 0.141]),
        ]);
        var stimulus = new double[Simulated];
        StimulusCatalog.Create("case-study-noise-2").Sample(5e-6, stimulus);
        var fitted = Neurons.Load(1).With("dt", 5e-6);
        var rows = new List<(double[] Truth, InputKey Input)>();
        const int Batch = 125;
        var voltages = new float[Batch * Simulated];
        for (var start = 0; start < grid.Count; start += Batch)
        {
            var points = Enumerable.Range(start, Batch).Select(index => grid.Point(index)).ToArray();
            BatchSimulator.RunMillivolts(
                [
                    .. points.Select(point => new SimulationRequest(
                        grid.Keys.Zip(point).Aggregate(fitted, (neuron, p) => neuron.With(p.First, p.Second)),
                        stimulus
                    )),
                ],
                Simulated,
                voltages
            );
            for (var trace = 0; trace < Batch; trace++)
            {
                var kept = voltages.AsSpan(trace * Simulated, Simulated).ToArray().Where(mv => !float.IsNaN(mv)).Take(Kept).ToArray();
                var p = points[trace];
                var input = InputKey.Of(kept);
                // The study's dt touches nothing: each of its five values has this very trace.
                foreach (var dt in TimeSteps)
                    rows.Add(([p[0], p[1], p[2], dt, p[3]], input));
            }
        }

        var accumulator = new MetricsAccumulator(["C", "El", "R_input", "dt", "th_inf"]);
        var groups = InputGroups.Of(rows.Select(row => row.Input), rows.Count);
        foreach (var (n, row) in rows.Index())
            accumulator.Expect(row.Truth, groups.Of(n));
        foreach (var (n, row) in rows.Index())
            accumulator.Add(row.Truth, groups.Of(n), [0, 0, 0, 0, 0]);
        var metrics = accumulator.Compute();
        Assert.Equal((3125L, 353L), (metrics.Rows, metrics.DistinctInputs));
        Assert.Equal(1.7421, metrics.Chance, 5e-5);
        Assert.Equal(1.60027, metrics.Floor!.Value, 5e-6);
        Assert.Equal((8.0, 8.0), (Math.Round(metrics.Parameters["dt"].Chance, 9), Math.Round(metrics.Parameters["dt"].Floor!.Value, 9)));
        Assert.Equal(0.46, 1 - (metrics.Parameters["th_inf"].Floor!.Value / metrics.Parameters["th_inf"].Chance), 0.005);
    }
}
