namespace GlifMl.Tests.Datasets;

/// <summary>NWB files that h5py wrote are read back exactly: every sample, whatever its type, its conversion and its layout.</summary>
public sealed class NwbTests
{
    [Fact]
    public void Open_AllenLayout_HasNumbersStimuliAndEverySample()
    {
        using var file = RecordingFile.Open(RecordingFixtures.Nwb("nwb1-allen"));

        Assert.Equal("NWB 1.0.5", file.Format);
        Assert.Equal([43, 63, 64, 65, 70], file.Sweeps.Select(sweep => sweep.Number));
        Assert.Equal(["Long Square", "Noise 1", "Noise 2", "Noise 1", "Test"], file.Sweeps.Select(sweep => sweep.Stimulus));
        foreach (var recorded in file.Sweeps.Take(4))
        {
            var sweep = recorded.Load();
            var seed = (int)sweep.Number;
            Assert.Equal(5e-6, sweep.SamplingIntervalSeconds);
            Assert.Equal(RecordingFixtures.Volts(seed).Select(v => (float)((double)(v * 1e-4f) * 1e3)), sweep.VoltageMv);
            if (seed == 65)
                Assert.Null(sweep.CurrentPa);
            else
                Assert.Equal(RecordingFixtures.Amps(seed).Select(a => (float)((float)(a * 1e-12) * 1e12)), sweep.CurrentPa!);
        }
    }

    [Fact]
    public void Open_AllenLayout_SaysWhatIsMissing()
    {
        using var file = RecordingFile.Open(RecordingFixtures.Nwb("nwb1-allen"));

        Assert.Equal(["500 of 600 samples of voltage are there: the sweep was cut short"], file.Sweeps[2].Notes);
        Assert.Equal(["no stimulus in the file: the current is not known"], file.Sweeps[3].Notes);
        Assert.Equal("found a voltage clamp sweep; expected current clamp", file.Sweeps[4].Refusal);
        Assert.Equal(
            $"{file.Path}, sweep 70: found a voltage clamp sweep; expected current clamp",
            Assert.Throws<InvalidDataException>(file.Sweeps[4].Load).Message
        );
    }

    [Fact]
    public void Select_BySweepOrStimulus_FindsThemOrNamesWhatThereIs()
    {
        using var file = RecordingFile.Open(RecordingFixtures.Nwb("nwb1-allen"));

        Assert.Equal([43, 63, 64, 65], Numbers(SweepSelection.Usable));
        Assert.Equal([63, 65], Numbers(new() { Stimulus = "noise1" }));
        Assert.Equal([63, 64, 65], Numbers(new() { Stimulus = "Noise" }));
        Assert.Equal([43, 70], Numbers(new() { Numbers = SweepSelection.ParseNumbers("70,43") }));
        Assert.Equal([64], Numbers(new() { Numbers = [43, 64], Stimulus = "Noise 2" }));
        Assert.EndsWith(
            "found no sweep 44; expected one of 43, 63, 64, 65, 70",
            Message(new() { Numbers = [44] }),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "found no sweep with stimulus 'Ramp'; expected one of 'Long Square', 'Noise 1', 'Noise 2', 'Test'",
            Message(new() { Stimulus = "Ramp" }),
            StringComparison.Ordinal
        );

        IEnumerable<long> Numbers(SweepSelection selection) => file.Select(selection).Select(sweep => sweep.Number);
        string Message(SweepSelection selection) => Assert.Throws<InvalidDataException>(() => file.Select(selection)).Message;
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("5-3")]
    [InlineData("1,,2")]
    [InlineData("-1")]
    [InlineData("0-999999999")]
    public void ParseNumbers_OfNone_IsRefused(string text) =>
        Assert.Contains(
            "expected numbers and ranges",
            Assert.Throws<ArgumentException>(() => SweepSelection.ParseNumbers(text)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Open_SweepTable_PairsByElectrodeAndConverts()
    {
        using var file = RecordingFile.Open(RecordingFixtures.Nwb("nwb2-sweep-table"));

        Assert.Equal("NWB 2.2.4", file.Format);
        Assert.Equal([0, 0, 1, 1, 2, 2, 9], file.Sweeps.Select(sweep => sweep.Number));
        Assert.Equal("X4PS_SupraThresh", file.Sweeps[2].Stimulus);
        Assert.Equal("", file.Sweeps[4].Stimulus);
        Assert.Contains("held with -25 pA besides, which is not in the current", file.Sweeps[0].Notes);
        foreach (var (k, recorded) in file.Sweeps.Take(6).Index())
        {
            var (sweep, electrode) = (recorded.Load(), k % 2);
            Assert.Equal(2e-5, sweep.SamplingIntervalSeconds);
            var voltage = sweep.Number switch
            {
                0 => RecordingFixtures.Volts(electrode).Select(v => (float)(((v * 1e-4) + -0.0115f) * 1e3)),
                1 => RecordingFixtures.Volts(electrode + 10).Select(v => (float)(v * 1e-4 * 1e3)),
                _ => RecordingFixtures.Volts(20).Select(v => (float)(v * 0.1)),
            };
            Assert.Equal(voltage, sweep.VoltageMv);
            Assert.Equal(RecordingFixtures.Amps((int)sweep.Number).Select(a => (float)(a * (double)1e-12f * 1e12)), sweep.CurrentPa!);
        }
    }

    [Fact]
    public void Open_RecordingsTable_ReadsStretchesOfSeries()
    {
        using var file = RecordingFile.Open(RecordingFixtures.Nwb("nwb2-recordings-table"));
        var voltage = RecordingFixtures.Volts(3).Select(v => (float)(v * 1e-4 * 1e3)).ToArray();
        var current = RecordingFixtures.Amps(3).Select(a => (float)(a * 1e-12 * 1e12)).ToArray();

        Assert.Equal([11, 12, 13], file.Sweeps.Select(sweep => sweep.Number));
        Assert.Equal(voltage[..200], file.Sweeps[0].Load().VoltageMv);
        Assert.Equal(current[..200], file.Sweeps[0].Load().CurrentPa!);
        Assert.Equal(voltage[200..], file.Sweeps[1].Load().VoltageMv);
        Assert.Equal(current[200..], file.Sweeps[1].Load().CurrentPa!);
        Assert.Equal(1e-4, file.Sweeps[2].SamplingIntervalSeconds);
        Assert.Null(file.Sweeps[2].Load().CurrentPa);
        Assert.Contains("recorded without any current (I = 0)", file.Sweeps[2].Notes);
    }

    [Fact]
    public void Read_AnySlice_IsThatOfTheWhole()
    {
        using var file = RecordingFile.Open(RecordingFixtures.Nwb("nwb2-sweep-table"));
        var whole = file.Sweeps[1].Load();
        var slice = new float[123];
        foreach (var first in (long[])[0, 1, 250, Samples - 123])
        {
            file.Sweeps[1].ReadVoltage(first, slice);
            Assert.Equal(whole.VoltageMv.Skip((int)first).Take(123), slice);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Sweeps[1].ReadVoltage(Samples - 122, slice));
    }

    private const int Samples = RecordingFixtures.Samples;
}
