namespace GlifMl.Onnx;

/// <summary>Writes LSTM layers as ONNX nodes.</summary>
internal static class LstmOnnx
{
    /// <summary>Adds a stack of LSTM layers, as <see cref="RecurrentOnnx.Add"/> does.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">The input: <c>[N, T, C]</c>, or <c>[N, T C]</c> with the channels of one time step side by side.</param>
    /// <param name="layers">The layers from the first to the last.</param>
    /// <param name="lengths">Valid samples of each row, 32-bit integers <c>[N]</c>; empty: all.</param>
    /// <returns>The last layer's sequence and final states.</returns>
    /// <exception cref="ArgumentException">There is no layer, or a layer's channels are not what it is given.</exception>
    public static (OnnxValue Sequence, OnnxValue FinalStates) Add(
        OnnxGraph graph,
        OnnxValue input,
        IReadOnlyList<LstmLayerWeights> layers,
        string lengths = ""
    ) => RecurrentOnnx.Add(graph, input, [.. layers.Select(Layer)], lengths);

    private static RecurrentLayer Layer(LstmLayerWeights layer) =>
        new(
            RecurrentCell.Lstm,
            layer.InputSize,
            layer.HiddenSize,
            [.. layer.Directions.Select(d => new RecurrentDirection(d.InputWeights, d.RecurrentWeights, d.InputBias, d.RecurrentBias))]
        );
}

/// <summary>The weights of one LSTM layer.</summary>
internal sealed record LstmLayerWeights
{
    /// <summary>Creates the weights of a layer.</summary>
    /// <param name="inputSize">Channels that the layer reads at each time step.</param>
    /// <param name="hiddenSize">Hidden units H of each direction.</param>
    /// <param name="directions">One set of weights for a forward layer; two (forward, backward) for a bidirectional one.</param>
    /// <exception cref="ArgumentException">There are neither one nor two directions, or an array has the wrong length.</exception>
    public LstmLayerWeights(int inputSize, int hiddenSize, params IReadOnlyList<LstmDirectionWeights> directions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hiddenSize, 1);
        if (directions.Count is not (1 or 2))
            throw new ArgumentException($"LSTM layer: found {directions.Count} directions; expected one or two", nameof(directions));
        foreach (var direction in directions)
        {
            Check(nameof(direction.InputWeights), direction.InputWeights, 4 * hiddenSize * inputSize);
            Check(nameof(direction.RecurrentWeights), direction.RecurrentWeights, 4 * hiddenSize * hiddenSize);
            Check(nameof(direction.InputBias), direction.InputBias, 4 * hiddenSize);
            Check(nameof(direction.RecurrentBias), direction.RecurrentBias, 4 * hiddenSize);
        }

        InputSize = inputSize;
        HiddenSize = hiddenSize;
        Directions = directions;
    }

    /// <summary>Channels that the layer reads at each time step.</summary>
    public int InputSize { get; }

    /// <summary>Hidden units of each direction.</summary>
    public int HiddenSize { get; }

    /// <summary>The weights of the forward and, in a bidirectional layer, the backward direction.</summary>
    public IReadOnlyList<LstmDirectionWeights> Directions { get; }

    /// <summary>Numbers that the layer gives at each time step: hidden units times directions.</summary>
    public int OutputSize => HiddenSize * Directions.Count;

    private static void Check(string name, float[] values, int expected)
    {
        if (values.Length != expected)
            throw new ArgumentException($"LSTM layer: {name}: found {values.Length} numbers; expected {expected}", name);
    }
}

/// <summary>
/// The weights of one direction of one LSTM layer, laid out as torch.nn.LSTM keeps them: row-major, gates in the order
/// input, forget, cell, output.
/// </summary>
/// <param name="InputWeights">weight_ih, <c>[4 H, inputs]</c>.</param>
/// <param name="RecurrentWeights">weight_hh, <c>[4 H, H]</c>.</param>
/// <param name="InputBias">bias_ih, <c>[4 H]</c>.</param>
/// <param name="RecurrentBias">bias_hh, <c>[4 H]</c>.</param>
internal sealed record LstmDirectionWeights(float[] InputWeights, float[] RecurrentWeights, float[] InputBias, float[] RecurrentBias);
