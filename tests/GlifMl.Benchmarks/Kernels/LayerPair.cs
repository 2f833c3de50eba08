using System.Globalization;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>Forward and backward of one layer, fused and by nn.LSTM, in turn, in a process of their own.</summary>
/// <param name="Time">The pair.</param>
/// <param name="PageFaults">Pages that one run of the fused layer is given anew.</param>
/// <param name="PeerPageFaults">Pages that one run of nn.LSTM is given anew.</param>
internal sealed record LayerPair(PairedTiming Time, double PageFaults, double PeerPageFaults)
{
    public const string Argument = "pair";

    private const int StepsOfLongTrace = 1_000;
    private const int RunsOfShortTrace = 20;

    /// <summary>Measures in a process of its own.</summary>
    /// <param name="hidden">Hidden size.</param>
    /// <param name="batch">Traces.</param>
    /// <param name="steps">Length of each.</param>
    /// <param name="channels">Channels of each.</param>
    /// <param name="pairs">How many pairs.</param>
    /// <param name="heap">A <see cref="HeapState"/>, or none.</param>
    public static LayerPair Measure(int hidden, int batch, int steps, int channels, int pairs, params (string Name, string Value)[] heap)
    {
        int[] sizes = [hidden, batch, steps, channels, pairs];
        return ChildProcess.Run<LayerPair>([Argument, .. sizes.Select(n => n.ToString(CultureInfo.InvariantCulture))], heap);
    }

    /// <summary>The child's part.</summary>
    public static int Return(string[] options)
    {
        var sizes = Array.ConvertAll(options, option => int.Parse(option, CultureInfo.InvariantCulture));
        using var layer = new LayerCase(sizes[0], sizes[1], sizes[2], sizes[3]);
        var block = sizes[2] < StepsOfLongTrace ? RunsOfShortTrace : 1;
        var time = PairedTiming.Measure(layer.FusedTraining, layer.TorchTraining, sizes[4], block);
        return ChildProcess.Return(new LayerPair(time, Faults(layer.FusedTraining, block), Faults(layer.TorchTraining, block)));
    }

    private static double Faults(Action work, int runs)
    {
        work();
        var before = ProcessMemory.PageFaults;
        for (var n = 0; n < runs; n++)
            work();
        return (double)(ProcessMemory.PageFaults - before) / runs;
    }
}
