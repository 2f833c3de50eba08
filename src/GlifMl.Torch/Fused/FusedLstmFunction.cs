using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace GlifMl.Torch;

/// <summary>
/// The layer in TorchSharp's autograd graph. Arguments: a <see cref="FusedLstmRequest"/>, then its tensors. To be used through
/// <see cref="FusedLstm.Forward"/>, inside a DisposeScope.
/// </summary>
internal sealed class FusedLstmFunction : MultiTensorFunction<FusedLstmFunction>
{
    private const string Request = "request";

    public override string Name => nameof(FusedLstmFunction);

    public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
    {
        var request = (FusedLstmRequest)vars[0];
        List<Tensor> tensors = [.. vars.Skip(1).Cast<Tensor>()];
        var checkpoints = empty(request.Options.Kernel.CheckpointFloats(request.Geometry));
        ctx.save_data(Request, request);
        // TorchSharp would make zeros in the shape of an unused output from a tensor that a DisposeScope around this call has freed by
        // then.
        ctx.set_materialize_grads(false);
        ctx.save_for_backward([.. tensors, checkpoints]);
        using var inputs = new FusedLstmInputs(request, tensors);
        return inputs.Run(checkpoints);
    }

    public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var request = (FusedLstmRequest)ctx.get_data(Request);
        try
        {
            return Gradients(ctx, request, grad_outputs);
        }
#pragma warning disable CA1031 // Whatever escapes from here ends the process: it is kept for ThrowIfFailed.
        catch (Exception e)
#pragma warning restore CA1031
        {
            FusedLstm.KeepFailure(e);
            return [.. Enumerable.Repeat<Tensor>(null!, 1 + request.Tensors)];
        }
    }

    private static unsafe List<Tensor> Gradients(AutogradContext ctx, FusedLstmRequest request, List<Tensor> outputGradients)
    {
        var g = request.Geometry;
        var saved = ctx.get_saved_variables();
        var contiguous = outputGradients.ConvertAll(gradient => gradient.IsInvalid ? null : gradient.contiguous());
        using var inputs = new FusedLstmInputs(request, saved.Take(request.Tensors));
        var d = request.Name(contiguous!);

        // The request itself is the first argument and has no gradient.
        List<Tensor> gradients = [null!, request.InputNeedsGradient ? empty(g.Batch, g.Time, g.Inputs) : null!];
        for (var tensor = 1; tensor < request.Tensors; tensor++)
            gradients.Add(empty(saved[tensor].shape));
        var afterParameters = 2 + request.ParameterTensors;
        request.Options.Kernel.Backward(
            inputs.Call(outputs: null, saved[^1]),
            new()
            {
                FinalHidden = FusedLstmInputs.Pointer(d.FinalHidden),
                FinalCell = FusedLstmInputs.Pointer(d.FinalCell),
                TimeMean = FusedLstmInputs.Pointer(d.TimeMean),
                Sequence = FusedLstmInputs.Pointer(d.Sequence),
                Parameters = FusedLstmInputs.Parameters(g, gradients, first: 2),
                Input = FusedLstmInputs.Pointer(gradients[1]),
                InitialHidden = request.HasInitialHidden ? FusedLstmInputs.Pointer(gradients[afterParameters]) : null,
                InitialCell = request.HasInitialCell ? FusedLstmInputs.Pointer(gradients[^1]) : null,
            },
            request.Options.Threads
        );

        contiguous.ForEach(tensor => tensor?.Dispose());
        saved.ForEach(tensor => tensor.Dispose());
        return gradients;
    }
}
