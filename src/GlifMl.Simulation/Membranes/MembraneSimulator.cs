using System.Numerics;

namespace GlifMl.Simulation;

/// <summary>
/// The scalar simulator of <see cref="MembraneCell"/>, in double precision: the specification of <see cref="MembraneBatch"/>, which has its
/// bits.
/// </summary>
/// <remarks>
/// With u the voltage of the soma above rest, d that of the dendrite, f the dendrite's share, G and C the GLIF's conductance and
/// capacitance and th its threshold above rest:
/// <code>
/// (1 - f) C du/dt = I - (1 - f) G u + G k u² / 2 th + G s exp((u - theta) / s) - g_c (u - d) - g_h w - g_K (u - E_K) + sum(i_a)
/// f C dd/dt       = -f G d + g_c (u - d)
/// t_h dw/dt       = u - w
/// theta           = th + jitter + sum(theta_j) + theta_v,    t_v dtheta_v/dt = a u - theta_v
/// </code>
/// Two compartments: Pinsky and Rinzel 1994, J Comput Neurosci 1:39. A leak that falls with voltage (inward rectifiers close, sodium
/// persists): Waters and Helmchen 2006, J Neurosci 26:8267, to first order. The exponential current: Fourcaud-Trocmé et al. 2003,
/// J Neurosci 23:11628, with its soft threshold at theta; the spike is counted where that current charges the soma by 20 V/s, as a
/// recorded one is, and without such a current at theta. Sag, linearised: Richardson et al. 2003, J Neurophysiol 89:2538. What a spike
/// leaves, currents i_a, conductance g_K and steps of the threshold theta_j, each exponential: Teeter et al. 2018, Nat Commun 9:709;
/// Mensi et al. 2012, J Neurophysiol 107:1756. A threshold that follows the voltage: Platkiewicz and Brette 2010, PLoS Comput Biol
/// 6:e1000850. Soma and dendrite are solved together by backward Euler, so that a small soma does not limit the step; what is not linear
/// counts by the step before.
/// A spike at step t with a cut of n steps fills t..t+n-1, and the reset value stands at t+n, as in <see cref="GlifSimulator"/>.
/// </remarks>
internal static class MembraneSimulator
{
    /// <summary>Simulates a cell; one step a stimulus sample.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="stimulusAmperes">[N] the injected current, A.</param>
    /// <param name="voltageVolts">[N] receives the voltage, V; spikes are NaN, or action potentials where the cell has a peak.</param>
    /// <returns>The steps in which the voltage crossed the threshold.</returns>
    public static int[] Run(MembraneCell cell, ReadOnlySpan<double> stimulusAmperes, Span<double> voltageVolts)
    {
        Stimulus.RequireFinite(stimulusAmperes);
        var c = new MembraneConstants(cell);
        var (u, d, w, potassium, following, jitter) = (c.InitialVoltage, 0.0, 0.0, 0.0, 0.0, c.Jitter(0));
        var afterspikes = (double[])c.InitialAfterspikes.Clone();
        var jumps = new double[c.JumpDecay.Length];
        var theta = c.Threshold + jitter + following + Sum(jumps);
        var spikes = new List<int>();
        for (var step = 0; step < stimulusAmperes.Length; step++)
        {
            var before = u;
            var I =
                stimulusAmperes[step] + Sum(afterspikes) + (potassium * c.PotassiumVolts) + (c.LeakGain * u * u) - (c.SagConductance * w);
            if (c.IsExponential)
                I += c.SpikeCurrent * SmallExponential.Of((u - theta) * c.SpikeSteepness);
            var soma = c.SomaSum + potassium;
            var dendriteCharge = c.DendriteRate * d;
            u =
                (((c.SomaRate * u) + I) * c.DendriteSum + (c.Coupling * dendriteCharge))
                / ((soma * c.DendriteSum) - (c.Coupling * c.Coupling));
            d = (dendriteCharge + (c.Coupling * u)) / c.DendriteSum;
            w += c.SagGain * (before - w);
            potassium *= c.PotassiumDecay;
            following = (following * c.FollowDecay) + (c.FollowGain * before);
            for (var k = 0; k < afterspikes.Length; k++)
                afterspikes[k] *= c.AfterspikeDecay[k];
            for (var k = 0; k < jumps.Length; k++)
                jumps[k] *= c.JumpDecay[k];
            theta = c.Threshold + jitter + following + Sum(jumps);
            if (u > theta + c.SpikeMargin)
            {
                spikes.Add(step);
                jitter = c.Reset(ref u, ref potassium, following, afterspikes, jumps, spikes.Count);
                theta = c.Threshold + jitter + following + Sum(jumps);
                var resume = (int)Math.Min((long)step + c.CutSteps, stimulusAmperes.Length);
                voltageVolts[step..resume].Fill(double.NaN);
                if (resume == stimulusAmperes.Length)
                    break;
                step = resume;
            }
            voltageVolts[step] = u + c.El;
        }
        ActionPotential.Draw(c, spikes, voltageVolts, 1);
        return [.. spikes];
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum;
    }
}

/// <summary>
/// exp by a polynomial and squares: the same operations in every width of lanes, which the platform's own function does not promise.
/// </summary>
internal static class SmallExponential
{
    // Below, the current is nothing; above, the cell has long spiked.
    private const double Lowest = -20;
    private const double Highest = 8;

    private const double Share = 1.0 / 64;
    private const int Squarings = 6;

    // 1 / n!: with |x| up to 20/64 the rest is below 1e-13.
    private static readonly double[] Coefficients =
    [
        1.0 / 3628800,
        1.0 / 362880,
        1.0 / 40320,
        1.0 / 5040,
        1.0 / 720,
        1.0 / 120,
        1.0 / 24,
        1.0 / 6,
        0.5,
        1,
        1,
    ];

    /// <summary>exp of a number, which is taken as -20 or 8 where it lies outside: relative error below 1e-11.</summary>
    public static double Of(double x)
    {
        var y =
            (
                x > Highest ? Highest
                : Lowest > x ? Lowest
                : x
            ) * Share;
        var value = Coefficients[0];
        for (var n = 1; n < Coefficients.Length; n++)
            value = (value * y) + Coefficients[n];
        for (var n = 0; n < Squarings; n++)
            value *= value;
        return value;
    }

    /// <summary>The same in lanes.</summary>
    public static T Of<T>(T x)
        where T : struct, IDoubleLanes<T>
    {
        var (lowest, highest) = (T.Broadcast(Lowest), T.Broadcast(Highest));
        x = T.Select(T.IsGreater(x, highest), highest, x);
        var y = T.Select(T.IsGreater(lowest, x), lowest, x) * T.Broadcast(Share);
        var value = (T.Broadcast(1.0 / 3628800) * y) + T.Broadcast(1.0 / 362880);
        value = (value * y) + T.Broadcast(1.0 / 40320);
        value = (value * y) + T.Broadcast(1.0 / 5040);
        value = (value * y) + T.Broadcast(1.0 / 720);
        value = (value * y) + T.Broadcast(1.0 / 120);
        value = (value * y) + T.Broadcast(1.0 / 24);
        value = (value * y) + T.Broadcast(1.0 / 6);
        value = (value * y) + T.Broadcast(0.5);
        value = (value * y) + T.Broadcast(1);
        value = (value * y) + T.Broadcast(1);
        for (var n = 0; n < Squarings; n++)
            value *= value;
        return value;
    }
}

/// <summary>
/// The shape of an action potential in a spike's cut: up from the threshold to the peak in a third of a millisecond, at once steeper than
/// the 20 V/s by which detectors find it, then down to the reset.
/// </summary>
internal static class ActionPotential
{
    private const double RiseSeconds = 0.35e-3;

    // The fall is steep first and flat at its end.
    private const int FallPower = 4;

    /// <summary>Draws the spikes of a trace in place of its NaN; nothing where the cell has no peak.</summary>
    /// <param name="c">The cell.</param>
    /// <param name="spikes">The steps of its spikes.</param>
    /// <param name="voltage">The trace, from its first step.</param>
    /// <param name="factor">From V to the trace's unit.</param>
    public static void Draw<T>(MembraneConstants c, IReadOnlyList<int> spikes, Span<T> voltage, double factor)
        where T : struct, INumberBase<T>
    {
        foreach (var spike in Shapes(c, spikes, voltage.Length))
        {
            var from = spike.First > 0 ? double.CreateTruncating(voltage[spike.First - 1]) / factor : c.El + c.Threshold;
            var to = spike.End < voltage.Length ? double.CreateTruncating(voltage[spike.End]) / factor : c.El;
            for (var n = spike.First; n < spike.End && n < voltage.Length; n++)
                voltage[n] = T.CreateTruncating(factor * At(c, from, to, n - spike.First + 1));
        }
    }

    private static IEnumerable<(int First, int End)> Shapes(MembraneConstants c, IReadOnlyList<int> spikes, int length) =>
        c.PeakVolts is null
            ? []
            : spikes.Where(step => step < length).Select(step => (step, (int)Math.Min((long)step + c.CutSteps, length)));

    private static double At(MembraneConstants c, double from, double to, int steps)
    {
        var (peak, seconds, length) = (c.El + c.PeakVolts!.Value, steps * c.Dt, c.CutSteps * c.Dt);
        var rise = Math.Min(RiseSeconds, length / 2);
        return seconds <= rise
            ? from + ((peak - from) * Math.Sin(Math.PI / 2 * seconds / rise))
            : to + ((peak - to) * Math.Pow(1 - Math.Min(1, (seconds - rise) / (length - rise)), FallPower));
    }
}
