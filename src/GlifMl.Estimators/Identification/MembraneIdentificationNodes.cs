using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary><see cref="MembraneIdentification"/> as nodes of a graph, with the same names; each is [N, 1].</summary>
internal sealed record MembraneIdentificationNodes(
    MaskNode IsDetermined,
    DoubleNode OnVoltage,
    DoubleNode OnCurrent,
    DoubleNode Constant,
    DoubleNode PulseSamples,
    DoubleNode LargestMv,
    DoubleNode Crossings,
    DoubleNode CrossingMv
)
{
    /// <param name="graph">The graph to add to.</param>
    /// <param name="voltageMv">[N, samples], single.</param>
    /// <param name="stimulusPa">[N, samples], single.</param>
    /// <param name="samples">Samples, at least 2.</param>
    public static MembraneIdentificationNodes Add(OnnxGraph graph, string voltageMv, string stimulusPa, int samples)
    {
        var spikes = new SpikeNodes(graph, voltageMv, samples);
        var (V, I) = (spikes.Voltage, DoubleNode.Cast(graph, stimulusPa));
        var (before, after) = (V.Slice(0, samples - 1), V.Slice(1, samples));
        var current = I.Slice(1, samples);
        var pair =
            spikes.Valid.Slice(0, samples - 1) & spikes.Valid.Slice(1, samples) & MaskNode.NotNaN(graph, stimulusPa).Slice(1, samples);
        var (isDetermined, a, b, c) = LeastSquares(pair, before, current, after - before);

        var next = before + (a * before) + (b * current) + c;
        var any = spikes.Count > 0.5;
        var crossing = spikes.Starts.Select(next, double.PositiveInfinity).Minimum();
        return new(isDetermined, a, b, c, PulseOf(I, spikes.Index, samples), spikes.Largest, spikes.Count, any.Select(crossing, 0));
    }

    /// <summary>Samples that the stimulus stays at its first value, [N, 1].</summary>
    public static DoubleNode PulseOf(DoubleNode I, DoubleNode index, int samples)
    {
        var first = I.Slice(0, 1);
        var changed = (I - first).Abs() > first.Abs() * MembraneIdentification.PulseTolerance;
        return changed.Select(index, samples).Minimum();
    }

    private static (MaskNode IsDetermined, DoubleNode OnVoltage, DoubleNode OnCurrent, DoubleNode Constant) LeastSquares(
        MaskNode pair,
        DoubleNode voltage,
        DoubleNode current,
        DoubleNode change
    )
    {
        var n = pair.Count();
        var divisor = n.AtLeast(1);
        DoubleNode Mean(DoubleNode x) => pair.Select(x, 0).Sum() / divisor;
        var (v, i, d) = (Mean(voltage), Mean(current), Mean(change));
        var (x, y, z) = (pair.Select(voltage - v, 0), pair.Select(current - i, 0), pair.Select(change - d, 0));
        var (vv, vi, ii, vd, id) = ((x * x).Sum(), (x * y).Sum(), (y * y).Sum(), (x * z).Sum(), (y * z).Sum());
        var determinant = (vv * ii) - (vi * vi);
        var isDetermined =
            n > 2.5
            & vv > n * v * v * MembraneIdentification.LeastVariance
            & ii > n * i * i * MembraneIdentification.LeastVariance
            & determinant > vv * ii * MembraneIdentification.LeastDeterminant;
        var solved = isDetermined.Select(determinant, 1);
        var a = isDetermined.Select(((vd * ii) - (id * vi)) / solved, 0);
        var b = isDetermined.Select(((id * vv) - (vd * vi)) / solved, 0);
        return (isDetermined, a, b, isDetermined.Select(d - (a * v) - (b * i), 0));
    }
}
