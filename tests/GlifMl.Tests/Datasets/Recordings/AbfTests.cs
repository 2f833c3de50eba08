namespace GlifMl.Tests.Datasets;

/// <summary>Axon binary files put together from the published layout: gains, telegraphs, commands and what is said of odd ones.</summary>
public sealed class AbfTests : IDisposable
{
    private const int Each = 128;

    // Scale 0.01 V/mV, gain 2, telegraphed 5, range 10 V in 32,768 steps; offsets 3 and 1.
    private const double MillivoltsPerNumber = 10.0 / 32768 / (0.01f * 2 * 5);

    private readonly TempFolder _folder = new();
    private readonly short[][] _sweeps =
    [
        .. Enumerable
            .Range(0, 3)
            .Select(sweep => Enumerable.Range(0, 2 * Each).Select(i => (short)((i * 31 % 4001) - 2000 + sweep)).ToArray()),
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Open_Episodes_ReadsVoltagesAndCommands(int version)
    {
        using var file = Open(version == 1 ? RecordingFixtures.Abf1(_sweeps) : RecordingFixtures.Abf2(_sweeps));

        Assert.Equal(version == 1 ? "ABF 1.83" : "ABF 2.6.0.0", file.Format);
        Assert.Equal([0, 1, 2], file.Sweeps.Select(sweep => sweep.Number));
        foreach (var (k, recorded) in file.Sweeps.Index())
        {
            var sweep = recorded.Load();
            Assert.Equal(5e-5, sweep.SamplingIntervalSeconds, 1e-12);
            for (var i = 0; i < Each; i++)
                Assert.Equal((_sweeps[k][2 * i] * MillivoltsPerNumber) + 2, sweep.VoltageMv[i], 1e-5);
            // Holding for a 64th, a step that grows by 20 pA and a sample a sweep, a ramp to 40 pA.
            var (lead, step) = (Each / 64, 30 + k);
            Assert.All(sweep.CurrentPa![..lead], i => Assert.Equal(-20, i));
            Assert.All(sweep.CurrentPa[lead..(lead + step)], i => Assert.Equal(100 + (20 * k), i));
            var ramp = sweep.CurrentPa[(lead + step)..(lead + step + 11)];
            Assert.Equal([100 + (20 * k), 40], [ramp[0], ramp[^1]]);
            Assert.Equal((100 + (20 * k) + 40) / 2f, ramp[5], 1e-4f);
            var after = lead + step + 11;
            if (version == 1)
                Assert.All(sweep.CurrentPa[after..], i => Assert.Equal(-20, i));
            else
                Assert.Equal([.. Enumerable.Range(0, 20).Select(n => n % 10 < 4 ? 70f : 40f), -20], sweep.CurrentPa[after..(after + 21)]);
        }
    }

    [Fact]
    public void Open_GapFreeSingles_IsOneSweepWithItsRecordedCurrent()
    {
        using var file = Open(
            RecordingFixtures.Abf1(
                [
                    [.. _sweeps.SelectMany(s => s)],
                ],
                isFloat: true,
                mode: 3,
                waveformEnable: 0,
                outputUnit: ""
            )
        );

        var sweep = Assert.Single(file.Sweeps).Load();
        Assert.Equal(_sweeps.SelectMany(s => s.Where((_, i) => i % 2 == 0)).Select(v => (float)v), sweep.VoltageMv);
        Assert.Equal(_sweeps.SelectMany(s => s.Where((_, i) => i % 2 == 1)).Select(v => (float)v), sweep.CurrentPa!);
        Assert.Equal(["current as it was recorded"], sweep.Notes);
    }

    [Theory]
    [InlineData(2, "the command is not known: it was played from another file")]
    [InlineData(1, null)]
    public void Open_CommandOfAnotherFile_TakesTheRecordedCurrent(short source, string? note)
    {
        using var file = Open(RecordingFixtures.Abf2(_sweeps, source: source));

        Assert.Equal(note is null ? [] : [note, "current as it was recorded"], file.Sweeps[0].Notes);
    }

    [Fact]
    public void Open_EpochThatIsNotRead_IsNamed()
    {
        using var file = Open(RecordingFixtures.Abf1(_sweeps, epochType: 5));

        Assert.Equal("the command is not known: epochs of type 5 are not read, but steps, ramps and pulse trains", file.Sweeps[0].Notes[0]);
    }

    [Fact]
    public void Open_ListOfTheUsersOwn_IsNotTakenForEpochs()
    {
        using var file = Open(RecordingFixtures.Abf1(_sweeps, userList: 1));

        Assert.Equal(
            ["the command is not known: a list of the user's own changed it from sweep to sweep", "current as it was recorded"],
            file.Sweeps[0].Notes
        );
    }

    [Fact]
    public void Open_HeaderWithoutItsSecondPart_HasNoCommandAndTheTelegraphOfTheFirst()
    {
        // What later versions have in the second part is data here: the voltage's telegraph of 5 there is none of this file.
        using var file = Open(RecordingFixtures.Abf1(_sweeps, version: 1.5f));

        Assert.Equal(
            ["the command is not known: commands are not read of headers older than version 1.6", "current as it was recorded"],
            file.Sweeps[0].Notes
        );
        Assert.Equal((_sweeps[0][0] * MillivoltsPerNumber * 5) + 2, file.Sweeps[0].Load().VoltageMv[0], 1e-4);
    }

    [Fact]
    public void Open_VoltageClamp_IsRefusedByName()
    {
        using var file = Open(RecordingFixtures.Abf1(_sweeps, outputUnit: "mV"));
        using var without = Open(RecordingFixtures.Abf1(_sweeps, unit: "pA"));

        Assert.Equal("found a command in volts and a current: voltage clamp; expected current clamp", file.Sweeps[0].Refusal);
        Assert.StartsWith("found channels in 'pA', 'pA'; expected one in V, mV, uV", without.Sweeps[0].Refusal, StringComparison.Ordinal);
        Assert.StartsWith(
            $"{file.Path}: found 3 sweeps, none of which can be used; the first: found a command in volts",
            Assert.Throws<InvalidDataException>(() => file.Select(null)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Open_FileCutShort_ReadsWhatIsThereAndSaysSo()
    {
        var whole = RecordingFixtures.Abf2(_sweeps);
        using var file = Open(whole[..^(3 * Each)]);

        Assert.Equal([Each, Each, Each / 4], file.Sweeps.Select(sweep => sweep.Samples));
        Assert.Equal(["32 of 128 samples are there: the file was cut short"], file.Sweeps[2].Notes);
        Assert.Equal((_sweeps[2][62] * MillivoltsPerNumber) + 2, file.Sweeps[2].Load().VoltageMv[31], 1e-5);
    }

    [Fact]
    public void Open_UnequalSweeps_AreRefusedByName() =>
        Assert.EndsWith(
            "found ABF 2.6.0.0 with sweeps of unequal length; expected sweeps of equal length, or a gap-free recording",
            Assert.Throws<InvalidDataException>(() => Open(RecordingFixtures.Abf2(_sweeps, lengths: [10, 20, 30]))).Message,
            StringComparison.Ordinal
        );

    private RecordingFile Open(byte[] bytes)
    {
        var path = _folder[$"{Directory.GetFiles(_folder.Path).Length}.abf"];
        File.WriteAllBytes(path, bytes);
        return RecordingFile.Open(path);
    }
}
