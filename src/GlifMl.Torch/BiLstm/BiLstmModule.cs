using GlifMl.Lstm;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>
/// The network: stacked LSTM layers over a trace, then a linear head over what is read out of the last one.
/// [batch, samples, channels] to [batch, targets].
/// </summary>
/// <remarks>
/// Each layer keeps its weights in an nn.LSTM of one layer, so that both kernels train and store the very same parameters.
/// </remarks>
internal sealed class BiLstmModule : nn.Module<Tensor, Tensor>, ITraceModule
{
    private readonly BiLstmOptions _options;
    private readonly int _threads;
    private readonly ModuleList<LSTM> _layers;
    private readonly Dropout? _dropout;
    private readonly LayerNorm? _norm;
    private readonly Linear _head;

    public BiLstmModule(BiLstmOptions options, int channels, int targets)
        : base(nameof(BiLstmModule))
    {
        _options = options;
        _threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var states = options.Hidden * options.Directions;
        _layers = nn.ModuleList(
            Enumerable
                .Range(0, options.Layers)
                .Select(k => nn.LSTM(k == 0 ? channels : states, options.Hidden, 1, batchFirst: true, bidirectional: options.Bidirectional))
                .ToArray()
        );
        _dropout = options.Dropout > 0 ? nn.Dropout(options.Dropout) : null;
        _norm = options.LayerNorm ? nn.LayerNorm(options.ReadSize) : null;
        _head = nn.Linear(options.ReadSize, targets);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public nn.Module Module => this;

    /// <inheritdoc/>
    public bool ComputesInLibtorch => _options.Kernel == LstmKernel.Torch;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => Forward(input, lengths: null);

    /// <inheritdoc/>
    public Tensor Forward(Tensor traces, int[]? lengths)
    {
        using var scope = NewDisposeScope();
        var x = traces;
        for (var k = 0; k < _layers.Count - 1; k++)
        {
            x = Layer(_layers[k], x, lengths, sequence: true, mean: false).Sequence!;
            x = _dropout?.forward(x) ?? x;
        }

        var (final, mean, _) = Layer(_layers[^1], x, lengths, sequence: false, mean: _options.ReadOut != ReadOut.Final);
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

    /// <inheritdoc/>
    public void AfterBackward() => FusedLstm.ThrowIfFailed();

    /// <summary>The LSTM weights, layer by layer, for the exported graph.</summary>
    public IReadOnlyList<LstmLayer> LayerWeights() =>
        _layers
            .Select(layer =>
            {
                var weights = layer
                    .parameters()
                    .Select(TensorMemory.Copy)
                    .Chunk(4)
                    .Select(p => new LstmWeights(p[0], p[1], p[2], p[3]))
                    .ToArray();
                return new LstmLayer(weights[0].InputWeights.Length / (4 * _options.Hidden), _options.Hidden, weights);
            })
            .ToArray();

    /// <summary>The head: layer normalisation if there is one, then the linear map.</summary>
    public HeadWeights Head() =>
        new(
            _norm is null ? null : TensorMemory.Copy(_norm.weight!),
            _norm is null ? null : TensorMemory.Copy(_norm.bias!),
            TensorMemory.Copy(_head.weight!),
            TensorMemory.Copy(_head.bias!)
        );

    private (Tensor Final, Tensor? Mean, Tensor? Sequence) Layer(LSTM layer, Tensor x, int[]? lengths, bool sequence, bool mean)
    {
        if (_options.Kernel == LstmKernel.Torch)
            return TorchLayer(layer, x, lengths, mean);
        var outputs = FusedLstm.Forward(
            x,
            [.. layer.parameters()],
            new FusedLstmOptions
            {
                TimeMean = mean,
                Sequence = sequence,
                Threads = _threads,
            },
            lengths
        );
        return (outputs.FinalHidden, outputs.TimeMean, outputs.Sequence);
    }

    private static (Tensor Final, Tensor? Mean, Tensor Sequence) TorchLayer(LSTM layer, Tensor x, int[]? lengths, bool mean)
    {
        Tensor sequence,
            states;
        if (lengths is null)
        {
            (sequence, states, _) = layer.forward(x);
        }
        else
        {
            var packed = nn.utils.rnn.pack_padded_sequence(
                x,
                tensor(Array.ConvertAll(lengths, l => (long)l)),
                batch_first: true,
                enforce_sorted: false
            );
            (var packedSequence, states, _) = layer.call(packed);
            (sequence, _) = nn.utils.rnn.pad_packed_sequence(packedSequence, batch_first: true);
        }

        var final = states.permute(1, 0, 2).reshape(x.shape[0], -1);
        if (!mean)
            return (final, null, sequence);
        // Samples past a row's end are 0 in the padded sequence, so their sum is the sum over the valid ones.
        var counts = lengths is null ? null : tensor(Array.ConvertAll(lengths, l => (float)l)).unsqueeze(1);
        return (final, counts is null ? sequence.mean([1]) : sequence.sum(1) / counts, sequence);
    }
}
