namespace GlifMl.Onnx;

/// <summary>Where one statistic of an input lies against the training data.</summary>
/// <param name="Statistic">What was measured, for example <c>mean voltage</c>.</param>
/// <param name="Unit">mV or pA.</param>
/// <param name="Value">The input's value.</param>
/// <param name="Training">The spread over the training traces.</param>
public sealed record RangeMeasure(string Statistic, string Unit, double Value, ValueRange Training)
{
    /// <summary>
    /// Distance from the training mean in training standard deviations, with its sign; infinite (or 0, at the mean itself)
    /// where the training traces do not differ.
    /// </summary>
    public double Deviations => Value == Training.Mean ? 0 : (Value - Training.Mean) / Training.StandardDeviation;

    /// <summary>Whether the value lies outside the 1st to 99th percentile of the training traces.</summary>
    public bool IsOutside => !(Value >= Training.Percentile1 && Value <= Training.Percentile99);
}
