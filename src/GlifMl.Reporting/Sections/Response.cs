using GlifMl.Simulation;

namespace GlifMl.Reporting;

/// <summary>What one neuron does under one protocol.</summary>
/// <param name="ComparedNeuron">The neuron.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="StimulusAmperes">The current at each step, A.</param>
/// <param name="Trace">What the simulator gives.</param>
internal sealed record Response(ComparedNeuron ComparedNeuron, Protocol Protocol, double[] StimulusAmperes, GlifTrace Trace)
{
    /// <summary>Membrane potential, mV, NaN in spike cuts.</summary>
    public double[] VoltageMv { get; } = Array.ConvertAll(Trace.VoltageVolts, v => 1000 * v);

    /// <summary>Highest membrane potential, mV.</summary>
    public double PeakMv => VoltageMv.Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Max();

    /// <summary>The neuron's threshold at rest, mV.</summary>
    public double ThresholdMv => 1000 * ComparedNeuron.Neuron.EffectiveThresholdVolts;

    /// <summary>The threshold at each step, mV, NaN in spike cuts; null where it is <see cref="ThresholdMv"/> throughout (GLIF1 and GLIF3).</summary>
    public double[]? MovingThresholdMv { get; } =
        Array.Exists(Trace.ThresholdVolts, v => !double.IsNaN(v) && v != ComparedNeuron.Neuron.EffectiveThresholdVolts)
            ? Array.ConvertAll(Trace.ThresholdVolts, v => 1000 * v)
            : null;

    /// <summary>Some steps of the response, with times from 0.</summary>
    /// <param name="protocol">What they are called, and how many.</param>
    /// <param name="first">The first of them.</param>
    public Response Stretch(Protocol protocol, int first)
    {
        var steps = first..(first + protocol.Steps);
        var spikes = Enumerable
            .Range(0, Trace.SpikeSteps.Length)
            .Where(k => Trace.SpikeSteps[k] >= steps.Start.Value && Trace.SpikeSteps[k] < steps.End.Value)
            .ToArray();
        double[] FromZero(double[] seconds) => Array.ConvertAll(spikes, k => seconds[k] - (first * Trace.DtSeconds));
        return new Response(
            ComparedNeuron,
            protocol,
            StimulusAmperes[steps],
            Trace with
            {
                VoltageVolts = Trace.VoltageVolts[steps],
                ThresholdVolts = Trace.ThresholdVolts[steps],
                AfterspikeCurrentsAmperes = Array.ConvertAll(Trace.AfterspikeCurrentsAmperes, current => current[steps]),
                SpikeSteps = Array.ConvertAll(spikes, k => Trace.SpikeSteps[k] - first),
                GridSpikeTimesSeconds = FromZero(Trace.GridSpikeTimesSeconds),
                InterpolatedSpikeTimesSeconds = FromZero(Trace.InterpolatedSpikeTimesSeconds),
            }
        );
    }

    /// <summary>Runs every neuron under every protocol.</summary>
    /// <returns>Responses by protocol, in the neurons' order.</returns>
    public static IReadOnlyList<Response[]> Simulate(
        IReadOnlyList<ComparedNeuron> subjects,
        IReadOnlyList<Protocol> protocols,
        CancellationToken cancellation
    )
    {
        var currents = protocols
            .Select(protocol =>
            {
                var amperes = new double[protocol.Steps];
                protocol.Stimulus.Sample(protocol.DtSeconds, amperes);
                return amperes;
            })
            .ToArray();
        var responses = protocols.Select(_ => new Response[subjects.Count]).ToArray();
        Parallel.For(
            0,
            protocols.Count * subjects.Count,
            new ParallelOptions { CancellationToken = cancellation },
            job =>
            {
                var (p, s) = (job / subjects.Count, job % subjects.Count);
                var neuron = subjects[s].Neuron.With(GlifParameter.TimeStep, protocols[p].DtSeconds);
                responses[p][s] = new Response(subjects[s], protocols[p], currents[p], GlifSimulator.Run(neuron, currents[p]));
            }
        );
        return responses;
    }
}
