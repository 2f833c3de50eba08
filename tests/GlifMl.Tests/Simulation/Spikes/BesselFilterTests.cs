using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class BesselFilterTests
{
    private const double Dt = 5e-6;

    // |H(i w)|^2 of the 4-pole Bessel filter with the phase norm: theta(s) = s^4 + 10 s^3 + 45 s^2 + 105 s + 105 at s = i w 105^(1/4),
    // w warped by the bilinear transform. Forwards and backwards makes the gain |H|^2.
    [Theory]
    [InlineData(1_000)]
    [InlineData(5_000)]
    [InlineData(10_000)]
    [InlineData(20_000)]
    public void Filter_Sine_HasTheGainOfTheTransferFunction(double hertz)
    {
        const double Cutoff = 10_000;
        var x = Enumerable.Range(0, 20_000).Select(n => Math.Sin(2 * Math.PI * hertz * n * Dt)).ToArray();
        var y = BesselFilter.Filter(x, Cutoff, Dt);
        var w = Math.Tan(Math.PI * hertz * Dt) / Math.Tan(Math.PI * Cutoff * Dt) * Math.Pow(105, 0.25);
        var (re, im) = (Math.Pow(w, 4) - (45 * w * w) + 105, (105 * w) - (10 * Math.Pow(w, 3)));
        var gain = 105 * 105 / ((re * re) + (im * im));
        for (var n = 5_000; n < 15_000; n += 7)
            Assert.Equal(gain * x[n], y[n], 1e-6);
    }

    [Fact]
    public void Filter_StraightLine_IsLeftAsItIs()
    {
        var x = Enumerable.Range(0, 500).Select(n => 3 + (0.01 * n)).ToArray();
        var y = BesselFilter.Filter(x, 10_000, Dt);
        for (var n = 0; n < x.Length; n++)
            Assert.Equal(x[n], y[n], 0.01);
        Assert.Equal(x[250], y[250], 1e-9);
    }

    [Fact]
    public void Filter_CutoffAboveHalfTheRate_IsRefused() =>
        Assert.StartsWith(
            "cutoff: found 10000 Hz; expected more than 0 and less than half the sampling rate, 5000 Hz",
            Assert.Throws<ArgumentOutOfRangeException>(() => BesselFilter.Filter([1, 2, 3], 10_000, 1e-4)).Message,
            StringComparison.Ordinal
        );
}
