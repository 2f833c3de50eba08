using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using GlifMl.Onnx;
using GlifMl.Torch.Kernels;

namespace GlifMl.Torch.BiLstm;

/// <summary>Runs a fitted network over traces with the fused kernel, in plain memory. One cursor owns it.</summary>
internal sealed unsafe class BiLstmScorer
{
    private readonly BiLstmOptions _options;
    private readonly HeadWeights _head;
    private readonly (LstmLayerWeights Sizes, float[][] Weights)[] _layers;
    private readonly int _threads;

    public BiLstmScorer(BiLstmOptions options, IReadOnlyList<LstmLayerWeights> layers, HeadWeights head)
    {
        (_options, _head) = (options, head);
        _threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        _layers = layers.Select(l => (l, l.Directions.SelectMany(d => new[] { d.InputWeights, d.RecurrentWeights, d.InputBias, d.RecurrentBias }).Select(Pin).ToArray())).ToArray();
    }

    /// <summary>Scores a batch.</summary>
    /// <param name="traces">[rows, samples, channels]; NaN at the end of a row is padding.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="scores">[rows, targets].</param>
    /// <exception cref="InvalidDataException">A trace has no samples, or NaN before its end.</exception>
    public void Score(ReadOnlySpan<float> traces, int rows, Span<float> scores)
    {
        var channels = _layers[0].Sizes.InputSize;
        var samples = traces.Length / rows / channels;
        var input = Pin(traces);
        var lengths = Lengths(input, rows, samples * channels, channels);

        for (var k = 0; k < _layers.Length - 1; k++)
            input = Run(_layers[k], input, rows, samples, lengths, sequence: true, mean: false).Sequence!;
        var (final, mean, _) = Run(_layers[^1], input, rows, samples, lengths, sequence: false, mean: _options.ReadOut != ReadOut.Final);

        var (states, targets) = (final.Length / rows, scores.Length / rows);
        var read = new float[_options.ReadOut == ReadOut.Both ? 2 * states : states];
        for (var row = 0; row < rows; row++)
        {
            var offset = 0;
            if (_options.ReadOut != ReadOut.Mean)
            {
                final.AsSpan(row * states, states).CopyTo(read);
                offset = states;
            }

            mean?.AsSpan(row * states, states).CopyTo(read.AsSpan(offset));
            _head.Apply(read, scores.Slice(row * targets, targets));
        }
    }

    private (float[] Final, float[]? Mean, float[]? Sequence) Run(
        (LstmLayerWeights Sizes, float[][] Weights) layer, float[] input, int rows, int samples, int[]? lengths, bool sequence, bool mean)
    {
        var geometry = new LstmGeometry(rows, samples, layer.Sizes.InputSize, layer.Sizes.HiddenSize, layer.Sizes.Directions.Count);
        var parameters = new LstmParameters[geometry.Directions];
        for (var d = 0; d < parameters.Length; d++)
        {
            var w = layer.Weights.AsSpan(d * 4, 4);
            parameters[d] = new LstmParameters(Address(w[0]), Address(w[1]), Address(w[2]), Address(w[3]));
        }

        var final = NewPinned(geometry.StateFloats);
        var means = mean ? NewPinned(geometry.StateFloats) : null;
        var states = sequence ? NewPinned(checked((int)geometry.SequenceFloats)) : null;
        LstmKernels.Default.Forward(
            new LstmCall
            {
                Geometry = geometry,
                Parameters = parameters,
                Input = Address(input),
                Lengths = lengths,
                FinalHidden = Address(final),
                TimeMean = means is null ? null : Address(means),
                Sequence = states is null ? null : Address(states),
            },
            _threads);
        GC.KeepAlive(input);
        return (final, means, states);
    }

    /// <summary>Counts the samples of each row, and clears the padding.</summary>
    private static int[]? Lengths(float[] traces, int rows, int size, int channels)
    {
        var lengths = new int[rows];
        for (var row = 0; row < rows; row++)
        {
            var trace = traces.AsSpan(row * size, size);
            var length = size;
            while (length > 0 && float.IsNaN(trace[length - 1]))
                length--;
            lengths[row] = length / channels;
            trace[length..].Clear();
            if (length == 0 || float.IsNaN(TensorPrimitives.Sum<float>(trace)))
                throw new InvalidDataException($"trace {row} of a batch {(length == 0 ? "has no samples" : "holds NaN before its end")}; expected numbers, then at most padding");
        }

        return Array.TrueForAll(lengths, l => l * channels == size) ? null : lengths;
    }

    private static float[] Pin(ReadOnlySpan<float> values)
    {
        var pinned = NewPinned(values.Length);
        values.CopyTo(pinned);
        return pinned;
    }

    private static float[] Pin(float[] values) => Pin(values.AsSpan());

    // Pinned for its whole life, so that the kernel's threads may hold its address.
    private static float[] NewPinned(int length) => GC.AllocateUninitializedArray<float>(length, pinned: true);

    private static float* Address(float[] pinned) => (float*)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
}
