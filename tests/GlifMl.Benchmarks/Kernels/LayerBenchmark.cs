using BenchmarkDotNet.Attributes;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>One bidirectional layer, forward and backward, fused against nn.LSTM, in BenchmarkDotNet's terms.</summary>
public sealed class LayerBenchmark : IDisposable
{
    private LayerCase? _layer;

    [Params(5, 32)]
    public int Hidden { get; set; }

    [Params(1, 16)]
    public int Batch { get; set; }

    [Params(2_000)]
    public int Steps { get; set; }

    [GlobalSetup]
    public void Setup() => _layer = new(Hidden, Batch, Steps);

    [GlobalCleanup]
    public void Dispose() => _layer?.Dispose();

    [Benchmark(Baseline = true)]
    public void Torch() => _layer!.TorchTraining();

    [Benchmark]
    public void Fused() => _layer!.FusedTraining();
}
