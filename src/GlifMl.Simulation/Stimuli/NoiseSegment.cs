namespace GlifMl.Simulation;

/// <summary>Pink noise about a mean: mean x (1 + CV x pink(t - start)).</summary>
internal sealed class NoiseSegment(
    double startSeconds,
    double endSeconds,
    double meanAmperes,
    double coefficientOfVariation,
    PinkNoise noise
) : Segment(startSeconds, endSeconds)
{
    public override double At(double seconds) => meanAmperes * (1 + coefficientOfVariation * noise.At(seconds - StartSeconds));
}
