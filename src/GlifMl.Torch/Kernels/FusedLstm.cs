using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>One LSTM layer, both directions, as a single differentiable operation over raw memory.</summary>
internal static class FusedLstm
{
    /// <summary>Tensors a direction's parameters take: weight_ih, weight_hh, bias_ih, bias_hh.</summary>
    public const int ParametersPerDirection = 4;

    private static Exception? _failure;

    /// <summary>Runs the layer. Where gradients are off, or nothing asks for them, nothing is kept for a backward pass.</summary>
    /// <param name="input">[batch, time, channels], float32 on the CPU.</param>
    /// <param name="parameters">Four tensors in nn.LSTM's order and layout, for one direction or for forward then reverse.</param>
    /// <param name="options">What to compute.</param>
    /// <param name="lengths">Valid samples of each row, 1 to time; null where every row is full.</param>
    /// <param name="initialHidden">[directions, batch, hidden]; null for zeros.</param>
    /// <param name="initialCell">[directions, batch, hidden]; null for zeros.</param>
    /// <exception cref="ArgumentException">Shapes, types or lengths do not fit together.</exception>
    public static FusedLstmOutputs Forward(
        Tensor input,
        IReadOnlyList<Tensor> parameters,
        FusedLstmOptions options,
        int[]? lengths = null,
        Tensor? initialHidden = null,
        Tensor? initialCell = null
    )
    {
        var geometry = FusedLstmChecks.Geometry(input, parameters, lengths, initialHidden, initialCell);
        var request = new FusedLstmRequest(geometry, options, lengths)
        {
            HasInitialHidden = initialHidden is not null,
            HasInitialCell = initialCell is not null,
            InputNeedsGradient = input.requires_grad,
        };
        List<Tensor> tensors = [input, .. parameters];
        if (initialHidden is not null)
            tensors.Add(initialHidden);
        if (initialCell is not null)
            tensors.Add(initialCell);

        if (is_grad_enabled() && tensors.Exists(tensor => tensor.requires_grad))
            return request.Name(FusedLstmFunction.apply([request, .. tensors]));
        using var inputs = new FusedLstmInputs(request, tensors);
        return request.Name(inputs.Run(checkpoints: null));
    }

    /// <summary>
    /// Throws what the last backward pass failed with. To be called after each <c>backward()</c>: an exception inside the callback of the
    /// native engine would end the process, so it is kept until then and the gradients are left undefined.
    /// </summary>
    public static void ThrowIfFailed()
    {
        if (Interlocked.Exchange(ref _failure, null) is { } failure)
            throw new InvalidOperationException($"the backward pass of the fused LSTM failed: {failure.Message}", failure);
    }

    internal static void KeepFailure(Exception failure) => Interlocked.CompareExchange(ref _failure, failure, null);
}
