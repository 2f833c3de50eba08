using GlifMl.Lstm;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>Whether a peer computes the layer at all: nn.LSTM without gradients answers wrongly on some processors.</summary>
internal static class PeerCheck
{
    private const int Batch = 4,
        Steps = 200;

    /// <summary>How far the peer's final states are from those of the double reference, on a short case of the same sizes.</summary>
    public static double Error(LayerWork work, int hidden, int channels)
    {
        using var layer = new LayerCase(hidden, Batch, Steps, channels);
        using var peer = new LayerPeer(layer, work, threads: 1);
        double[] Wide(int n) => Array.ConvertAll(layer.Parameters[n].data<float>().ToArray(), value => (double)value);
        var reference = new ReferenceLstm(
            layer.Geometry,
            [.. ((int[])[0, 4]).Select(first => new ReferenceParameters(Wide(first), Wide(first + 1), Wide(first + 2), Wide(first + 3)))]
        );
        var exact = reference.Forward(new ReferenceInputs(Array.ConvertAll(layer.Input.ToArray(), value => (double)value)));
        return exact.FinalHidden.Zip(peer.FinalStates(), (e, found) => Math.Abs(e - found)).Max();
    }
}
