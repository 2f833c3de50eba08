namespace GlifMl.Onnx;

/// <summary>Four numbers that place one trace: enough to see that a recording is unlike what a model was trained on.</summary>
/// <param name="Mean">Mean over time; mV for a voltage, pA for a stimulus, as are the others.</param>
/// <param name="StandardDeviation">Standard deviation over time (of the population).</param>
/// <param name="Minimum">Smallest sample.</param>
/// <param name="Maximum">Largest sample.</param>
public sealed record TraceStatistics(double Mean, double StandardDeviation, double Minimum, double Maximum)
{
    /// <summary>The statistics of a trace.</summary>
    /// <param name="trace">The samples; NaN (a spike cut) is left out. All are NaN where every sample is, or none is given.</param>
    /// <returns>The statistics.</returns>
    public static TraceStatistics Of(ReadOnlySpan<float> trace)
    {
        double count = 0,
            sum = 0,
            minimum = double.PositiveInfinity,
            maximum = double.NegativeInfinity;
        foreach (var sample in trace)
        {
            if (float.IsNaN(sample))
                continue;
            count++;
            sum += sample;
            minimum = Math.Min(minimum, sample);
            maximum = Math.Max(maximum, sample);
        }

        if (count == 0)
            return new TraceStatistics(double.NaN, double.NaN, double.NaN, double.NaN);
        double mean = sum / count,
            squares = 0;
        foreach (var sample in trace)
        {
            if (!float.IsNaN(sample))
                squares += (sample - mean) * (sample - mean);
        }

        return new TraceStatistics(mean, Math.Sqrt(squares / count), minimum, maximum);
    }
}
