using GlifMl.Simulation;

namespace GlifMl.Estimators;

/// <summary>
/// From what a trace tells of its membrane to scores in label units. With dt = pulse / samples of the pulse: C = dt / b, R = b / -a,
/// El = c / -a; the threshold lies between the largest voltage seen and the smallest that a step into a spike leads to.
/// </summary>
/// <param name="Scaling">The label's units.</param>
/// <param name="PulseSeconds">How long the first pulse lasts, s.</param>
/// <param name="Thresholds">
/// Thresholds of the training rows, SI units: where a cell stays silent, the answer is the mean of those above the largest voltage, which is
/// what is then known of it. Empty where the threshold is no target.
/// </param>
/// <param name="Targets">The learnt constants, in label order.</param>
internal sealed record ClosedFormEquations(LabelScaling Scaling, double PulseSeconds, double[] Thresholds, TargetConstants[] Targets)
{
    /// <summary>mV/pA in ohm.</summary>
    public const double OhmPerMvPerPa = 1e9;

    /// <summary>mV in V.</summary>
    public const double VoltPerMv = 1e-3;

    /// <summary>Keeps a quotient finite; the target's range bounds it afterwards.</summary>
    public const double Least = 1e-30;

    public void Score(in MembraneIdentification m, Span<float> scores)
    {
        for (var k = 0; k < Targets.Length; k++)
        {
            var target = Targets[k];
            if (!IsTold(target.Target, m.IsDetermined))
            {
                scores[k] = (float)target.Otherwise;
                continue;
            }

            // A silent cell's threshold is a mean of labels already, and needs no calibration.
            var silent = target.Target == GlifParameter.Threshold && m.Crossings == 0;
            var si = silent
                ? SilentThreshold(m.LargestMv * VoltPerMv * target.Coefficient)
                : Estimate(target.Target, m) * target.Coefficient;
            var label = ToLabel(k, Math.Clamp(si, target.Least, target.Most));
            scores[k] = (float)(silent ? label : (target.Slope * label) + target.Intercept);
        }
    }

    /// <summary>Whether a trace tells of a target at all: of dt always, of the others where least squares are determined.</summary>
    public static bool IsTold(string target, bool isDetermined) => isDetermined || target == GlifParameter.TimeStep;

    /// <summary>Whether the equations give a target: the threshold only where the cell spikes.</summary>
    public static bool IsRead(string target, in MembraneIdentification m) =>
        IsTold(target, m.IsDetermined) && (target != GlifParameter.Threshold || m.Crossings > 0);

    /// <summary>A target by the equations, SI units, before its coefficient and range.</summary>
    public double Estimate(string target, in MembraneIdentification m)
    {
        var decay = Math.Max(-m.OnVoltage, Least);
        var gain = Math.Max(m.OnCurrent, Least);
        // The pulse ends between its last sample and the next: half a sample less than counted, on average.
        var dt = PulseSeconds / (m.PulseSamples - 0.5);
        return target switch
        {
            GlifParameter.Capacitance => dt / (gain * OhmPerMvPerPa),
            GlifParameter.RestingPotential => m.Constant / decay * VoltPerMv,
            GlifParameter.InputResistance => gain / decay * OhmPerMvPerPa,
            GlifParameter.TimeStep => dt,
            GlifParameter.Threshold => (m.LargestMv + m.CrossingMv) * (VoltPerMv / 2),
            _ => throw GlifParameter.Unknown(target),
        };
    }

    public double ToLabel(int k, double si) => ((Scaling.Log[k] ? Math.Log(si) : si) - Scaling.Offset[k]) * Scaling.Scale[k];

    private double SilentThreshold(double least)
    {
        var (sum, count) = (0.0, 0);
        foreach (var threshold in Thresholds)
        {
            if (threshold > least)
                (sum, count) = (sum + threshold, count + 1);
        }

        return count > 0 ? sum / count : least;
    }
}
