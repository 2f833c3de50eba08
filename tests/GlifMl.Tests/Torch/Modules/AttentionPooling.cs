using GlifMl.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Modules;

/// <summary>
/// A layer of one's own, as the README shows it: a mean over time with learnt weights. [batch, samples, channels] to [batch, channels].
/// </summary>
public sealed class AttentionPooling : nn.Module<Tensor, Tensor>, ITorchOnnxExportable
{
    private readonly Linear _relevance;

    public AttentionPooling(long channels)
        : base(nameof(AttentionPooling))
    {
        _relevance = nn.Linear(channels, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var weights = nn.functional.softmax(_relevance.forward(input), 1);
        return (weights * input).sum(1).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(TorchOnnxContext context, OnnxValue input)
    {
        var graph = context.Graph;
        var weights = graph.Node("Softmax", [context.Export(_relevance, input).Name], ("axis", 1L));
        var weighted = graph.Node("Mul", [weights, input.Name]);
        return new OnnxValue(graph.Node("ReduceSum", [weighted, graph.Integers(1)], ("keepdims", 0L)), input.Dims[1]);
    }
}
