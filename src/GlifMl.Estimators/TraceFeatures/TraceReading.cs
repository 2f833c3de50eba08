using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>One trace, and what several groups of features read off it.</summary>
/// <param name="Voltage">mV; NaN at spike cuts and in padding.</param>
/// <param name="Stimulus">pA; empty where it is not there.</param>
internal sealed record TraceReading(float[] Voltage, float[] Stimulus)
{
    private (double Mean, double Variance)? _moments;

    /// <summary>The last sample that is not NaN, -1 where there is none.</summary>
    public int LastValid { get; } = Array.FindLastIndex(Voltage, v => !float.IsNaN(v));

    /// <summary>The voltages that are not NaN, in the order of their size.</summary>
    public float[] Sorted
    {
        get
        {
            if (field is null)
            {
                field = Array.FindAll(Voltage, v => !float.IsNaN(v));
                Array.Sort(field);
            }

            return field;
        }
    }

    /// <summary>Mean and variance of the voltage.</summary>
    public (double Mean, double Variance) Moments => _moments ??= MomentsOf(Voltage);

    /// <summary>Mean and variance of the samples that are not NaN, 0 where there are none.</summary>
    /// <remarks>Welford's recurrence is no reduction; two passes are, and as exact.</remarks>
    public static (double Mean, double Variance) MomentsOf(ReadOnlySpan<float> samples)
    {
        var (sum, squares, count) = (0.0, 0.0, 0);
        foreach (var v in samples)
        {
            if (!float.IsNaN(v))
                (sum, count) = (sum + v, count + 1);
        }

        var mean = sum / Math.Max(count, 1);
        foreach (var v in samples)
        {
            if (!float.IsNaN(v))
                squares += (v - mean) * (v - mean);
        }

        var variance = squares / Math.Max(count, 1);
        return (mean, variance > mean * mean * MembraneIdentification.LeastVariance ? variance : 0);
    }
}

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
