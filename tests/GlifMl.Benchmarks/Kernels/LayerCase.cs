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

    /// <summary>The fused layer's way of doing the work.</summary>
    public Action Fused(LayerWork work) =>
        work switch
        {
            LayerWork.TrainMean => FusedTraining,
            LayerWork.TrainFinal => FusedFinalTraining,
            _ => FusedForward,
        };

    public void FusedTraining() => FusedTraining(new());

    /// <summary>A loss that sends a gradient to every step: the time mean.</summary>
    public void FusedTraining(FusedLstmOptions options)
    {
        using var scope = NewDisposeScope();
        Backward(FusedLstm.Forward(_input, _parameters, options with { TimeMean = true }).TimeMean!);
        FusedLstm.ThrowIfFailed();
    }

    /// <summary>A loss that reads the final states.</summary>
    public void FusedFinalTraining()
    {
        using var scope = NewDisposeScope();
        Backward(FusedLstm.Forward(_input, _parameters, new()).FinalHidden);
        FusedLstm.ThrowIfFailed();
    }

    public void TorchTraining()
    {
        using var scope = NewDisposeScope();
        Backward(_lstm.forward(_input).Item1.mean([1]));
    }

    public void TorchFinalTraining()
    {
        using var scope = NewDisposeScope();
        Backward(_lstm.forward(_input).Item2);
    }

    /// <summary>What nn.LSTM computes, [batch, directions * hidden].</summary>
    public float[] TorchFinalStates(bool gradients)
    {
        using var scope = NewDisposeScope();
        using var mode = set_grad_enabled(gradients);
        var states = _lstm.forward(_input).Item2;
        return states.permute(1, 0, 2).reshape(Batch, -1).detach().contiguous().data<float>().ToArray();
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
