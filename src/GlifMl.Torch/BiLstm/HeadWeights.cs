namespace GlifMl.Torch;

/// <summary>Plain weights of the head: layer normalisation's gain and bias [read] if there is one, then [targets, read] and [targets].</summary>
internal sealed record HeadWeights(float[]? NormGain, float[]? NormBias, float[] Weights, float[] Bias)
{
    /// <summary>torch's default, which both runtimes are given.</summary>
    public const float NormEpsilon = 1e-5f;

    /// <summary>One row: <paramref name="read"/> is overwritten by its normalised values.</summary>
    public void Apply(Span<float> read, Span<float> output)
    {
        if (NormGain is not null)
            Normalise(read);
        for (var k = 0; k < output.Length; k++)
            output[k] = System.Numerics.Tensors.TensorPrimitives.Dot<float>(read, Weights.AsSpan(k * read.Length, read.Length)) + Bias[k];
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
