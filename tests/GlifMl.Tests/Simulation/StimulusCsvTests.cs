using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

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
            $"{path}:1: found no column time_s, expected one where no dt is given",
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
    [InlineData("voltage_V\n1\n", ":1: found columns 'voltage_V', expected a column current_A or current_pA")]
    [InlineData("", ":1: found columns '', expected a column current_A or current_pA")]
    [InlineData("current_A\n", ":2: found no rows, expected at least one")]
    [InlineData("time_s,current_A\n0,1\n", ":2: found one row, expected two or more where there is a column time_s")]
    [InlineData("time_s,current_A\n0,1\n1\n", ":3: found 1 columns, expected 2")]
    [InlineData("time_s,current_A\n0,1\n1,x\n", ":3: found current_A 'x', expected a finite number")]
    [InlineData("time_s,current_A\n0,1\n1,NaN\n", ":3: found current_A 'NaN', expected a finite number")]
    [InlineData("time_s,current_A\n0,1\n1,2\n1,3\n", ":4: found time_s 1 after 1, expected times that rise")]
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
        Assert.Equal("stimulus 'noise': found a duration of Infinity s to write, expected a positive, finite number", e.Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    private string File(string content)
    {
        var path = Path.Combine(_folder, "stimulus.csv");
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}
