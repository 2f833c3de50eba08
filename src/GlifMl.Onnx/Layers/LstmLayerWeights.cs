namespace GlifMl.Onnx;

/// <summary>The weights of one LSTM layer.</summary>
public sealed record LstmLayerWeights
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
            throw new ArgumentException($"LSTM layer: expected one or two directions, found {directions.Count}", nameof(directions));
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
            throw new ArgumentException($"LSTM layer: {name}: expected {expected} numbers, found {values.Length}", name);
    }
}
