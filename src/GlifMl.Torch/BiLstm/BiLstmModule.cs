using GlifMl.Onnx;
using GlifMl.Torch.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Torch.BiLstm;

/// <summary>
/// The network: stacked LSTM layers over a trace, then a linear head over what is read out of the last one.
/// [batch, samples, channels] to [batch, targets].
/// </summary>
/// <remarks>Each layer keeps its weights in an nn.LSTM of one layer, so that both kernels train and store the very same parameters.</remarks>
internal sealed class BiLstmModule : nn.Module<Tensor, Tensor>
{
    private readonly BiLstmOptions _options;
    private readonly ModuleList<LSTM> _layers;
    private readonly Dropout? _dropout;
    private readonly LayerNorm? _norm;
    private readonly Linear _head;

    public BiLstmModule(BiLstmOptions options, int channels, int targets)
        : base(nameof(BiLstmModule))
    {
        _options = options;
        var states = options.Hidden * options.Directions;
        _layers = nn.ModuleList(Enumerable.Range(0, options.Layers)
            .Select(k => nn.LSTM(k == 0 ? channels : states, options.Hidden, 1, batchFirst: true, bidirectional: options.Bidirectional))
            .ToArray());
        var read = options.ReadOut == ReadOut.Both ? 2 * states : states;
        _dropout = options.Dropout > 0 ? nn.Dropout(options.Dropout) : null;
        _norm = options.LayerNorm ? nn.LayerNorm(read) : null;
        _head = nn.Linear(read, targets);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        for (var k = 0; k < _layers.Count - 1; k++)
        {
            x = Layer(_layers[k], x, sequence: true, mean: false).Sequence!;
            x = _dropout?.forward(x) ?? x;
        }

        var (_, final, mean) = Layer(_layers[^1], x, sequence: false, mean: _options.ReadOut != ReadOut.Final);
        var read = _options.ReadOut switch
        {
            ReadOut.Final => final,
            ReadOut.Mean => mean!,
            _ => cat([final, mean!], 1),
        };
        read = _norm?.forward(read) ?? read;
        read = _dropout?.forward(read) ?? read;
        return _head.forward(read).MoveToOuterDisposeScope();
    }

    /// <summary>The LSTM weights, layer by layer, for the exported graph.</summary>
    public IReadOnlyList<LstmLayerWeights> LayerWeights() => _layers.Select(layer =>
    {
        var weights = layer.parameters().Select(TensorMemory.Copy).Chunk(4)
            .Select(p => new LstmDirectionWeights(p[0], p[1], p[2], p[3])).ToArray();
        return new LstmLayerWeights(weights[0].InputWeights.Length / (4 * _options.Hidden), _options.Hidden, weights);
    }).ToArray();

    /// <summary>The head: layer normalisation if there is one, then the linear map.</summary>
    public HeadWeights Head() => new(
        _norm is null ? null : TensorMemory.Copy(_norm.weight!),
        _norm is null ? null : TensorMemory.Copy(_norm.bias!),
        TensorMemory.Copy(_head.weight!),
        TensorMemory.Copy(_head.bias!));

    private static (Tensor Sequence, Tensor Final, Tensor? Mean) TorchLayer(LSTM layer, Tensor x, bool mean)
    {
        var (sequence, states, _) = layer.forward(x);
        var final = states.permute(1, 0, 2).reshape(x.shape[0], -1);
        return (sequence, final, mean ? sequence.mean([1]) : null);
    }
}
