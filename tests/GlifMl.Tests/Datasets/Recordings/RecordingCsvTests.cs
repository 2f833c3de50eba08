using CsCheck;

namespace GlifMl.Tests.Datasets;

public sealed class RecordingCsvTests
{
    [Theory]
    [InlineData("526950199_sweep37.csv", -65.375f)]
    [InlineData("569469018_sweep44.csv", -71.71880f)]
    public void Load_PublishedSweep_HasItsIntervalStepAndVoltages(string name, float firstVoltage)
    {
        var recording = Assert.Single(Recordings.Load(Path.Combine(RecordingsFolder(), name)));
        Assert.Equal(1e-4, recording.SamplingIntervalSeconds, 1e-12);
        Assert.Equal(firstVoltage, recording.VoltageMv[0]);
        Assert.Equal(recording.VoltageMv.Length, recording.CurrentPa!.Length);
        Assert.Equal(File.ReadLines(recording.Source).Count() - 1, recording.VoltageMv.Length);
        Assert.DoesNotContain(recording.VoltageMv, float.IsNaN);
        // The Long Square step starts at 0.205 s.
        Assert.Equal(0.205, Array.FindIndex(recording.CurrentPa, current => current > 50) * recording.SamplingIntervalSeconds, 1e-3);
    }

    [Fact]
    public void Load_AnyEvenRecordingWithGaps_PlacesEverySampleAtItsTime() =>
        Gen.Select(Gen.Double[1e-6, 1e-2], Gen.Int[0, 20].Array[3, 60], Gen.Double[0, 5], Gen.Float[-100, 100])
            .Where(c => c.Item2.Count(gap => gap > 15) < c.Item2.Length / 4)
            .Sample(
                (interval, gaps, start, offset) =>
                {
                    // One sample in five is followed by a gap; the median step stays one interval.
                    var samples = new int[gaps.Length];
                    for (var row = 1; row < gaps.Length; row++)
                        samples[row] = samples[row - 1] + (gaps[row] > 15 ? gaps[row] : 1);
                    var recording = Load(
                        out _,
                        ["time_s,voltage_mV", .. samples.Select((n, row) => $"{start + (n * interval):R},{offset + row:R}")]
                    );
                    Assert.Equal(1, recording.SamplingIntervalSeconds / interval, 1e-6);
                    Assert.Equal(samples[^1] + 1, recording.VoltageMv.Length);
                    Assert.Null(recording.CurrentPa);
                    for (var row = 0; row < samples.Length; row++)
                        Assert.Equal(offset + row, recording.VoltageMv[samples[row]]);
                    Assert.Equal(samples.Length, recording.VoltageMv.Count(float.IsFinite));
                },
                iter: 100
            );

    [Fact]
    public void Load_ColumnsInOtherOrderAndMissingVoltages_ReadsThem()
    {
        var recording = Load(out _, ["voltage_mV, time_s, current_pA", "-70,0,1", ",0.001,2", "NaN,0.002,3", "-71,0.004,4", ""]);
        Assert.Equal([-70, float.NaN, float.NaN, float.NaN, -71], recording.VoltageMv);
        Assert.Equal([1, 2, 3, float.NaN, 4], recording.CurrentPa!);
    }

    [Theory]
    [InlineData("", 1, "an empty file", "a header with time_s, voltage_mV and optionally current_pA")]
    [InlineData("a,b\n0,1\n1,2", 1, "header 'a,b'", "columns time_s, voltage_mV and optionally current_pA")]
    [InlineData("0,1\n1,2", 1, "numbers without a header", "columns time_s, voltage_mV and optionally current_pA")]
    [InlineData("voltage_mV,x\n0,1", 1, "header 'voltage_mV,x'", "columns time_s, voltage_mV and optionally current_pA")]
    [InlineData("time_s,voltage_mV\n0,1", 2, "1 data rows", "at least 2, for the sampling interval")]
    [InlineData("time_s,voltage_mV\n0,1\n1,zwei", 3, "'zwei' in voltage_mV", "a number")]
    [InlineData("time_s,voltage_mV\n0,1\n1,inf", 3, "'inf' in voltage_mV", "a number")]
    [InlineData("time_s,voltage_mV\n0,1\n1,\u001b[31mred", 3, "'\\u001b[31mred' in voltage_mV", "a number")]
    [InlineData("time_s,voltage_mV\n0,1\n,2", 3, "no value in time_s", "a number")]
    [InlineData("time_s,voltage_mV\n0,1\n1", 3, "1 values", "2")]
    [InlineData("time_s,voltage_mV\n0,1\n1,2,3", 3, "more than 2 values", "2")]
    [InlineData("time_s,voltage_mV\n0,1\n\n1,2", 3, "a blank line", "a row, or the end of the file")]
    [InlineData("time_s,voltage_mV\n0,1\n1,\"2", 3, "a quotation mark that is not closed", "one that is, in the same line")]
    [InlineData("time_s,voltage_mV\n0,1\n1,2\n1,3", 4, "time_s 1 after 1", "increasing times (a column sweep tells sweeps apart)")]
    [InlineData("time_s,voltage_mV\n2,1\n1,2\n0,3", 3, "time_s 1 after 2", "increasing times (a column sweep tells sweeps apart)")]
    [InlineData("time_s,voltage_mV\n0,1\n1,2\n2,3\n3.3,4\n4.3,5\n5.3,6", 5, "a step of 1.3 s", "1 s or a whole multiple of it, within 1 %")]
    [InlineData(
        "# rig 3\ntime_s,voltage_mV\n0,1\n# here\n1,2\n2,3\n3.3,4\n4.3,5",
        7,
        "a step of 1.3 s",
        "1 s or a whole multiple of it, within 1 %"
    )]
    [InlineData("time_s,voltage_mV\n0,\n1,NaN", 1, "no value in voltage_mV", "at least one")]
    [InlineData("time_s,voltage_mV\n0,1\n1,2\n2,3\n1e12,3", 5, "a step of 1E+12 s", "at most 134217728 samples of 1 s in all")]
    [InlineData(
        "time_s,voltage\n0,-70\n1,-71",
        1,
        "column voltage without a unit",
        "one in its name, such as voltage_mV: its values, -71 to -70, look like mV"
    )]
    [InlineData(
        "time,voltage_mV\n0,-70\n5e-5,-71",
        1,
        "column time without a unit",
        "one in its name, such as time_s: its values, 0 to 5E-05, look like s"
    )]
    [InlineData(
        "time_s,voltage_mV,I\n0,-70,2e-10\n1,-71,0",
        1,
        "column I without a unit",
        "one in its name, such as current_pA: its values, 0 to 2E-10, look like A"
    )]
    [InlineData("time_s,voltage_kV\n0,1\n1,2", 1, "unit 'kv' of column voltage_kV", "one of V, mV, uV")]
    [InlineData("time_s,Voltage (AU)\n0,1\n1,2", 1, "unit 'AU' of column Voltage (AU)", "one of V, mV, uV")]
    [InlineData("time_s,voltage_mV,current_mV\n0,1,2\n1,2,3", 1, "unit mV of column current_mV", "one of A, mA, uA, nA, pA, fA")]
    [InlineData(
        "time_s,dendrite_mV,soma_mV\n0,1,2\n1,2,3",
        1,
        "columns dendrite_mV and soma_mV",
        "one that can be told to be the voltage, such as voltage_mV"
    )]
    [InlineData(
        "time_s,current_pA_1,current_pA_2,voltage_mV\n0,1,2,3",
        1,
        "2 columns of current for 1 of voltage",
        "one current, or one for each voltage"
    )]
    [InlineData("sweep,time_s,voltage_mV\n1,0,1\n1,1,2\n2,0,1", 4, "1 row of sweep 2", "at least 2, for the sampling interval")]
    [InlineData("sweep,time_s,voltage_mV\n1,0,1\n1,1,2\n,0,1", 4, "no sweep number", "a whole number")]
    public void Load_BadFile_NamesFileAndLine(string text, int line, string found, string expected)
    {
        var path = "";
        var e = Assert.Throws<InvalidDataException>(() => Load(out path, text.Split('\n')));
        Assert.Equal($"{path}:{line}: found {found}; expected {expected}", e.Message);
    }

    [Fact]
    public void Load_MissingFile_IsNamed() =>
        Assert.Equal(
            "nix.csv: found no such file; expected a recording",
            Assert.Throws<FileNotFoundException>(() => Recordings.Load("nix.csv")).Message
        );

    private static Sweep Load(out string path, string[] lines)
    {
        using TempFolder folder = new();
        path = folder["recording.csv"];
        File.WriteAllText(path, string.Join('\n', lines));
        return Assert.Single(Recordings.Load(path));
    }

    private static string RecordingsFolder()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !Directory.Exists(Path.Combine(folder, "datasets", "recordings")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(
            folder ?? throw new DirectoryNotFoundException("The tests do not run inside the repository."),
            "datasets",
            "recordings"
        );
    }
}
