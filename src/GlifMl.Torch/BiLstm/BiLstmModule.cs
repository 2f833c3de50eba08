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
    private readonly BesideEstimates? _beside;
    private readonly Linear? _estimates,
        _correction;
    private readonly Linear _head;

    public BiLstmModule(BiLstmOptions options, int channels, int targets, BesideEstimates? beside = null)
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
        _beside = beside;
        _estimates = beside is null ? null : nn.Linear(beside.Scale.Size, targets);
        _correction = beside is null ? null : nn.Linear(options.ReadSize + beside.Scale.Size, states);
        _head = nn.Linear(options.ReadSize + (beside is null ? 0 : states), targets);
        RegisterComponents();
        StartFromEstimates();
    }

    /// <inheritdoc/>
    public nn.Module Module => this;

    /// <inheritdoc/>
    public bool ComputesInLibtorch => _options.Kernel == LstmKernel.Torch;

    /// <inheritdoc/>
    public int QuickestThreads => RecurrentThreads.Of(this) ?? Environment.ProcessorCount;

    /// <inheritdoc/>
    public bool NeedsGradients => ComputesInLibtorch;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => Forward(input, beside: null, lengths: null);

    /// <inheritdoc/>
    public Tensor Forward(Tensor traces, Tensor? beside, int[]? lengths)
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
        if (_beside is null)
            return _head.forward(read).MoveToOuterDisposeScope();
        var numbers = _beside.Scale.Of(beside!);
        var hidden = nn.functional.silu(_correction!.forward(cat([read, numbers], 1)));
        using var low = tensor(_beside.Lows);
        using var high = tensor(_beside.Highs);
        var bounded = maximum(minimum(_estimates!.forward(numbers), high), low);
        return (bounded + _head.forward(cat([read, hidden], 1))).MoveToOuterDisposeScope();
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
            TensorMemory.Copy(_head.bias!),
            _beside is null
                ? null
                : new(
                    _beside with
                    {
                        Weights = TensorMemory.Copy(_estimates!.weight!),
                        Bias = TensorMemory.Copy(_estimates.bias!),
                    },
                    TensorMemory.Copy(_correction!.weight!),
                    TensorMemory.Copy(_correction.bias!)
                )
        );

    // Training starts from linear estimates, and what the network reads off the trace itself only corrects them.
    private void StartFromEstimates()
    {
        if (_beside is null)
            return;
        const float Share = 0.1f; // of an untrained network's answers
        foreach (var parameter in _head.parameters())
        {
            foreach (ref var value in TensorMemory.Values(parameter))
                value *= Share;
        }

        TensorMemory.Fill(_estimates!.weight!, _beside.Weights);
        TensorMemory.Fill(_estimates.bias!, _beside.Bias);
    }

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

    private (Tensor Final, Tensor? Mean, Tensor Sequence) TorchLayer(LSTM layer, Tensor x, int[]? lengths, bool mean)
    {
        if (lengths is not null)
            return PaddedTorchLayer(layer, x, lengths);
        var (sequence, states) = LstmWithoutGradients.Forward(layer, x);
        return (states.permute(1, 0, 2).reshape(x.shape[0], -1), mean ? sequence.mean([1]) : null, sequence);
    }

    /// <summary>
    /// Rows of different lengths, masked. Packed sequences would do, but never finish at such lengths: on the way back the slice of each
    /// step writes a gradient of the whole length. So the forward direction runs over rows that start together, the reverse direction over
    /// rows that end together: each meets a row's padding only after the row.
    /// </summary>
    private (Tensor Final, Tensor Mean, Tensor Sequence) PaddedTorchLayer(LSTM layer, Tensor x, int[] lengths)
    {
        var (rows, time, hidden) = (lengths.Length, (int)x.shape[1], _options.Hidden);
        var padding = Array.ConvertAll(lengths, length => (long)(time - length));
        var (valid, counts) = (empty(rows, time, 1), empty(rows, 1));
        TensorMemory.Values(valid).Clear();
        for (var row = 0; row < rows; row++)
        {
            TensorMemory.Values(valid).Slice(row * time, lengths[row]).Fill(1);
            TensorMemory.Values(counts)[row] = lengths[row];
        }

        var forward = LstmWithoutGradients.Forward(layer, x).Sequence.narrow(2, 0, hidden) * valid;
        var last = tensor(Array.ConvertAll(lengths, length => length - 1L)).view(rows, 1, 1).expand(rows, 1, hidden);
        var (sequence, final) = (forward, forward.gather(1, last).squeeze(1));
        if (_options.Bidirectional)
        {
            var ending = LstmWithoutGradients.Forward(layer, Roll(x, padding)).Sequence.narrow(2, hidden, hidden);
            var reverse = Roll(ending, Array.ConvertAll(padding, n => -n)) * valid;
            sequence = cat([forward, reverse], 2);
            final = cat([final, reverse.select(1, 0)], 1);
        }

        return (final, sequence.sum(1) / counts, sequence);
    }

    /// <summary>Moves each row along time, round the end.</summary>
    private static Tensor Roll(Tensor x, long[] samples) => stack(x.unbind(0).Zip(samples, (row, n) => row.roll(n, 0)), 0);
}
