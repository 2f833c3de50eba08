using GlifMl.Lstm;
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

/// <summary>The tensors of a call, contiguous, and the kernel call over their memory. They stay alive until this is disposed.</summary>
internal sealed unsafe class FusedLstmInputs : IDisposable
{
    private readonly FusedLstmRequest _request;
    private readonly List<Tensor> _tensors;

    public FusedLstmInputs(FusedLstmRequest request, IEnumerable<Tensor> tensors)
    {
        _request = request;
        // contiguous() of a contiguous tensor is a second handle on the same memory.
        _tensors = [.. tensors.Select(tensor => tensor.contiguous())];
    }

    /// <summary>The memory of a contiguous float32 tensor; valid while the tensor is alive.</summary>
    public static float* Pointer(Tensor? tensor)
    {
        if (tensor is null)
            return null;
        // libtorch owns the memory: nothing moves it, and "fixed" only turns the reference into a pointer.
        fixed (byte* bytes = tensor.bytes)
            return (float*)bytes;
    }

    public static LstmParameters[] Parameters(LstmGeometry geometry, IReadOnlyList<Tensor> tensors, int first)
    {
        var parameters = new LstmParameters[geometry.Directions];
        for (var direction = 0; direction < parameters.Length; direction++, first += FusedLstm.ParametersPerDirection)
        {
            parameters[direction] = new(
                Pointer(tensors[first]),
                Pointer(tensors[first + 1]),
                Pointer(tensors[first + 2]),
                Pointer(tensors[first + 3])
            );
        }

        return parameters;
    }

    /// <summary>Runs the forward pass into new tensors: final hidden, then what the options ask for.</summary>
    public List<Tensor> Run(Tensor? checkpoints)
    {
        List<Tensor> outputs = [empty(_request.StateShape)];
        if (_request.Options.FinalCell)
            outputs.Add(empty(_request.StateShape));
        if (_request.Options.TimeMean)
            outputs.Add(empty(_request.StateShape));
        if (_request.Options.Sequence)
            outputs.Add(empty(_request.SequenceShape));
        _request.Options.Kernel.Forward(Call(_request.Name(outputs), checkpoints), _request.Options.Threads);
        return outputs;
    }

    /// <summary>The kernel call over this memory; without outputs, as the backward pass needs it.</summary>
    public LstmCall Call(FusedLstmOutputs? outputs, Tensor? checkpoints)
    {
        var afterParameters = 1 + _request.ParameterTensors;
        return new()
        {
            Geometry = _request.Geometry,
            Parameters = Parameters(_request.Geometry, _tensors, first: 1),
            Input = Pointer(_tensors[0]),
            Lengths = _request.Lengths,
            InitialHidden = _request.HasInitialHidden ? Pointer(_tensors[afterParameters]) : null,
            InitialCell = _request.HasInitialCell ? Pointer(_tensors[^1]) : null,
            FinalHidden = Pointer(outputs?.FinalHidden),
            FinalCell = Pointer(outputs?.FinalCell),
            TimeMean = Pointer(outputs?.TimeMean),
            Sequence = Pointer(outputs?.Sequence),
            Checkpoints = Pointer(checkpoints),
        };
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors)
            tensor.Dispose();
    }
}
