namespace GlifMl.Onnx;

/// <summary>How a mixture of Gaussians lies in a row of numbers.</summary>
/// <remarks>
/// In a score column: the mixture's mean, the weights, the means component by component, and the factors component by component, row-major:
/// lower-triangular, so that mean + factor z is a draw where z is standard normal, and factor factor^T a covariance.
/// </remarks>
/// <param name="Components">Gaussians.</param>
/// <param name="Targets">Numbers that they are over.</param>
internal sealed record MixtureShape(int Components, int Targets)
{
    /// <summary>Numbers of a row of the score column.</summary>
    public int Size => Targets + Components + MeansSize + FactorsSize;

    /// <summary>Numbers of all means.</summary>
    public int MeansSize => Components * Targets;

    /// <summary>Numbers of all factors.</summary>
    public int FactorsSize => Components * Targets * Targets;

    /// <summary>Where the weights begin.</summary>
    public int Weights => Targets;

    /// <summary>Where the means begin.</summary>
    public int Means => Weights + Components;

    /// <summary>Where the factors begin.</summary>
    public int Factors => Means + MeansSize;

    /// <summary>Reads a row of the score column.</summary>
    /// <param name="score">The row.</param>
    public GaussianMixture Read(ReadOnlySpan<float> score) =>
        new(Doubles(score.Slice(Weights, Components)), Doubles(score.Slice(Means, MeansSize)), Doubles(score.Slice(Factors, FactorsSize)));

    /// <summary>Writes a mixture as a row of the score column.</summary>
    public void Write(GaussianMixture mixture, Span<float> score)
    {
        for (var i = 0; i < Targets; i++)
            score[i] = (float)mixture.Mean(i);
        Singles(mixture.Weights, score[Weights..]);
        Singles(mixture.Means, score[Means..]);
        Singles(mixture.Factors, score[Factors..]);
    }

    /// <summary>Single numbers as double ones.</summary>
    public static double[] Doubles(ReadOnlySpan<float> values)
    {
        var doubles = new double[values.Length];
        for (var i = 0; i < doubles.Length; i++)
            doubles[i] = values[i];
        return doubles;
    }

    private static void Singles(double[] values, Span<float> destination)
    {
        for (var i = 0; i < values.Length; i++)
            destination[i] = (float)values[i];
    }
}
