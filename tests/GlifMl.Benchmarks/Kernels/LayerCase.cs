using GlifMl.Lstm;
using GlifMl.Torch;
using static TorchSharp.torch;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>One bidirectional layer of given sizes with its input, run by nn.LSTM or by the fused kernel on the same weights.</summary>
internal sealed class LayerCase : IDisposable
{
    private readonly TorchSharp.Modules.LSTM _lstm;
    private readonly Tensor[] _parameters;
    private readonly Tensor _input;

    public LayerCase(int hidden, int batch, int steps, int channels = 1)
    {
        TorchRuntime.EnsureLoaded();
        random.manual_seed(1);
        (Hidden, Batch, Steps, Channels) = (hidden, batch, steps, channels);
        _lstm = nn.LSTM(channels, hidden, batchFirst: true, bidirectional: true);
        _parameters = [.. _lstm.parameters()];
        _input = randn(batch, steps, channels);
    }

    public int Hidden { get; }

    public int Batch { get; }

    public int Steps { get; }

    public int Channels { get; }

    public LstmGeometry Geometry => new(Batch, Steps, Channels, Hidden, Directions: 2);

    public ReadOnlySpan<float> Input => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(_input.bytes);

    public IReadOnlyList<Tensor> Parameters => _parameters;

    public void FusedTraining() => FusedTraining(new());

    public void FusedTraining(FusedLstmOptions options)
    {
        using var scope = NewDisposeScope();
        Backward(FusedLstm.Forward(_input, _parameters, options).FinalHidden);
        FusedLstm.ThrowIfFailed();
    }

    public void TorchTraining()
    {
        using var scope = NewDisposeScope();
        Backward(_lstm.forward(_input).Item2);
    }

    public void FusedForward() => FusedForward(new());

    public void FusedForward(FusedLstmOptions options)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        FusedLstm.Forward(_input, _parameters, options);
    }

    public void TorchForward()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        _lstm.forward(_input);
    }

    public void Dispose()
    {
        _input.Dispose();
        _lstm.Dispose();
    }

    private void Backward(Tensor output)
    {
        foreach (var parameter in _parameters)
            parameter.grad = null;
        output.sum().backward();
    }
}
