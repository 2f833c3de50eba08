using System.Runtime.CompilerServices;

namespace GlifMl.Simulation;

/// <summary>
/// The batch kernel: the steps of <see cref="GlifSimulator"/> with one trace a lane, operation by operation in the same order. Lanes
/// in a spike cut are masked; a spike, which is rare, leaves the vectors for <see cref="LaneGroup.Spike"/>. Voltages are collected
/// in blocks and transposed, so that each trace is written in runs.
/// </summary>
internal static class LaneKernel<T, TOut>
    where T : struct, IDoubleLanes<T>
    where TOut : unmanaged
{
    // A block of 16 lanes of doubles is 16 KiB: half of a first-level cache.
    private const int BlockSteps = 128;

    /// <summary>What the JIT compiles apart: whether a feature is in the dynamics at all.</summary>
    private interface IFeature
    {
        static abstract bool IsOn { get; }
    }

    public static void Run(LaneGroup group, LaneOutput<TOut> output)
    {
        if (group.Dynamics.IsExactInVoltage)
            Choose<On>(group, output);
        else
            Choose<Off>(group, output);
    }

    private static void Choose<TExact>(LaneGroup group, LaneOutput<TOut> output)
        where TExact : struct, IFeature
    {
        switch (group.Dynamics.Threshold)
        {
            case ThresholdKind.Infinity:
                Choose<TExact, Off, Off>(group, output);
                break;
            case ThresholdKind.Spike:
                Choose<TExact, On, Off>(group, output);
                break;
            default:
                Choose<TExact, On, On>(group, output);
                break;
        }
    }

    private static void Choose<TExact, TSpikeComponent, TVoltageComponent>(LaneGroup group, LaneOutput<TOut> output)
        where TExact : struct, IFeature
        where TSpikeComponent : struct, IFeature
        where TVoltageComponent : struct, IFeature
    {
        if (group.AfterspikeCount > 0)
            Simulate<TExact, TSpikeComponent, TVoltageComponent, On>(group, output);
        else
            Simulate<TExact, TSpikeComponent, TVoltageComponent, Off>(group, output);
    }

    // Fully compiled at the first call: a whole batch may be one call a group, too few for tiering.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Simulate<TExact, TSpikeComponent, TVoltageComponent, TAfterspikes>(LaneGroup group, LaneOutput<TOut> output)
        where TExact : struct, IFeature
        where TSpikeComponent : struct, IFeature
        where TVoltageComponent : struct, IFeature
        where TAfterspikes : struct, IFeature
    {
        var (dt, G, C, El) = (Gather(group, n => n.Dt), Gather(group, n => n.G), Gather(group, n => n.C), Gather(group, n => n.El));
        var thresholdInfinity = Gather(group, n => n.ThresholdInfinity);
        var membraneDecay = Gather(group, n => n.MembraneDecay);
        var spikeDecay = Gather(group, n => n.SpikeComponentDecay);
        var voltageDecay = Gather(group, n => n.VoltageComponentDecay);
        var (drivenGain, steadyGain) = (Gather(group, n => n.DrivenGain), Gather(group, n => n.SteadyGain));
        var (factor, one, nan) = (T.Broadcast(output.Factor), T.Broadcast(1), T.Broadcast(double.NaN));

        var V = Gather(group, n => n.InitialVoltage);
        var (spikeComponent, voltageComponent) = (T.Broadcast(0), T.Broadcast(0));
        // The step whose sample holds the last reset value: NaN before it, integration after it.
        var resume = T.Broadcast(double.NegativeInfinity);
        var now = T.Broadcast(0);

        var voltages = new TOut[BlockSteps * T.Count];
        var currents = new double[BlockSteps * T.Count];
        var shared = group.SharedStimulus;
        for (var blockStart = 0; blockStart < group.Steps; blockStart += BlockSteps)
        {
            var blockSteps = Math.Min(BlockSteps, group.Steps - blockStart);
            if (shared is null)
                Transposition.FromRows(group.Stimuli, blockStart, blockSteps, currents);
            for (var s = 0; s < blockSteps; s++)
            {
                var I = shared is null ? T.Load(in currents[s * T.Count]) : T.Broadcast(shared[blockStart + s]);
                I += TAfterspikes.IsOn ? LaneRows<T>.Sum(group.Afterspikes, group.AfterspikeCount) : T.Broadcast(0);
                var integrates = T.IsGreater(now, resume);

                var next = TExact.IsOn ? V * membraneDecay + (I + G * El) / G * (one - membraneDecay) : V + (I - G * (V - El)) * dt / C;
                var threshold = thresholdInfinity;
                if (TVoltageComponent.IsOn)
                {
                    var beta = (I + G * El) / G;
                    var followed = voltageComponent * voltageDecay + drivenGain * (V - beta) + steadyGain * (beta - El);
                    voltageComponent = T.Select(integrates, followed, voltageComponent);
                }
                if (TSpikeComponent.IsOn)
                {
                    spikeComponent = T.Select(integrates, spikeComponent * spikeDecay, spikeComponent);
                    threshold = spikeComponent + voltageComponent + thresholdInfinity;
                }
                if (TAfterspikes.IsOn)
                    LaneRows<T>.Decay(group.Afterspikes, group.AfterspikeDecay, group.AfterspikeCount, integrates);
                V = T.Select(integrates, next, V);

                var spikes = T.Bits(T.And(T.IsGreater(V, threshold), integrates));
                if (spikes != 0)
                {
                    // By way of the group's memory: taking addresses of the vectors would keep them out of registers in every step.
                    T.Store(V, ref group.Voltages[0]);
                    T.Store(spikeComponent, ref group.SpikeComponents[0]);
                    T.Store(voltageComponent, ref group.VoltageComponents[0]);
                    T.Store(resume, ref group.Resumes[0]);
                    group.Spike(spikes, blockStart + s);
                    V = T.Load(in group.Voltages[0]);
                    spikeComponent = T.Load(in group.SpikeComponents[0]);
                    resume = T.Load(in group.Resumes[0]);
                }

                var voltage = T.Select(T.IsGreater(resume, now), nan, V) * factor;
                if (typeof(TOut) == typeof(float))
                    T.Store(voltage, ref Unsafe.As<TOut, float>(ref voltages[s * T.Count]));
                else
                    T.Store(voltage, ref Unsafe.As<TOut, double>(ref voltages[s * T.Count]));
                now += one;
            }
            Transposition.ToRows(voltages.AsSpan(0, blockSteps * T.Count), T.Count, group.TraceCount, output, blockStart);
        }
    }

    private static T Gather(LaneGroup group, Func<NeuronConstants, double> constant) => T.Load(in group.Gather(constant)[0]);

    private readonly struct On : IFeature
    {
        public static bool IsOn => true;
    }

    private readonly struct Off : IFeature
    {
        public static bool IsOn => false;
    }
}

/// <summary>Values of which a trace has several, such as afterspike currents: <c>[count, lanes]</c>.</summary>
internal static class LaneRows<T>
    where T : struct, IDoubleLanes<T>
{
    /// <summary>The sum in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(double[] values, int count)
    {
        var sum = T.Broadcast(0);
        for (var k = 0; k < count; k++)
            sum += T.Load(in values[k * T.Count]);
        return sum;
    }

    /// <summary>Lets them decay by a step in the lanes that integrate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decay(double[] values, double[] decays, int count, T integrates)
    {
        for (var k = 0; k < count; k++)
        {
            ref var value = ref values[k * T.Count];
            var before = T.Load(in value);
            T.Store(T.Select(integrates, before * T.Load(in decays[k * T.Count]), before), ref value);
        }
    }
}
