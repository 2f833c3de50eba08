using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>
/// How strong and how lively the current is, and how many samples its first pulse lasts, which tells the sampling interval.
/// </summary>
internal sealed class StimulusFeatures : IFeatureGroup
{
    public IReadOnlyList<string> Names { get; } = ["stimulus_mean_pA", "stimulus_sd_pA", "pulse_samples"];

    public IEnumerable<double> Of(TraceReading trace)
    {
        var (mean, variance) = TraceReading.MomentsOf(trace.Stimulus);
        return [mean, Math.Sqrt(variance), FirstPulse.Samples(trace.Stimulus)];
    }

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace)
    {
        var current = DoubleNode.Cast(trace.Graph, trace.StimulusPa!);
        var (mean, variance, _) = TraceReadingNodes.MomentsOf(MaskNode.NotNaN(trace.Graph, trace.StimulusPa!), current);
        return [mean, variance.Sqrt(), FirstPulse.Samples(current, trace.Spikes.Index, trace.Samples)];
    }
}

/// <summary>
/// What the voltage says together with the stimulus: least squares of dV on V, I and 1, and their ratios, which trees are poor at:
/// resistance b / -a, resting potential c / -a and time constant 1 / -a, 0 where the membrane does not relax (a is not negative); and the
/// least voltage that a step into a spike leads to.
/// </summary>
internal sealed class LeastSquaresFeatures : IFeatureGroup
{
    public IReadOnlyList<string> Names { get; } =
    ["dV_on_V", "dV_on_I_mV_per_pA", "dV_on_1_mV", "resistance_mV_per_pA", "rest_mV", "time_constant", "crossing_mV"];

    public IEnumerable<double> Of(TraceReading trace)
    {
        var m = MembraneIdentification.Of(trace.Voltage, trace.Stimulus);
        var decay = -m.OnVoltage;
        double Ratio(double x) => decay > MembraneIdentification.LeastDecay ? x / decay : 0;
        return [m.OnVoltage, m.OnCurrent, m.Constant, Ratio(m.OnCurrent), Ratio(m.Constant), Ratio(1), m.CrossingMv];
    }

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace)
    {
        var m = MembraneIdentificationNodes.Add(trace.Graph, trace.VoltageMv, trace.StimulusPa!, trace.Samples);
        var decay = -m.OnVoltage;
        var relaxes = decay > MembraneIdentification.LeastDecay;
        var safe = relaxes.Select(decay, 1);
        DoubleNode Ratio(DoubleNode x) => relaxes.Select(x / safe, 0);
        return [m.OnVoltage, m.OnCurrent, m.Constant, Ratio(m.OnCurrent), Ratio(m.Constant), Ratio(safe.Number(1)), m.CrossingMv];
    }
}
