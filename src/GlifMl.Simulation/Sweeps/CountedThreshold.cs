namespace GlifMl.Simulation;

/// <summary>
/// The threshold with which a GLIF1 that resets to rest would fire as often as a cell did under this very current: so published thresholds
/// are made, from noise (Teeter et al. 2018, Methods). Threshold over resistance depends on the time constant alone; it is found for some
/// and lies between.
/// </summary>
internal sealed class CountedThreshold
{
    private const double ShortestMs = 3,
        LongestMs = 96;
    private const int TimeConstants = 6;

    // The cut of a mouse cell's spike.
    private const double SpikeSeconds = 4e-3;
    private const double StretchSeconds = 2e-4;
    private const int Halvings = 10;

    private readonly double[] _picoamperes;
    private readonly double _slowness;

    private CountedThreshold(double[] picoamperes, double slowness = 1) => (_picoamperes, _slowness) = (picoamperes, slowness);

    /// <summary>That of a sweep that tells none.</summary>
    public static CountedThreshold None { get; } = new([]);

    /// <summary>Finds it.</summary>
    /// <param name="currentPa">The stimulus, pA.</param>
    /// <param name="holdingPa">The current at rest, pA.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    /// <param name="spikes">How often the cell fired.</param>
    public static CountedThreshold Of(ReadOnlySpan<float> currentPa, double holdingPa, double dtSeconds, int spikes)
    {
        // A millisecond's fifth is short for any membrane, and sweeps of half a minute at 200 kHz are a few times ten thousand of them.
        var length = Math.Max(1, (int)Math.Round(StretchSeconds / dtSeconds));
        var means = new double[currentPa.Length / length];
        for (var n = 0; n < means.Length; n++)
        {
            var mean = SweepStatistics.Mean(currentPa.Slice(n * length, length)) - holdingPa;
            means[n] = double.IsFinite(mean) ? mean : 0;
        }
        var most = means.Length == 0 ? 0 : means.Max();
        if (spikes == 0 || !(most > 0))
            return None;
        var (found, step) = (new double[TimeConstants], length * dtSeconds);
        for (var k = 0; k < found.Length; k++)
        {
            var kept = Math.Exp(-step / (1e-3 * At(k)));
            var (low, high) = (0.0, most);
            for (var halving = 0; halving < Halvings; halving++)
            {
                var middle = (low + high) / 2;
                (low, high) =
                    Count(means, kept, middle, (int)Math.Round(SpikeSeconds / step), spikes) > spikes ? (middle, high) : (low, middle);
            }
            found[k] = (low + high) / 2;
        }
        return new CountedThreshold(found);
    }

    /// <summary>What a cell of other R, C and threshold would show: that whose parameters are these factors times as large.</summary>
    public CountedThreshold Scaled(double resistance, double capacitance, double threshold) =>
        new([.. _picoamperes.Select(current => current * threshold / resistance)], _slowness * resistance * capacitance);

    /// <summary>The threshold of a membrane above rest, mV; NaN where there is none.</summary>
    /// <param name="megaohms">Its resistance, MΩ.</param>
    /// <param name="picofarads">Its capacitance, pF.</param>
    public double Millivolts(double megaohms, double picofarads)
    {
        if (_picoamperes.Length == 0)
            return double.NaN;
        var place = (TimeConstants - 1) * Math.Log(megaohms * picofarads / 1e3 / _slowness / ShortestMs) / Math.Log(LongestMs / ShortestMs);
        // Beyond the ends as between the last two: a slope is needed wherever the search goes.
        var left = Math.Clamp((int)place, 0, TimeConstants - 2);
        var share = place - left;
        return 1e-3 * megaohms * Math.Exp(((1 - share) * Math.Log(_picoamperes[left])) + (share * Math.Log(_picoamperes[left + 1])));
    }

    // ms.
    private static double At(int k) => ShortestMs * Math.Pow(LongestMs / ShortestMs, (double)k / (TimeConstants - 1));

    // Spikes of a membrane of 1 ohm, no more than one beyond what is asked for.
    private static int Count(double[] current, double kept, double threshold, int cut, int enough)
    {
        var (voltage, spikes) = (0.0, 0);
        for (var n = 0; n < current.Length; n++)
        {
            voltage = current[n] + (kept * (voltage - current[n]));
            if (voltage <= threshold)
                continue;
            if (++spikes > enough)
                break;
            (voltage, n) = (0, n + cut - 1);
        }
        return spikes;
    }
}
