namespace GlifMl.Onnx;

/// <summary>
/// The spike cuts of a voltage trace as nodes of a graph. A cut is a run of NaN after a sample and before another; the NaN that pads a
/// short trace to its end is none.
/// </summary>
internal sealed class SpikeNodes
{
    /// <param name="graph">The graph to add to.</param>
    /// <param name="voltageMv">[N, samples], single.</param>
    /// <param name="samples">Samples, at least 2.</param>
    public SpikeNodes(OnnxGraph graph, string voltageMv, int samples)
    {
        Valid = MaskNode.NotNaN(graph, voltageMv);
        var voltage = DoubleNode.Cast(graph, voltageMv);
        Voltage = Valid.Select(voltage, 0);
        Index = DoubleNode.Cast(graph, graph.Node("Range", [graph.Constant(0f), graph.Constant(samples), graph.Constant(1f)]));
        LastValid = Valid.Select(Index, -1).Maximum();
        Starts = Valid.Slice(0, samples - 1) & !Valid.Slice(1, samples) & Index.SliceOfVector(1, samples) < LastValid;
        Count = Starts.Count();
        var any = LastValid > -0.5;
        Largest = any.Select(Valid.Select(voltage, double.NegativeInfinity).Maximum(), 0);
    }

    /// <summary>Samples that are not NaN.</summary>
    public MaskNode Valid { get; }

    /// <summary>The voltage, mV, with 0 for NaN.</summary>
    public DoubleNode Voltage { get; }

    /// <summary>0 to samples - 1, [samples].</summary>
    public DoubleNode Index { get; }

    /// <summary>The last sample that is not NaN, -1 where there is none; [N, 1].</summary>
    public DoubleNode LastValid { get; }

    /// <summary>Whether a cut starts, at samples 1 to samples - 1.</summary>
    public MaskNode Starts { get; }

    /// <summary>How many cuts start; [N, 1].</summary>
    public DoubleNode Count { get; }

    /// <summary>The largest voltage, mV, 0 where there is none; [N, 1].</summary>
    public DoubleNode Largest { get; }
}
