using GlifMl.Lstm;
using TorchSharp;
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

/// <summary>What a fused layer computes besides the final hidden state, and how.</summary>
internal sealed record FusedLstmOptions
{
    /// <summary>Also the final cell state. Default: no.</summary>
    public bool FinalCell { get; init; }

    /// <summary>Also the mean of the hidden states over each row's valid samples. Default: no.</summary>
    public bool TimeMean { get; init; }

    /// <summary>Also every hidden state, for a layer above. Default: no.</summary>
    public bool Sequence { get; init; }

    /// <summary>Threads to share the work. The result does not depend on it. Default: the machine's cores.</summary>
    public int Threads { get; init; } = KernelThreads.Default;

    /// <summary>The kernel. Default: <see cref="LstmKernels.Default"/>.</summary>
    public ILstmKernel Kernel { get; init; } = LstmKernels.Default;
}

/// <summary>
/// FinalHidden, FinalCell and TimeMean [batch, directions * hidden], Sequence [batch, time, directions * hidden]; null where not asked for.
/// </summary>
internal sealed record FusedLstmOutputs(Tensor FinalHidden, Tensor? FinalCell, Tensor? TimeMean, Tensor? Sequence);

/// <summary>Everything of a call but its tensors. The tensors stand in the order input, parameters, initial hidden, initial cell.</summary>
internal sealed record FusedLstmRequest(LstmGeometry Geometry, FusedLstmOptions Options, int[]? Lengths)
{
    public bool HasInitialHidden { get; init; }

    public bool HasInitialCell { get; init; }

    public bool InputNeedsGradient { get; init; }

    public int ParameterTensors => Geometry.Directions * FusedLstm.ParametersPerDirection;

    /// <summary>Tensors before the checkpoints.</summary>
    public int Tensors => 1 + ParameterTensors + (HasInitialHidden ? 1 : 0) + (HasInitialCell ? 1 : 0);

    public long[] StateShape => [Geometry.Batch, Geometry.Outputs];

    public long[] SequenceShape => [Geometry.Batch, Geometry.Time, Geometry.Outputs];

    /// <summary>Gives the outputs, in the order they are computed, their names.</summary>
    public FusedLstmOutputs Name(IReadOnlyList<Tensor> outputs)
    {
        var (cell, mean, sequence) = Positions;
        return new(outputs[0], At(outputs, cell), At(outputs, mean), At(outputs, sequence));
    }

    /// <summary>Where the optional outputs stand behind the final hidden state; 0 for one that was not asked for.</summary>
    public (int FinalCell, int TimeMean, int Sequence) Positions
    {
        get
        {
            var next = 1;
            var cell = Options.FinalCell ? next++ : 0;
            var mean = Options.TimeMean ? next++ : 0;
            return (cell, mean, Options.Sequence ? next : 0);
        }
    }

    private static Tensor? At(IReadOnlyList<Tensor> outputs, int position) => position == 0 ? null : outputs[position];
}

/// <summary>Checks the tensors of a fused layer against each other and reads off its sizes.</summary>
internal static class FusedLstmChecks
{
    public static LstmGeometry Geometry(
        Tensor input,
        IReadOnlyList<Tensor> parameters,
        int[]? lengths,
        Tensor? initialHidden,
        Tensor? initialCell
    )
    {
        if (input.dim() != 3)
            throw new ArgumentException($"found an input of shape {Shape(input)}; expected [batch, time, channels]", nameof(input));
        var directions = parameters.Count / FusedLstm.ParametersPerDirection;
        if (directions is not (1 or 2) || parameters.Count % FusedLstm.ParametersPerDirection != 0)
            throw new ArgumentException(
                $"found {parameters.Count} parameters; expected 4 for one direction or 8 for two",
                nameof(parameters)
            );
        if (parameters[1].dim() != 2)
            throw new ArgumentException(
                $"found weight_hh of shape {Shape(parameters[1])}; expected [4 * hidden, hidden]",
                nameof(parameters)
            );
        if (input.shape.Any(size => size is < 1 or > LstmChecks.Longest))
            throw new ArgumentException(
                $"found an input of shape {Shape(input)}; expected 1 to {LstmChecks.Longest} of each",
                nameof(input)
            );

        var g = new LstmGeometry((int)input.shape[0], (int)input.shape[1], (int)input.shape[2], (int)parameters[1].shape[1], directions);
        RequireType(input, "input");
        for (var direction = 0; direction < directions; direction++)
        {
            var first = direction * FusedLstm.ParametersPerDirection;
            Require(parameters[first], "weight_ih", LstmGeometry.Gates * g.Hidden, g.Inputs);
            Require(parameters[first + 1], "weight_hh", LstmGeometry.Gates * g.Hidden, g.Hidden);
            Require(parameters[first + 2], "bias_ih", LstmGeometry.Gates * g.Hidden);
            Require(parameters[first + 3], "bias_hh", LstmGeometry.Gates * g.Hidden);
        }

        if (initialHidden is not null)
            Require(initialHidden, "the initial hidden state", directions, g.Batch, g.Hidden);
        if (initialCell is not null)
            Require(initialCell, "the initial cell state", directions, g.Batch, g.Hidden);
        LstmChecks.RequireLengths(lengths, g);
        return g;
    }

    private static void Require(Tensor tensor, string name, params long[] shape)
    {
        RequireType(tensor, name);
        if (!tensor.shape.AsSpan().SequenceEqual(shape))
            throw new ArgumentException($"found {name} of shape {Shape(tensor)}; expected [{string.Join(", ", shape)}]");
    }

    private static void RequireType(Tensor tensor, string name)
    {
        if (tensor.dtype != ScalarType.Float32 || tensor.device_type != DeviceType.CPU)
            throw new ArgumentException($"found {name} of type {tensor.dtype} on {tensor.device_type}; expected Float32 on CPU");
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
