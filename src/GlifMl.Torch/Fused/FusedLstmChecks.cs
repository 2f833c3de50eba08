using GlifMl.Lstm;
using TorchSharp;
using static TorchSharp.torch;

namespace GlifMl.Torch;

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
