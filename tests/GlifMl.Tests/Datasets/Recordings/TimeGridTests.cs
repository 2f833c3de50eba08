using System.Globalization;
using System.Text;
using CsCheck;
using Files = GlifMl.Recordings;

namespace GlifMl.Tests.Datasets;

/// <summary>Times as they are written, and the rate they mean.</summary>
public sealed class TimeGridTests
{
    [Theory]
    // 30 kHz to a microsecond.
    [InlineData("0.000000 0.000033 0.000067 0.000100 0.000133 0.000167 0.000200", 30_000, 7)]
    // 24,414 Hz to a microsecond: sixteen rows tell it to a thousandth.
    [InlineData(
        "0.000000 0.000041 0.000082 0.000123 0.000164 0.000205 0.000246 0.000287 0.000328 0.000369 0.000410 0.000451 0.000492 "
            + "0.000532 0.000573 0.000614",
        24_414,
        16
    )]
    // 10 kHz in Singles, a minute after the clock's start.
    [InlineData("60.000000000 60.000099182 60.000198364 60.000301361 60.000400543 60.000499725 60.000598907 60.000701904", 10_000, 8)]
    // A row is missing.
    [InlineData("0.0000 0.0001 0.0003 0.0004 0.0005", 10_000, 6)]
    public void Load_RoundedTimes_GiveTheRightRate(string times, double hertz, int samples)
    {
        var sweep = Load(times.Split(' '));
        Assert.Equal(hertz, 1 / sweep.SamplingIntervalSeconds, hertz * 1e-3);
        Assert.Equal(samples, sweep.VoltageMv.Length);
    }

    [Theory]
    [InlineData(20_000, "F4", 20_000)]
    [InlineData(15_000, "F4", 20_000)]
    [InlineData(44_100, "F6", 5_000)]
    [InlineData(24_414.0625, "F6", 50_000)]
    [InlineData(10_000, "G6", 50_000)]
    [InlineData(30_000, "R", 1_000)]
    [InlineData(50_000, "F5", 3)]
    public void Load_TimesOfAnyFormat_GiveTheRateAndNoGaps(double hertz, string format, int rows)
    {
        var sweep = Load(Enumerable.Range(0, rows).Select(n => (n / hertz).ToString(format, CultureInfo.InvariantCulture)));
        Assert.Equal(hertz, 1 / sweep.SamplingIntervalSeconds, hertz * 1e-6);
        Assert.Equal(rows, sweep.VoltageMv.Length);
    }

    [Fact]
    public void Load_RoundRate_IsFoundExactly()
    {
        foreach (var hertz in (double[])[1000, 5000, 10_000, 12_500, 20_000, 25_000, 40_000, 50_000, 100_000, 200_000])
        {
            foreach (var start in (double[])[0, -0.3, 1234.5])
            {
                var sweep = Load(Enumerable.Range(0, 500).Select(n => (start + n / hertz).ToString("F7", CultureInfo.InvariantCulture)));
                Assert.Equal(1 / hertz, sweep.SamplingIntervalSeconds);
                Assert.Equal(start, sweep.StartSeconds);
            }
        }
    }

    [Fact]
    public void Load_AnyRateWrittenToAnyPrecision_IsEvenAndRight() =>
        Gen.Select(Gen.Double[500, 300_000], Gen.Int[1, 3], Gen.Double[-10, 2000], Gen.Int[20, 400])
            .Sample(
                (hertz, finer, start, rows) =>
                {
                    // From about a tenth of an interval on.
                    var decimals = (int)Math.Ceiling(Math.Log10(hertz)) + finer;
                    var sweep = Load(
                        Enumerable.Range(0, rows).Select(n => (start + n / hertz).ToString("F" + decimals, CultureInfo.InvariantCulture))
                    );
                    Assert.Equal(rows, sweep.VoltageMv.Length);
                    Assert.InRange(sweep.SamplingIntervalSeconds * hertz, 1 - 0.2 / rows, 1 + 0.2 / rows);
                },
                iter: 200
            );

    [Theory]
    // A clock that loses 20 % of a sample once, and one that drifts by 2 %, each within 1 % or so from one row to the next.
    [InlineData(0.2, 0)]
    [InlineData(0, 1e-3)]
    public void Load_UnevenTimes_AreRefused(double jump, double drift)
    {
        var times = Enumerable.Range(0, 200).Select(n => n * 1e-4 + (n > 100 ? jump * 1e-4 : 0) + drift * 1e-4 * n * n / 10);
        var e = Assert.Throws<InvalidDataException>(() => Load(times.Select(t => t.ToString("F9", CultureInfo.InvariantCulture))));
        Assert.Contains("found a step of ", e.Message, StringComparison.Ordinal);
    }

    private static Sweep Load(IEnumerable<string> times)
    {
        var text = string.Concat(times.Select(t => $"{t},-70\n"));
        return Assert.Single(Files.Load(new MemoryStream(Encoding.UTF8.GetBytes("time_s,voltage_mV\n" + text)), "-"));
    }
}
