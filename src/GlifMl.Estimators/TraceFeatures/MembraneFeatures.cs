using GlifMl.Estimators.Graphs;
using GlifMl.Estimators.Identification;
using GlifMl.Onnx;

namespace GlifMl.Estimators.TraceFeatures;

/// <summary>
/// What the voltage says together with the stimulus: least squares of dV on V, I and 1, and their ratios, which trees are poor at: resistance
/// b / -a and resting potential c / -a. Ratios are 0 where the membrane does not relax (a is not negative).
/// The same numbers in process and as nodes, side by side.
/// </summary>
internal static class MembraneFeatures
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "stimulus_mean_pA", "stimulus_sd_pA", "pulse_samples",
        "dV_on_V", "dV_on_I_mV_per_pA", "dV_on_1_mV", "resistance_mV_per_pA", "rest_mV", "time_constant", "crossing_mV",
    ];

    // A slower membrane than this many samples is none that a trace can show.
    private const double LeastDecay = 1e-9;

    public static void Add(float[] voltage, float[] stimulus, List<double> features)
    {
        var valid = Array.FindAll(stimulus, i => !float.IsNaN(i));
        var mean = valid.Length == 0 ? 0 : valid.Average(i => (double)i);
        var variance = valid.Length == 0 ? 0 : valid.Average(i => (i - mean) * (i - mean));
        features.Add(mean);
        features.Add(variance > mean * mean * MembraneIdentification.LeastVariance ? Math.Sqrt(variance) : 0);

        var m = MembraneIdentification.Of(voltage, stimulus);
        var decay = -m.OnVoltage;
        double Ratio(double x) => decay > LeastDecay ? x / decay : 0;
        features.AddRange([
            m.PulseSamples, m.OnVoltage, m.OnCurrent, m.Constant, Ratio(m.OnCurrent), Ratio(m.Constant), Ratio(1), m.CrossingMv]);
    }

    public static IEnumerable<DoubleNode> Add(OnnxGraph graph, string voltageMv, string stimulusPa, int samples)
    {
        var valid = MaskNode.NotNaN(graph, stimulusPa);
        var current = DoubleNode.Cast(graph, stimulusPa);
        var divisor = valid.Count().AtLeast(1);
        var mean = valid.Select(current, 0).Sum() / divisor;
        var centred = valid.Select(current - mean, 0);
        var variance = (centred * centred).Sum() / divisor;

        var m = MembraneIdentificationNodes.Add(graph, voltageMv, stimulusPa, samples);
        var decay = -m.OnVoltage;
        var relaxes = decay > LeastDecay;
        var safe = relaxes.Select(decay, 1);
        DoubleNode Ratio(DoubleNode x) => relaxes.Select(x / safe, 0);
        return
        [
            mean, (variance > mean * mean * MembraneIdentification.LeastVariance).Select(variance, 0).Sqrt(),
            m.PulseSamples, m.OnVoltage, m.OnCurrent, m.Constant, Ratio(m.OnCurrent), Ratio(m.Constant), Ratio(safe.Number(1)), m.CrossingMv,
        ];
    }
}
