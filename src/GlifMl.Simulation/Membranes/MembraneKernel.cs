using System.Runtime.CompilerServices;

namespace GlifMl.Simulation;

/// <summary>
/// The batch kernel of membranes: the steps of <see cref="MembraneSimulator"/> with one trace a lane, operation by operation in the same
/// order. Lanes in a spike are masked; a spike, which is rare, leaves the vectors for <see cref="MembraneGroup.Spike"/>.
/// </summary>
internal static class MembraneKernel<T, TOut>
    where T : struct, IDoubleLanes<T>
    where TOut : unmanaged
{
    // As in LaneKernel.
    private const int BlockSteps = 128;

    // Fully compiled at the first call: a whole batch may be one call a group, too few for tiering.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(MembraneGroup group, LaneOutput<TOut> output)
    {
        var (somaRate, somaSum, coupling) = (Gather(group, c => c.SomaRate), Gather(group, c => c.SomaSum), Gather(group, c => c.Coupling));
        var (dendriteRate, dendriteSum) = (Gather(group, c => c.DendriteRate), Gather(group, c => c.DendriteSum));
        var (leakGain, spikeCurrent, steepness) = (
            Gather(group, c => c.LeakGain),
            Gather(group, c => c.SpikeCurrent),
            Gather(group, c => c.SpikeSteepness)
        );
        var margin = Gather(group, c => c.SpikeMargin);
        var (sagConductance, sagGain) = (Gather(group, c => c.SagConductance), Gather(group, c => c.SagGain));
        var (potassiumDecay, potassiumVolts) = (Gather(group, c => c.PotassiumDecay), Gather(group, c => c.PotassiumVolts));
        var (followDecay, followGain) = (Gather(group, c => c.FollowDecay), Gather(group, c => c.FollowGain));
        var (infinity, El) = (Gather(group, c => c.Threshold), Gather(group, c => c.El));
        var (factor, one, nan, zero) = (T.Broadcast(output.Factor), T.Broadcast(1), T.Broadcast(double.NaN), T.Broadcast(0));

        var u = Gather(group, c => c.InitialVoltage);
        var (d, w, potassium, following) = (zero, zero, zero, zero);
        var jitter = T.Load(in group.Jitter[0]);
        var resume = T.Broadcast(double.NegativeInfinity);
        var now = zero;
        var theta = infinity + jitter + following + LaneRows<T>.Sum(group.Jumps, group.JumpCount);

        var voltages = new TOut[BlockSteps * T.Count];
        var currents = new double[BlockSteps * T.Count];
        for (var blockStart = 0; blockStart < group.Steps; blockStart += BlockSteps)
        {
            var blockSteps = Math.Min(BlockSteps, group.Steps - blockStart);
            Transposition.FromRows(group.Stimuli, blockStart, blockSteps, currents);
            for (var s = 0; s < blockSteps; s++)
            {
                var integrates = T.IsGreater(now, resume);
                var I = T.Load(in currents[s * T.Count]) + LaneRows<T>.Sum(group.Afterspikes, group.AfterspikeCount);
                I = I + (potassium * potassiumVolts) + (leakGain * u * u) - (sagConductance * w);
                if (group.IsExponential)
                    I += spikeCurrent * SmallExponential.Of((u - theta) * steepness);
                var soma = somaSum + potassium;
                var dendriteCharge = dendriteRate * d;
                var next =
                    (((somaRate * u) + I) * dendriteSum + (coupling * dendriteCharge)) / ((soma * dendriteSum) - (coupling * coupling));
                d = T.Select(integrates, (dendriteCharge + (coupling * next)) / dendriteSum, d);
                w = T.Select(integrates, w + (sagGain * (u - w)), w);
                potassium = T.Select(integrates, potassium * potassiumDecay, potassium);
                following = T.Select(integrates, (following * followDecay) + (followGain * u), following);
                u = T.Select(integrates, next, u);
                LaneRows<T>.Decay(group.Afterspikes, group.AfterspikeDecay, group.AfterspikeCount, integrates);
                LaneRows<T>.Decay(group.Jumps, group.JumpDecay, group.JumpCount, integrates);
                theta = infinity + jitter + following + LaneRows<T>.Sum(group.Jumps, group.JumpCount);

                var spikes = T.Bits(T.And(T.IsGreater(u, theta + margin), integrates));
                if (spikes != 0)
                {
                    // By way of the group's memory, as in LaneKernel.
                    T.Store(u, ref group.Voltages[0]);
                    T.Store(potassium, ref group.Potassium[0]);
                    T.Store(following, ref group.Following[0]);
                    group.Spike(spikes, blockStart + s);
                    u = T.Load(in group.Voltages[0]);
                    potassium = T.Load(in group.Potassium[0]);
                    jitter = T.Load(in group.Jitter[0]);
                    resume = T.Load(in group.Resumes[0]);
                    theta = infinity + jitter + following + LaneRows<T>.Sum(group.Jumps, group.JumpCount);
                }

                var voltage = T.Select(T.IsGreater(resume, now), nan, u + El) * factor;
                if (typeof(TOut) == typeof(float))
                    T.Store(voltage, ref Unsafe.As<TOut, float>(ref voltages[s * T.Count]));
                else
                    T.Store(voltage, ref Unsafe.As<TOut, double>(ref voltages[s * T.Count]));
                now += one;
            }
            Transposition.ToRows(voltages.AsSpan(0, blockSteps * T.Count), T.Count, group.TraceCount, output, blockStart);
        }
    }

    private static T Gather(MembraneGroup group, Func<MembraneConstants, double> constant) => T.Load(in group.Gather(constant)[0]);
}
