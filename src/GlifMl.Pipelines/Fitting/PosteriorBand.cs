using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>Neurons drawn from a reading's posterior, and what they do: what is known of a cell, seen as behaviour.</summary>
/// <param name="Neurons">The draws.</param>
internal sealed record PosteriorBand(IReadOnlyList<NeuronConfig> Neurons)
{
    private const int Draws = 40;
    private const double Low = 0.05,
        High = 0.95;

    /// <summary>Draws neurons; the same for the same reading.</summary>
    public static PosteriorBand Of(CellFit fit)
    {
        var (reading, neuron) = (fit.Reading!, fit.Published!.Neuron);
        var root = SmallMatrix.Cholesky(reading.Covariance);
        var random = new SeededRandom(1, RandomStreams.PosteriorBand);
        var neurons = new NeuronConfig[Draws];
        for (var n = 0; n < Draws; n++)
        {
            double[] normal = [random.NextGaussian(), random.NextGaussian(), random.NextGaussian()];
            var off = new double[3];
            for (var p = 0; p < 3; p++)
            {
                for (var q = 0; q <= p; q++)
                    off[p] += root[p, q] * normal[q];
            }
            neurons[n] = neuron with
            {
                InputResistanceOhms = neuron.InputResistanceOhms * Math.Exp(off[CellReading.Resistance]),
                CapacitanceFarads = neuron.CapacitanceFarads * Math.Exp(off[CellReading.Capacitance]),
                ThresholdInfinityVolts = neuron.ThresholdInfinityVolts * Math.Exp(off[CellReading.Threshold]),
            };
        }
        return new PosteriorBand(neurons);
    }

    /// <summary>The middle 90 % of the membrane potential under a sweep, mV, where at least half of the neurons have one.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="seconds">Up to where.</param>
    /// <param name="points">How many places it is told at.</param>
    public (double Seconds, double Low, double High)[] Voltages(FittedSweep sweep, double seconds, int points)
    {
        var steps = (int)Math.Clamp(seconds / sweep.DtSeconds, 1, sweep.VoltageMv.Length);
        var amperes = sweep.Amperes()[..steps];
        var stride = Math.Max(1, steps / points);
        var found = new double[Neurons.Count][];
        for (var n = 0; n < found.Length; n++)
        {
            var voltage = GlifSimulator.Run(SimulatedSweep.At(Neurons[n], sweep.DtSeconds), amperes).VoltageVolts;
            found[n] = [.. Enumerable.Range(0, steps / stride).Select(k => 1e3 * voltage[k * stride])];
        }
        var band = new (double, double, double)[found[0].Length];
        for (var k = 0; k < band.Length; k++)
        {
            double[] values = [.. found.Select(mv => mv[k]).Where(double.IsFinite).Order()];
            var (low, high) = values.Length < Neurons.Count / 2 ? (double.NaN, double.NaN) : Middle(values);
            band[k] = (k * stride * sweep.DtSeconds, low, high);
        }
        return band;
    }

    /// <summary>The middle 90 % of the firing rate under a constant current, Hz.</summary>
    public (double Low, double High) Rate(double picoamperes) => Middle([.. Neurons.Select(neuron => Rate(neuron, picoamperes)).Order()]);

    /// <summary>A GLIF1's firing rate under a constant current, Hz: its period is known.</summary>
    public static double Rate(NeuronConfig neuron, double picoamperes)
    {
        var steady = neuron.RestingPotentialVolts + (picoamperes * 1e-12 / neuron.ConductanceSiemens);
        var threshold = neuron.EffectiveThresholdVolts;
        if (steady <= threshold)
            return 0;
        // From 0 to the threshold, then the cut.
        var rise = neuron.MembraneTimeConstantSeconds * Math.Log(steady / (steady - threshold));
        return 1 / (rise + (neuron.SpikeCutSteps * neuron.DtSeconds));
    }

    private static (double, double) Middle(double[] sorted) =>
        (sorted[(int)(Low * (sorted.Length - 1))], sorted[(int)Math.Ceiling(High * (sorted.Length - 1))]);
}
