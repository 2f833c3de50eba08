using System.Globalization;
using GlifMl.Torch;
using static TorchSharp.torch;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>One layer, fused and by its peer, in turn, in a process of their own.</summary>
/// <param name="AsItComes">Against the peer as a user gets it: its default threads, the heap left to glibc.</param>
/// <param name="AtItsBest">Against the peer on the better of one thread and all, with the heap kept, warm.</param>
/// <param name="BestThreads">The threads of the latter.</param>
/// <param name="PeerError">What the peer is off by from a double reference: it is timed only where that is rounding.</param>
internal sealed record LayerPair(PairedTiming? AsItComes, PairedTiming? AtItsBest, int BestThreads, double PeerError)
{
    public const string Argument = "pair";

    // Two float computations of a few hundred steps; a wrong answer is off by a hundredth and more.
    private const double Rounding = 1e-4;
    private const int StepsOfLongTrace = 1_000;
    private const int RunsOfShortTrace = 20;

    /// <summary>Whether the peer computes what it is said to.</summary>
    public bool PeerIsRight => PeerError <= Rounding;

    /// <summary>Measures in a process of its own.</summary>
    public static LayerPair Measure(
        LayerWork work,
        int hidden,
        int batch,
        int steps,
        int channels,
        int pairs,
        params (string Name, string Value)[] environment
    )
    {
        int[] sizes = [hidden, batch, steps, channels, pairs];
        return ChildProcess.Run<LayerPair>(
            [Argument, work.ToString(), .. sizes.Select(n => n.ToString(CultureInfo.InvariantCulture))],
            environment
        );
    }

    /// <summary>The child's part.</summary>
    public static int Return(string[] options)
    {
        var work = Enum.Parse<LayerWork>(options[0]);
        var sizes = Array.ConvertAll(options[1..], option => int.Parse(option, CultureInfo.InvariantCulture));
        var (hidden, batch, steps, channels, pairs) = (sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
        var error = PeerCheck.Error(work, hidden, channels);
        if (error > Rounding)
            return ChildProcess.Return(new LayerPair(null, null, 0, error));

        using var layer = new LayerCase(hidden, batch, steps, channels);
        var block = steps < StepsOfLongTrace ? RunsOfShortTrace : 1;
        var threads = get_num_threads();
        var ours = layer.Fused(work);
        using var peer = new LayerPeer(layer, work, threads);
        var asItComes = PairedTiming.Measure(ours, peer.Run, pairs, block);

        using var heap = NativeHeap.Keep();
        PairedTiming? best = null;
        var bestThreads = 0;
        foreach (var count in ((int[])[1, threads]).Distinct())
        {
            set_num_threads(count);
            using var again = new LayerPeer(layer, work, count);
            var time = PairedTiming.Measure(ours, again.Run, pairs, block);
            if (best is null || time.PeerSeconds < best.PeerSeconds)
                (best, bestThreads) = (time, count);
        }

        return ChildProcess.Return(new LayerPair(asItComes, best, bestThreads, error));
    }
}

/// <summary>What is timed of a layer.</summary>
internal enum LayerWork
{
    /// <summary>Forward and backward, for a loss that sends a gradient to every step: the time mean.</summary>
    TrainMean,

    /// <summary>Forward and backward, for a loss that reads the final states: the fused layer stops where the gradient is spent.</summary>
    TrainFinal,

    /// <summary>Forward without gradients, against nn.LSTM.</summary>
    ForwardTorch,

    /// <summary>Forward, against OnnxRuntime.</summary>
    ForwardOnnx,
}

/// <summary>A peer's way of doing the work.</summary>
internal sealed class LayerPeer(LayerCase layer, LayerWork work, int threads) : IDisposable
{
    private readonly OrtLayer? _ort = work == LayerWork.ForwardOnnx ? new OrtLayer(layer, threads) : null;

    public Action Run =>
        work switch
        {
            LayerWork.TrainMean => layer.TorchTraining,
            LayerWork.TrainFinal => layer.TorchFinalTraining,
            LayerWork.ForwardTorch => layer.TorchForward,
            _ => _ort!.Forward,
        };

    /// <summary>The final states that the peer computes, [batch, directions * hidden].</summary>
    public float[] FinalStates() => _ort?.FinalStates() ?? layer.TorchFinalStates(gradients: work != LayerWork.ForwardTorch);

    public void Dispose() => _ort?.Dispose();
}
