using GlifMl.Lstm;
using static TorchSharp.torch;

namespace GlifMl.Torch;

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
