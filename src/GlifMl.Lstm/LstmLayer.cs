using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GlifMl.Lstm;

/// <summary>
/// One LSTM layer, in one direction or in both, with the weights of nn.LSTM (PyTorch, TorchSharp): forward and backward over plain arrays,
/// in as many SIMD lanes and threads as the machine has.
/// </summary>
public sealed unsafe class LstmLayer
{
    /// <summary>Creates a layer from weights, which it copies.</summary>
    /// <param name="inputSize">Channels of a sample.</param>
    /// <param name="hiddenSize">Hidden units of a direction.</param>
    /// <param name="directions">The weights of the forward direction, then, where there is one, of the reverse.</param>
    /// <exception cref="ArgumentException">
    /// There are no directions or more than two, or a weight has another length than the sizes say.
    /// </exception>
    public LstmLayer(int inputSize, int hiddenSize, params IReadOnlyList<LstmWeights> directions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hiddenSize, 1);
        if (directions.Count is not (1 or 2))
            throw new ArgumentException($"found weights of {directions.Count} directions; expected 1 or 2", nameof(directions));
        (InputSize, HiddenSize) = (inputSize, hiddenSize);
        var g = Geometry(batch: 1, time: 1, directions.Count);
        Directions =
        [
            .. directions.Select(d => new LstmWeights(
                Copy(d.InputWeights, g.InputWeightFloats, "input weights"),
                Copy(d.HiddenWeights, g.HiddenWeightFloats, "hidden weights"),
                Copy(d.InputBias, g.BiasFloats, "input biases"),
                Copy(d.HiddenBias, g.BiasFloats, "hidden biases")
            )),
        ];
        Parameters = Pointers(Directions);
    }

    /// <summary>Channels of a sample.</summary>
    public int InputSize { get; }

    /// <summary>Hidden units of a direction.</summary>
    public int HiddenSize { get; }

    /// <summary>Values of a state: the hidden units of each direction.</summary>
    public int OutputSize => HiddenSize * Directions.Count;

    /// <summary>
    /// The layer's own weights, forward then reverse. What is written into these arrays is what the next pass computes with.
    /// </summary>
    public IReadOnlyList<LstmWeights> Directions { get; }

    /// <summary>Runs the layer over a batch.</summary>
    /// <param name="input">[batch, time, inputs].</param>
    /// <param name="batch">Rows.</param>
    /// <param name="options">What to compute besides the final states; null: nothing.</param>
    /// <exception cref="ArgumentException">
    /// The input is not a whole number of samples for each row, or a row's length does not fit.
    /// </exception>
    public LstmPass Forward(float[] input, int batch, LstmPassOptions? options = null)
    {
        options ??= new LstmPassOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if (input.Length == 0 || input.Length % (batch * InputSize) != 0)
            throw new ArgumentException(
                $"found {input.Length} numbers of input; expected a multiple of batch {batch} x {InputSize} channels",
                nameof(input)
            );
        var g = Geometry(batch, input.Length / batch / InputSize);
        if (g.Time > LstmChecks.Longest)
            throw new ArgumentException($"found traces of {g.Time} samples; expected at most {LstmChecks.Longest}", nameof(input));
        var lengths = options.Lengths?.ToArray();
        LstmChecks.RequireLengths(lengths, g);
        return new LstmPass(this, g, input, lengths, options);
    }

    internal LstmGeometry Geometry(int batch, int time) => Geometry(batch, time, Directions.Count);

    /// <summary>Where the weights lie: they never move, and live as long as the layer.</summary>
    internal LstmParameters[] Parameters { get; }

    /// <summary>An array that the collector does not move.</summary>
    internal static float[] Pinned(long length) => GC.AllocateArray<float>(checked((int)length), pinned: true);

    /// <summary>The address of a pinned array; null of an empty one.</summary>
    internal static float* Pointer(float[] pinned) =>
        pinned.Length == 0 ? null : (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    internal static LstmParameters[] Pointers(IReadOnlyList<LstmWeights> pinned) =>
        [
            .. pinned.Select(d => new LstmParameters(
                Pointer(d.InputWeights),
                Pointer(d.HiddenWeights),
                Pointer(d.InputBias),
                Pointer(d.HiddenBias)
            )),
        ];

    private LstmGeometry Geometry(int batch, int time, int directions) => new(batch, time, InputSize, HiddenSize, directions);

    private static float[] Copy(float[] values, int length, string what)
    {
        LstmChecks.RequireCount(values.Length, length, what);
        var copy = Pinned(length);
        values.CopyTo(copy, 0);
        return copy;
    }
}

/// <summary>One direction's weights, or their gradients, as nn.LSTM has them: rows of the gates i, f, g, o, in this order.</summary>
/// <param name="InputWeights">weight_ih, [4 * hidden, inputs].</param>
/// <param name="HiddenWeights">weight_hh, [4 * hidden, hidden].</param>
/// <param name="InputBias">bias_ih, [4 * hidden].</param>
/// <param name="HiddenBias">bias_hh, [4 * hidden]; the layer adds the two.</param>
public sealed record LstmWeights(float[] InputWeights, float[] HiddenWeights, float[] InputBias, float[] HiddenBias);

/// <summary>What a pass computes besides the final hidden states, and how.</summary>
public sealed record LstmPassOptions
{
    /// <summary>Also the final cell states. Default false.</summary>
    public bool FinalCell { get; init; }

    /// <summary>Also the mean of the hidden states over each row's samples. Default false.</summary>
    public bool TimeMean { get; init; }

    /// <summary>Also every hidden state, for a layer above. Default false.</summary>
    public bool Sequence { get; init; }

    /// <summary>Keeps what <see cref="LstmPass.Backward"/> needs. Default false.</summary>
    public bool Differentiable { get; init; }

    /// <summary>Valid samples of each row, 1 to time; null, the default, where every row is full.</summary>
    public IReadOnlyList<int>? Lengths { get; init; }

    /// <summary>Threads that share the work; the result is the same to the bit on any number. Default 0: the machine's cores.</summary>
    public int Threads { get; init; }

    internal ILstmKernel? Kernel { get; init; }
}

/// <summary>The sizes of one LSTM layer call: input [Batch, Time, Inputs], states [Directions, Batch, Hidden].</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LstmGeometry(int Batch, int Time, int Inputs, int Hidden, int Directions)
{
    /// <summary>Input, forget, cell and output gate, in nn.LSTM's order.</summary>
    public const int Gates = 4;

    /// <summary>Units a time step leaves behind: both directions, side by side.</summary>
    public int Outputs => Directions * Hidden;

    public long InputFloats => (long)Batch * Time * Inputs;

    public long SequenceFloats => (long)Batch * Time * Outputs;

    public int StateFloats => Batch * Outputs;

    public int InputWeightFloats => Gates * Hidden * Inputs;

    public int HiddenWeightFloats => Gates * Hidden * Hidden;

    public int BiasFloats => Gates * Hidden;
}
