using System.Globalization;

namespace GlifMl.Tests.Datasets;

public sealed class StimulusCsvTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("glifml").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(5e-6), InlineData(5e-5), InlineData(7e-5)]
    public void Write_ThenLoad_GivesTheSameSamples(double dt)
    {
        var path = Path.Combine(_folder, "noise.csv");
        StimulusCsv.Write(StimulusCatalog.Create("noise"), path, dt, durationSeconds: 0.1);
        var count = (int)Math.Ceiling(0.1 / dt - 1e-6);
        var (written, loaded) = (new double[count], new double[count + 5]);
        StimulusCatalog.Create("noise").Sample(dt, written);
        StimulusCsv.Load(path).Sample(dt, loaded);
        Assert.Equal(written, loaded[..count]);
        Assert.All(loaded[count..], value => Assert.Equal(0, value));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Load_WithoutTimes_TakesOneSampleADt()
    {
        var loaded = new double[4];
        var path = File("current_pA\n1\n2\n3\n");
        StimulusCsv.Load(path, 5e-5).Sample(5e-5, loaded);
        Assert.Equal([1e-12, 2e-12, 3e-12, 0], loaded);
        Assert.Equal(
            $"{path}:1: found no column time_s; expected one where no dt is given",
            Assert.Throws<InvalidDataException>(() => StimulusCsv.Load(path)).Message
        );
    }

    [Fact]
    public void Load_UnevenTimes_IsLinearBetweenBreakpoints()
    {
        var stimulus = StimulusCsv.Load(File("time_s,current_A\n0,0\n1,10\n1.5,10\n4,0\n"));
        Assert.Equal(2.5, stimulus.At(0.25), 1e-12);
        Assert.Equal(10, stimulus.At(1.2), 1e-12);
        Assert.Equal(5, stimulus.At(2.75), 1e-12);
        Assert.Equal(0, stimulus.At(4));
        Assert.Equal(0, stimulus.At(5));
    }

    [Fact]
    public void Load_EvenTimesAndOtherDt_HoldsEachSample()
    {
        var loaded = new double[7];
        StimulusCsv.Load(File("time_s,current_A\n0,1\n0.0001,2\n0.0002,3\n")).Sample(5e-5, loaded);
        Assert.Equal([1, 1, 2, 2, 3, 3, 0], loaded);
    }

    [Theory]
    [InlineData("voltage_V\n1\n", ":1: found header 'voltage_V'; expected columns current_A or current_pA, and optionally time_s")]
    [InlineData("", ":1: found an empty file; expected a header with current_A or current_pA, and optionally time_s")]
    [InlineData("current_A\n", ":2: found no rows; expected at least one")]
    [InlineData("time_s,current_A\n0,1\n", ":2: found one row; expected two or more where there is a column time_s")]
    [InlineData("time_s,current_A\n0,1\n1\n", ":3: found 1 values; expected 2")]
    [InlineData("time_s,current_A\n0,1\n1,x\n", ":3: found 'x' in current_A; expected a number")]
    [InlineData("time_s,current_A\n0,1\n1,NaN\n", ":3: found no value in current_A; expected a current for every row")]
    [InlineData("time_s,current_A\n0,1\n1,2\n1,3\n", ":4: found time_s 1 after 1; expected times that rise")]
    [InlineData("time_s,current_pA_1,current_pA_2\n0,1,2\n", ":1: found 2 columns of current; expected one")]
    [InlineData(
        "time_s,current_pA\n-0.0002,100\n-0.0001,100\n0.0000,0\n0.0001,0\n",
        ":2: found current at time_s -0.0002; expected none before 0, where a simulation begins: count the times from there"
    )]
    public void Load_WrongContent_SaysWhereAndWhat(string content, string message)
    {
        var path = File(content);
        Assert.Equal(path + message, Assert.Throws<InvalidDataException>(() => StimulusCsv.Load(path, 1e-5)).Message);
    }

    [Fact]
    public void Load_MissingFile_NamesThePath() =>
        Assert.Equal(
            "stimulus not found: no/such.csv",
            Assert.Throws<FileNotFoundException>(() => StimulusCsv.Load("no/such.csv")).Message
        );

    [Fact]
    public void Write_EndlessStimulus_AsksForADuration()
    {
        var path = Path.Combine(_folder, "endless.csv");
        var e = Assert.Throws<ArgumentException>(() => StimulusCsv.Write(StimulusCatalog.Create("noise"), path, 1e-4));
        Assert.Equal("stimulus 'noise': found a duration of Infinity s to write; expected a positive, finite number", e.Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    // One row missing, as in a file that was edited or lost a packet: the step stays a step.
    [InlineData(
        "time_s,current_pA\n0.0000,0\n0.0001,0\n0.0002,100\n0.0004,0\n0.0005,0\n",
        "0 0 0 0 100 100 100 100 0 0 0 0",
        "1 missing rows: the current before them held"
    )]
    // 30 kHz written to a microsecond.
    [InlineData("time_s,current_pA\n0.000000,0\n0.000033,0\n0.000067,100\n0.000100,100\n0.000133,0\n0.000167,0\n", "0 0 100 0", null)]
    [InlineData("t (ms);I [nA]\n0,0;0\n0,1;0,1\n0,2;0,1\n0,3;0\n", "0 0 100 100 100 100 0 0", null)]
    [InlineData(
        "time_s,stimulus_A,voltage_V,threshold_V\n0,0,0,0.03\n5E-05,1E-10,NaN,0.03\n",
        "0 100",
        "columns not read: voltage_V, threshold_V"
    )]
    [InlineData(
        "time_s,current_pA\n0,0\n0.0001,100\n0.0004,100\n",
        "0 50 100 100 100 100 100 100 100",
        "times are uneven: taken as breakpoints with straight lines between them"
    )]
    public void Load_AnyDialect_HoldsWhatWasCommanded(string content, string picoamperes, string? note)
    {
        var notes = new List<string>();
        var stimulus = StimulusCsv.Load(File(content), 5e-5, notes);
        var loaded = new double[Stimulus.SampleCount(stimulus.DurationSeconds, 5e-5)];
        stimulus.Sample(5e-5, loaded);
        Assert.Equal(picoamperes, string.Join(' ', loaded.Select(a => Math.Round(a * 1e12, 6).ToString(CultureInfo.InvariantCulture))));
        Assert.Equal(note is null ? [] : [note], notes);
    }

    [Fact]
    public void Load_TimesTooCoarseForTheirRate_AreSamplesAllTheSame()
    {
        // 20 kHz to four decimals: every time stands twice.
        var rows = Enumerable.Range(0, 4000).Select(n => Invariant.Text($"{n * 5e-5:F4},{(n is >= 100 and < 102 ? 7 : 0)}\n"));
        var loaded = new double[110];
        StimulusCsv.Load(File("time_s,current_pA\n" + string.Concat(rows))).Sample(5e-5, loaded);
        Assert.Equal(2, loaded.Count(a => a == 7e-12));
        Assert.InRange(Array.FindIndex(loaded, a => a > 0), 99, 101);
    }

    [Fact]
    public void Write_InACultureOfDecimalCommas_WritesPoints()
    {
        var culture = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        try
        {
            var path = Path.Combine(_folder, "stimulus.csv");
            StimulusCsv.Write(StimulusCatalog.Create("noise-1"), path, 0.001, 0.003);
            Assert.Equal(["time_s,current_A", "0,0", "0.001,0", "0.002,0"], System.IO.File.ReadLines(path));
            var loaded = new double[3];
            StimulusCsv.Load(path).Sample(0.001, loaded);
            Assert.Equal([0, 0, 0], loaded);

            var trace = GlifSimulator.Run(
                NeuronConfig.Load(GlifMl.Tests.Cli.Glifml.Path("datasets/neurons/483101699_glif3.json")),
                new double[] { 1e-10, 1.5e-10 }
            );
            TraceCsv.Write(path, new double[] { 1e-10, 1.5e-10 }, trace);
            Assert.All(System.IO.File.ReadLines(path).Skip(1), line => Assert.Equal(6, line.Split(',').Length));
            Assert.StartsWith("5E-05,1.5E-10,", System.IO.File.ReadLines(path).Last(), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    private string File(string content)
    {
        var path = Path.Combine(_folder, "stimulus.csv");
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}
