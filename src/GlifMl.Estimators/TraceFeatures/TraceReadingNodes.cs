using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary><see cref="TraceReading"/> as nodes of a graph, each added when it is first asked for.</summary>
/// <param name="Graph">The graph to add to.</param>
/// <param name="VoltageMv">[N, samples], single.</param>
/// <param name="StimulusPa">[N, samples], single; null where it is not there.</param>
/// <param name="Samples">Samples, at least 2.</param>
internal sealed record TraceReadingNodes(OnnxGraph Graph, string VoltageMv, string? StimulusPa, int Samples)
{
    private SpikeNodes? _spikes;
    private (DoubleNode Mean, DoubleNode Variance, DoubleNode Centred)? _moments;

    /// <summary>The voltage and its spike cuts.</summary>
    public SpikeNodes Spikes => _spikes ??= new SpikeNodes(Graph, VoltageMv, Samples);

    /// <summary>Mean and variance of the voltage, [N, 1], and the voltage less its mean, with 0 for NaN.</summary>
    public (DoubleNode Mean, DoubleNode Variance, DoubleNode Centred) Moments => _moments ??= MomentsOf(Spikes.Valid, Spikes.Voltage);

    /// <summary>Mean and variance of the samples that are not NaN, 0 where there are none, and the samples less their mean.</summary>
    public static (DoubleNode Mean, DoubleNode Variance, DoubleNode Centred) MomentsOf(MaskNode valid, DoubleNode samples)
    {
        var divisor = valid.Count().AtLeast(1);
        var mean = valid.Select(samples, 0).Sum() / divisor;
        var centred = valid.Select(samples - mean, 0);
        var variance = (centred * centred).Sum() / divisor;
        return (mean, (variance > mean * mean * MembraneIdentification.LeastVariance).Select(variance, 0), centred);
    }
}
