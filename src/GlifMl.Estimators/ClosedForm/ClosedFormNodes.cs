using GlifMl.Simulation;

namespace GlifMl.Estimators;

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
