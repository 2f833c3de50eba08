using GlifMl.Onnx;
using GlifMl.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>
/// An LSTM or GRU as a module from one tensor to one tensor, so that it can stand in a Sequential: those return several tensors, and this
/// says which is read. [batch, samples, channels] to [batch, states] or, for the whole sequence, [batch, samples, states].
/// </summary>
public sealed class SequenceReadOut : nn.Module<Tensor, Tensor>, ITorchOnnxExportable
{
    private readonly nn.Module _recurrent;
    private readonly ReadOut? _readOut;
    private readonly int _directions;

    /// <summary>Reads the states of an LSTM's last layer.</summary>
    /// <param name="lstm">The layers, created with <c>batchFirst: true</c>.</param>
    /// <param name="readOut">What is read: both directions side by side, forward first.</param>
    /// <exception cref="ArgumentException">The layers want the samples before the batch.</exception>
    public SequenceReadOut(LSTM lstm, ReadOut readOut = ReadOut.Final)
        : this((nn.Module)lstm, readOut) { }

    /// <summary>Reads the states of a GRU's last layer.</summary>
    /// <param name="gru">The layers, created with <c>batchFirst: true</c>.</param>
    /// <param name="readOut">What is read: both directions side by side, forward first.</param>
    /// <exception cref="ArgumentException">The layers want the samples before the batch.</exception>
    public SequenceReadOut(GRU gru, ReadOut readOut = ReadOut.Final)
        : this((nn.Module)gru, readOut) { }

    private SequenceReadOut(nn.Module recurrent, ReadOut? readOut)
        : base(nameof(SequenceReadOut))
    {
        (_recurrent, _readOut) = (recurrent, readOut);
        RegisterComponents();
        _directions = recurrent.named_parameters().Any(p => p.name.EndsWith("_reverse", StringComparison.Ordinal)) ? 2 : 1;
        CheckLayout();
    }

    /// <summary>Reads every state of an LSTM's last layer, for a layer that follows.</summary>
    /// <param name="lstm">The layers, created with <c>batchFirst: true</c>.</param>
    /// <returns>A module to [batch, samples, states].</returns>
    /// <exception cref="ArgumentException">The layers want the samples before the batch.</exception>
    public static SequenceReadOut WholeSequence(LSTM lstm) => new((nn.Module)lstm, readOut: null);

    /// <summary>Reads every state of a GRU's last layer, for a layer that follows.</summary>
    /// <param name="gru">The layers, created with <c>batchFirst: true</c>.</param>
    /// <returns>A module to [batch, samples, states].</returns>
    /// <exception cref="ArgumentException">The layers want the samples before the batch.</exception>
    public static SequenceReadOut WholeSequence(GRU gru) => new((nn.Module)gru, readOut: null);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (sequence, states) = Run(input);
        var read = _readOut switch
        {
            null => sequence,
            ReadOut.Final => Final(states),
            ReadOut.Mean => sequence.mean([1]),
            _ => cat([Final(states), sequence.mean([1])], 1),
        };
        return read.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue Export(TorchOnnxContext context, OnnxValue input)
    {
        if (input.Dims.Count != 2)
            throw context.Refusal(this, $"is given [batch, {string.Join(", ", input.Dims)}]; expected [batch, samples, channels]");
        var (sequence, final) = RecurrentOnnx.Add(context.Graph, input, Layers());
        return _readOut switch
        {
            null => sequence,
            ReadOut.Final => final,
            ReadOut.Mean => OnnxLayers.MeanOverTime(context.Graph, sequence),
            _ => OnnxLayers.Concatenate(context.Graph, final, OnnxLayers.MeanOverTime(context.Graph, sequence)),
        };
    }

    private (Tensor Sequence, Tensor States) Run(Tensor input) =>
        _recurrent is LSTM lstm ? LstmWithoutGradients.Forward(lstm, input) : ((GRU)_recurrent).call(input);

    // [layers x directions, batch, hidden]: the last layer's directions stand at the end.
    private Tensor Final(Tensor states) =>
        states.narrow(0, states.shape[0] - _directions, _directions).permute(1, 0, 2).reshape(states.shape[1], -1);

    /// <summary>The weights layer by layer; a layer without biases gets zeros.</summary>
    private List<RecurrentLayer> Layers()
    {
        using var scope = NewDisposeScope();
        var weights = _recurrent
            .named_parameters()
            .ToDictionary(p => p.name, p => (Values: TensorMemory.Copy(p.parameter), p.parameter.shape), StringComparer.Ordinal);
        var cell = _recurrent is LSTM ? RecurrentCell.Lstm : RecurrentCell.Gru;
        var layers = new List<RecurrentLayer>();
        for (var k = 0; weights.TryGetValue($"weight_ih_l{k}", out var first); k++)
        {
            var directions = new List<RecurrentDirection>();
            foreach (var suffix in new[] { $"l{k}", $"l{k}_reverse" }.Take(_directions))
            {
                float[] Bias(string name) =>
                    weights.TryGetValue($"{name}_{suffix}", out var bias) ? bias.Values : new float[first.shape[0]];
                directions.Add(
                    new(weights[$"weight_ih_{suffix}"].Values, weights[$"weight_hh_{suffix}"].Values, Bias("bias_ih"), Bias("bias_hh"))
                );
            }

            layers.Add(new(cell, (int)first.shape[1], (int)weights[$"weight_hh_l{k}"].shape[1], directions));
        }

        return layers;
    }

    // TorchSharp does not tell a layer's layout, but its state has a place for each row of the batch.
    private void CheckLayout()
    {
        const int rows = 2,
            samples = 3;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        _recurrent.eval();
        var channels = _recurrent.named_parameters().First(p => p.name == "weight_ih_l0").parameter.shape[1];
        var found = Run(zeros(rows, samples, channels)).States.shape[1];
        _recurrent.train();
        if (found != rows)
            throw new ArgumentException(
                $"the {_recurrent.GetType().Name} reads [samples, batch, channels]; expected one created with batchFirst: true"
            );
    }
}
