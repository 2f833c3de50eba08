using System.Numerics.Tensors;
using GlifMl.Lstm;

namespace GlifMl.Torch;

/// <summary>Runs a fitted network over traces with the fused kernel, without libtorch. One cursor owns it.</summary>
internal sealed class BiLstmScorer(BiLstmOptions options, IReadOnlyList<LstmLayer> layers, HeadWeights head)
{
    /// <summary>Scores a batch.</summary>
    /// <param name="traces">[rows, samples, channels]; NaN at the end of a row is padding.</param>
    /// <param name="beside">[rows, numbers] beside the traces; empty where there are none.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="scores">[rows, targets].</param>
    /// <exception cref="InvalidDataException">A trace has no samples, or NaN before its end.</exception>
    public void Score(ReadOnlySpan<float> traces, ReadOnlySpan<float> beside, int rows, Span<float> scores)
    {
        var input = traces.ToArray();
        var samples = input.Length / rows / layers[0].InputSize;
        var lengths = Lengths(input, rows, layers[0].InputSize);
        foreach (var layer in layers.SkipLast(1))
        {
            var sequence = new float[rows * samples * layer.OutputSize];
            LstmForward.Run(layer, input, rows, samples, new float[rows * layer.OutputSize], default, sequence, lengths, options.Threads);
            input = sequence;
        }

        var states = layers[^1].OutputSize;
        var final = new float[rows * states];
        var mean = options.ReadOut == ReadOut.Final ? [] : new float[rows * states];
        LstmForward.Run(layers[^1], input, rows, samples, final, mean, default, lengths, options.Threads);

        var targets = scores.Length / rows;
        var read = new float[options.ReadSize];
        for (var row = 0; row < rows; row++)
        {
            if (options.ReadOut != ReadOut.Mean)
                final.AsSpan(row * states, states).CopyTo(read);
            if (options.ReadOut != ReadOut.Final)
                mean.AsSpan(row * states, states).CopyTo(read.AsSpan(read.Length - states));
            head.Apply(read, beside.Slice(row * (beside.Length / rows), beside.Length / rows), scores.Slice(row * targets, targets));
        }
    }

    /// <summary>Counts the samples of each row, and clears the padding.</summary>
    /// <returns>Null where every row is full.</returns>
    private static int[]? Lengths(float[] traces, int rows, int channels)
    {
        var (lengths, size) = (new int[rows], traces.Length / rows);
        for (var row = 0; row < rows; row++)
        {
            var trace = traces.AsSpan(row * size, size);
            var length = size;
            while (length > 0 && float.IsNaN(trace[length - 1]))
                length--;
            lengths[row] = length / channels;
            trace[length..].Clear();
            if (length == 0 || float.IsNaN(TensorPrimitives.Sum<float>(trace)))
                throw new InvalidDataException(
                    $"trace {row} of a batch: found {(length == 0 ? "no samples" : "NaN before its end")}; "
                        + "expected numbers, then at most padding"
                );
        }

        return Array.TrueForAll(lengths, l => l * channels == size) ? null : lengths;
    }
}

/// <summary>
/// Plain weights of the head: layer normalisation's gain and bias [read] if there is one, then [targets, read] and [targets]. Where numbers
/// stand beside the trace, what is read is followed by them, and by a hidden layer over both.
/// </summary>
internal sealed record HeadWeights(
    float[]? NormGain,
    float[]? NormBias,
    float[] Weights,
    float[] Bias,
    CorrectionWeights? Correction = null
)
{
    /// <summary>torch's default, which both runtimes are given.</summary>
    public const float NormEpsilon = 1e-5f;

    /// <summary>One row: <paramref name="read"/> is overwritten by its normalised values.</summary>
    public void Apply(Span<float> read, ReadOnlySpan<float> beside, Span<float> output)
    {
        if (NormGain is not null)
            Normalise(read);
        if (Correction is not null)
            read = Correction.Apply(read, beside, output);
        else
            output.Clear();
        for (var k = 0; k < output.Length; k++)
            output[k] += System.Numerics.Tensors.TensorPrimitives.Dot<float>(read, Weights.AsSpan(k * read.Length, read.Length)) + Bias[k];
    }

    // Ba et al. 2016, equations 3 and 4, with the biased variance as torch has it.
    private void Normalise(Span<float> x)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var value in x)
            sum += value;
        var mean = sum / x.Length;
        foreach (var value in x)
            squares += (value - mean) * (value - mean);
        var inverse = 1 / Math.Sqrt((squares / x.Length) + NormEpsilon);
        for (var i = 0; i < x.Length; i++)
            x[i] = (float)(((x[i] - mean) * inverse * NormGain![i]) + NormBias![i]);
    }
}

/// <summary>
/// What is done with the numbers beside a trace: estimates linear in them, and plain weights of the hidden layer that corrects these,
/// [hidden, read and numbers] and [hidden].
/// </summary>
internal sealed record CorrectionWeights(BesideEstimates Estimates, float[] Weights, float[] Bias)
{
    /// <summary>Trainable numbers.</summary>
    public long Count => Weights.Length + Bias.Length + Estimates.Weights.Length + Estimates.Bias.Length;

    /// <summary>Writes the estimates.</summary>
    /// <returns>What is read, and the hidden layer, side by side.</returns>
    public float[] Apply(ReadOnlySpan<float> read, ReadOnlySpan<float> beside, Span<float> estimates)
    {
        var inputs = new float[read.Length + beside.Length];
        read.CopyTo(inputs);
        Estimates.Scale.Apply(beside, inputs.AsSpan(read.Length));
        Estimates.Apply(inputs.AsSpan(read.Length), estimates);
        var all = new float[read.Length + Bias.Length];
        read.CopyTo(all);
        for (var k = 0; k < Bias.Length; k++)
        {
            var x = TensorPrimitives.Dot(inputs, Weights.AsSpan(k * inputs.Length, inputs.Length)) + Bias[k];
            all[read.Length + k] = x / (1 + MathF.Exp(-x));
        }

        return all;
    }
}
