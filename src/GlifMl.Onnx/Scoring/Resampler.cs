namespace GlifMl.Onnx;

/// <summary>
/// Resamples a trace that is linear between its samples: at a shorter interval by reading that line, at a longer one by its mean over one
/// new interval centred on the new sample (a box filter, which keeps what is above the new rate from folding back). A straight line stays
/// the same straight line either way, but for half an interval at each end, where the box is cut off at the trace's end.
/// </summary>
internal sealed class Resampler
{
    // A millionth of an interval: far above rounding, far below what a sample could show.
    private const double Tolerance = 1e-6;

    private readonly float[] _trace;
    private readonly double[]? _integral;
    private readonly int[]? _missing;
    private readonly double _step;

    /// <summary>Creates a resampler.</summary>
    /// <param name="trace">The samples; a result that needs a missing one (NaN) is NaN.</param>
    /// <param name="step">The new interval in units of the old.</param>
    public Resampler(float[] trace, double step)
    {
        _trace = trace;
        _step = step;
        if (step > 1)
            (_integral, _missing) = Integrate(trace);
    }

    /// <summary>The value at a place, counted in old intervals from the first sample.</summary>
    public float this[double place]
    {
        get
        {
            // Places are sums of a rounded interval: one a hair off a sample means that sample.
            var nearest = Math.Round(place);
            if (Math.Abs(place - nearest) < Tolerance)
                place = nearest;
            return _integral is null ? Line(place) : Mean(place);
        }
    }

    /// <summary>How many new samples there are from a place to the trace's end; none or fewer from a place beyond it.</summary>
    public int CountFrom(double place) => (int)Math.Floor((_trace.Length - 1 - place) / _step + Tolerance) + 1;

    private float Line(double place)
    {
        var below = (int)place;
        var share = place - below;
        // A place on a sample needs that sample alone, whatever comes next.
        return share == 0 ? _trace[below] : (float)(_trace[below] + share * ((double)_trace[below + 1] - _trace[below]));
    }

    private float Mean(double place)
    {
        var from = Math.Max(0, place - _step / 2);
        var to = Math.Min(_trace.Length - 1, place + _step / 2);
        var (first, last) = ((int)Math.Floor(from), (int)Math.Ceiling(to));
        if (_missing![last + 1] != _missing[first])
            return float.NaN;
        return from == to ? _trace[first] : (float)((Integral(to) - Integral(from)) / (to - from));
    }

    private double Integral(double place)
    {
        var below = Math.Min((int)place, _trace.Length - 1);
        var share = place - below;
        if (share == 0)
            return _integral![below];
        double left = _trace[below],
            right = _trace[below + 1];
        return _integral![below] + share * (left + share * (right - left) / 2);
    }

    // The integral up to each sample, and how many samples are missing before each; a missing sample counts as 0.
    private static (double[] Integral, int[] Missing) Integrate(float[] trace)
    {
        var integral = new double[trace.Length];
        var missing = new int[trace.Length + 1];
        for (var i = 0; i < trace.Length; i++)
        {
            missing[i + 1] = missing[i] + (float.IsNaN(trace[i]) ? 1 : 0);
            if (i > 0)
                integral[i] = integral[i - 1] + (OrZero(trace[i - 1]) + OrZero(trace[i])) / 2;
        }

        return (integral, missing);
    }

    private static double OrZero(float value) => float.IsNaN(value) ? 0 : value;
}
