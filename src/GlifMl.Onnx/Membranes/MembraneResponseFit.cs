namespace GlifMl.Onnx;

/// <summary>The membrane nearest to a trace, and how sure it is.</summary>
/// <param name="LogRate">log k.</param>
/// <param name="Gain">A, mV/pA.</param>
/// <param name="RestMv">El, mV.</param>
/// <param name="RateVariance">Of log k.</param>
/// <param name="GainVariance">Of A.</param>
/// <param name="ResistanceVariance">Of the logarithm of A / k, times the square of A.</param>
/// <param name="RestVariance">Of El.</param>
/// <param name="NoiseVariance">Of a sample; 0 where a trace has too few blocks for a fit.</param>
internal readonly record struct MembraneResponseFit(
    double LogRate,
    double Gain,
    double RestMv,
    double RateVariance,
    double GainVariance,
    double ResistanceVariance,
    double RestVariance,
    double NoiseVariance
)
{
    /// <summary>
    /// The least curvature that a rate's variance follows from, over that of the noise: a deviation of 10 in the logarithm.
    /// </summary>
    public const double LeastCurvature = 0.02;
}
