using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class CaseStudyTests
{
    // dt is inert in the study: every one of its five values simulates at 1 / 200 kHz, so 625 of the 3,125 need simulating.
    [Theory]
    [InlineData(1, 370)]
    [InlineData(2, 353)]
    public void Grid_UnderTheStudysNoise_HasFewDistinctTraces(int noise, int distinct)
    {
        const int Simulated = 52_000;
        const int Kept = 50_000;
        var grid = ParameterDesign.Grid([
            new("C", [0.01e-9, 0.05e-9, 0.1e-9, 0.5e-9, 1e-9]),
            new("El", [-0.1, -0.5, 0, 0.5, 0.1]),
            new("R_input", [0.01834e9, 0.05834e9, 0.1834e9, 0.5834e9, 1.834e9]),
            new("th_inf", [0.00541, 0.0141, 0.0341, 0.0741, 0.141]),
        ]);
        var stimulus = new double[Simulated];
        StimulusCatalog.Create($"case-study-noise-{noise}").Sample(5e-6, stimulus);
        var fitted = Neurons.Load(1).With("dt", 5e-6);
        var hashes = new HashSet<string>();
        var voltages = new float[125 * Simulated];
        for (var start = 0; start < grid.Count; start += 125)
        {
            var traces = Enumerable
                .Range(start, 125)
                .Select(index =>
                {
                    var neuron = fitted;
                    foreach (var (key, value) in grid.Keys.Zip(grid.Point(index)))
                        neuron = neuron.With(key, value);
                    return new SimulationRequest(neuron, stimulus);
                })
                .ToArray();
            BatchSimulator.RunMillivolts(traces, Simulated, voltages);
            for (var trace = 0; trace < traces.Length; trace++)
            {
                var kept = voltages.AsSpan(trace * Simulated, Simulated).ToArray().Where(mv => !float.IsNaN(mv)).Take(Kept).ToArray();
                hashes.Add(Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(kept.AsSpan()))));
            }
        }
        Assert.Equal(distinct, hashes.Count);
    }
}
