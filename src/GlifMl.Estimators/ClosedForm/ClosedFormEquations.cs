using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>
/// From what a trace tells of its membrane to scores in label units. With dt = pulse / samples of the pulse: C = dt / b, R = b / -a,
/// El = c / -a; the threshold lies between the largest voltage seen and the smallest that a step into a spike leads to.
/// </summary>
/// <param name="Scaling">The label's units.</param>
/// <param name="PulseSeconds">How long the first pulse lasts, s.</param>
/// <param name="Thresholds">
/// Thresholds of the training rows, SI units: where a cell stays silent, the answer is the mean of those above the largest voltage, which
/// is what is then known of it. Empty where the threshold is no target.
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

/// <summary>What the closed form learns of one target from the training rows.</summary>
/// <param name="Target">The target's Allen key.</param>
/// <param name="Coefficient">
/// Label over estimate: the median over the training rows that tell; 1 for El and dt, which no config coefficient changes.
/// </param>
/// <param name="Least">The least training value, SI units; an estimate below it becomes it.</param>
/// <param name="Most">The greatest training value, SI units.</param>
/// <param name="Otherwise">The mean label of the training rows whose trace does not tell, in label units.</param>
/// <param name="Slope">Of the calibration line in label units; 1 without calibration.</param>
/// <param name="Intercept">Of the calibration line in label units; 0 without calibration.</param>
internal sealed record TargetConstants(
    string Target,
    double Coefficient,
    double Least,
    double Most,
    double Otherwise,
    double Slope,
    double Intercept
);

/// <summary><see cref="ClosedFormEquations"/> as nodes of a graph; each score is [N, 1].</summary>
internal static class ClosedFormNodes
{
    public static IEnumerable<DoubleNode> Add(MembraneIdentificationNodes m, ClosedFormEquations equations) =>
        equations.Targets.Select(
            (target, k) =>
            {
                var score =
                    (Label(Estimate(target.Target, m, equations) * target.Coefficient, equations, k) * target.Slope) + target.Intercept;
                if (target.Target == GlifParameter.Threshold)
                {
                    var silent = SilentThreshold(m.LargestMv * (ClosedFormEquations.VoltPerMv * target.Coefficient), equations.Thresholds);
                    score = (m.Crossings > 0.5).Select(score, Label(silent, equations, k));
                }

                return ClosedFormEquations.IsTold(target.Target, isDetermined: false)
                    ? score
                    : m.IsDetermined.Select(score, target.Otherwise);
            }
        );

    private static DoubleNode Label(DoubleNode si, ClosedFormEquations equations, int k)
    {
        var bounded = si.AtLeast(equations.Targets[k].Least).AtMost(equations.Targets[k].Most);
        var scaling = equations.Scaling;
        return ((scaling.Log[k] ? bounded.Log() : bounded) - scaling.Offset[k]) * scaling.Scale[k];
    }

    private static DoubleNode Estimate(string target, MembraneIdentificationNodes m, ClosedFormEquations equations)
    {
        var decay = (-m.OnVoltage).AtLeast(ClosedFormEquations.Least);
        var gain = m.OnCurrent.AtLeast(ClosedFormEquations.Least);
        var dt = equations.PulseSeconds / (m.PulseSamples - 0.5);
        return target switch
        {
            GlifParameter.Capacitance => dt / (gain * ClosedFormEquations.OhmPerMvPerPa),
            GlifParameter.RestingPotential => m.Constant / decay * ClosedFormEquations.VoltPerMv,
            GlifParameter.InputResistance => gain / decay * ClosedFormEquations.OhmPerMvPerPa,
            GlifParameter.TimeStep => dt,
            _ => (m.LargestMv + m.CrossingMv) * (ClosedFormEquations.VoltPerMv / 2),
        };
    }

    private static DoubleNode SilentThreshold(DoubleNode least, double[] thresholds)
    {
        var all = DoubleNode.Constant(least.Graph, thresholds);
        var above = all > least;
        var count = above.Count();
        return (count > 0.5).Select(above.Select(all, 0).Sum() / count.AtLeast(1), least);
    }
}
