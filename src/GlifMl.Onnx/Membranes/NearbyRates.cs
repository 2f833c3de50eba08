namespace GlifMl.Onnx;

/// <summary>
/// What stands between the rates of a grid: the polynomial through a few of them side by side. A parabola through three is wrong by some
/// hundred-thousandths, much less than any recording noise leaves open; a quartic through five by less than single precision.
/// </summary>
internal static class NearbyRates
{
    /// <summary>Rates that a parabola goes through, and a quartic.</summary>
    public const int Parabola = 3,
        Quartic = 5;

    /// <summary>Newton's steps to where a quartic is least: each doubles the digits.</summary>
    public const int Turns = 4;

    /// <summary>Where values are least.</summary>
    /// <param name="y">Values at the rates.</param>
    /// <param name="h">The spacing of their logarithms.</param>
    /// <param name="best">Which of them is least, from the middle one.</param>
    /// <returns>From the middle one, and the curvature there.</returns>
    public static (double Shift, double Curvature) Least(ReadOnlySpan<double> y, double h, int best)
    {
        if (y.Length == Parabola)
        {
            var (slope, curvature) = OfThree(y, h);
            return (curvature > 0 ? Math.Clamp(-slope / curvature, -h, h) : 0, curvature);
        }

        var (x, reach) = ((double)best, y.Length / 2);
        for (var turn = 0; turn < Turns; turn++)
        {
            var (_, slope, bend) = Of(y, x);
            x = bend > 0 ? Math.Clamp(x - (slope / bend), -reach, reach) : x;
        }

        return (x * h, Of(y, x).Bend / (h * h));
    }

    /// <summary>The slope and the value somewhere.</summary>
    /// <param name="y">Values at the rates.</param>
    /// <param name="h">The spacing of their logarithms.</param>
    /// <param name="at">Where, from the middle one.</param>
    public static (double Slope, double Value) At(ReadOnlySpan<double> y, double h, double at)
    {
        if (y.Length == Parabola)
        {
            var (slope, bend) = OfThree(y, h);
            return (slope + (bend * at), y[1] + (slope * at) + (0.5 * bend * at * at));
        }

        var quartic = Of(y, at / h);
        return (quartic.Slope / h, quartic.Value);
    }

    // Through three values, in the middle.
    private static (double Slope, double Bend) OfThree(ReadOnlySpan<double> y, double h) =>
        ((y[2] - y[0]) / (2 * h), (y[0] - (2 * y[1]) + y[2]) / (h * h));

    // Through five values, one apart from each other.
    private static (double Value, double Slope, double Bend) Of(ReadOnlySpan<double> y, double x)
    {
        var (near, far) = (y[3] + y[1] - (2 * y[2]), y[4] + y[0] - (2 * y[2]));
        var (nearOdd, farOdd) = (y[3] - y[1], y[4] - y[0]);
        var (c1, c2) = (((8 * nearOdd) - farOdd) / 12, ((16 * near) - far) / 24);
        var (c3, c4) = ((farOdd - (2 * nearOdd)) / 12, (far - (4 * near)) / 24);
        return (
            y[2] + (x * (c1 + (x * (c2 + (x * (c3 + (x * c4))))))),
            c1 + (x * ((2 * c2) + (x * ((3 * c3) + (x * 4 * c4))))),
            (2 * c2) + (x * ((6 * c3) + (x * 12 * c4)))
        );
    }
}
