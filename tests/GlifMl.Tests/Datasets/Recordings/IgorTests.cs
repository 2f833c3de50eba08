namespace GlifMl.Tests.Datasets;

/// <summary>Igor binary waves, put together from WaveMetrics' Technical Note 3.</summary>
public sealed class IgorTests : IDisposable
{
    private static readonly double[] Volts = [.. Enumerable.Range(0, 60).Select(i => (double)((i * 7 % 100) - 50))];
    private static readonly double[] Amps = [.. Enumerable.Range(0, 60).Select(i => i > 20 ? 5.0 : 0)];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(5, 2, false)]
    [InlineData(5, 4, false)]
    [InlineData(5, 0x10, false)]
    [InlineData(5, 0x20, true)]
    [InlineData(5, 8, false)]
    [InlineData(2, 2, false)]
    [InlineData(2, 4, true)]
    public void Open_Pair_ReadsBothExactly(short version, short type, bool isBigEndian)
    {
        Write("cell1_V.ibw", RecordingFixtures.Igor(Volts, "mV", version, type, isBigEndian: isBigEndian));
        Write("cell1_I.ibw", RecordingFixtures.Igor(Amps, "pA", version, type, isBigEndian: isBigEndian));
        Write("cell2_I.ibw", RecordingFixtures.Igor(Amps, "nA", version, type));
        using var file = RecordingFile.Open(_folder["cell1_V.ibw"]);

        var sweep = Assert.Single(file.Sweeps).Load();
        Assert.Equal($"Igor binary wave {version}", file.Format);
        Assert.Equal(5e-5, sweep.SamplingIntervalSeconds, 1e-15);
        Assert.Equal(Volts.Select(v => (float)v), sweep.VoltageMv);
        Assert.Equal(Amps.Select(v => (float)v), sweep.CurrentPa!);
        Assert.Equal(["current of cell1_I.ibw"], sweep.Notes);
    }

    [Fact]
    public void Open_ColumnsAndLongUnits_AreSweeps()
    {
        Write("ad0_7.ibw", RecordingFixtures.Igor(Volts, "Volts", columns: 3));
        Write("da0_7.ibw", RecordingFixtures.Igor(Amps, "A", columns: 3));
        using var file = RecordingFile.Open(_folder["ad0_7.ibw"]);

        Assert.Equal([0, 1, 2], file.Sweeps.Select(sweep => sweep.Number));
        Assert.Equal(Volts[20..40].Select(v => (float)(v * 1e3)), file.Sweeps[1].Load().VoltageMv);
        Assert.Equal(Amps[20..40].Select(v => (float)(v * 1e12)), file.Sweeps[1].Load().CurrentPa!);
    }

    [Fact]
    public void Files_OfAFolder_LeaveOutTheCurrentOfAPair()
    {
        Write("a_V.ibw", RecordingFixtures.Igor(Volts, "mV"));
        Write("a_I.ibw", RecordingFixtures.Igor(Amps, "pA"));
        Write("b_I.ibw", RecordingFixtures.Igor(Amps, "pA"));

        Assert.Equal(["a_V.ibw", "b_I.ibw"], Recordings.Files(_folder.Path).Select(Path.GetFileName));
        Assert.EndsWith(
            "b_I.ibw: found a wave in pA; expected the one of voltage, beside which its current is looked for",
            Message("b_I.ibw"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Open_WaveThatIsNone_IsNamed()
    {
        Write("x.ibw", RecordingFixtures.Igor(Volts, "bananas"));
        Write("y.ibw", RecordingFixtures.Igor(Volts, "mV", type: 3));
        Write("z.ibw", RecordingFixtures.Igor(Volts, "mV", timeUnit: "m"));
        Write("w.ibw", RecordingFixtures.Igor(Volts, "mV")[..^60]);

        Assert.EndsWith("x.ibw: found unit 'bananas' of the wave; expected one of V, mV, uV", Message("x.ibw"), StringComparison.Ordinal);
        Assert.EndsWith("y.ibw: found an Igor wave of number type 3; expected real numbers", Message("y.ibw"), StringComparison.Ordinal);
        Assert.EndsWith("z.ibw: found unit 'm' of time; expected one of s, ms, us, ns, min", Message("z.ibw"), StringComparison.Ordinal);
        Assert.Contains("w.ibw: found a truncated or damaged file (", Message("w.ibw"), StringComparison.Ordinal);
    }

    private string Message(string name) => Assert.Throws<InvalidDataException>(() => RecordingFile.Open(_folder[name])).Message;

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(_folder[name], bytes);
}
