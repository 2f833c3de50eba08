using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Datasets;

public sealed class SweepRepairTests : IDisposable
{
    private const string Recording = "datasets/recordings/526950199_sweep37.csv";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nan-tail", 12_000, 1, 1, "the last 0.25 s cut off")]
    [InlineData("voltage-unit", int.MaxValue, 1e-3, 1, "voltages times 1000 for mV")]
    [InlineData("voltage-gain=0.5", int.MaxValue, 2, 1, "voltages times 0.5")]
    [InlineData("current-gain=-1", int.MaxValue, 1, -1, "currents times -1")]
    [InlineData("step=110@0.205-1.205", int.MaxValue, 1, 0, "a step of 110 pA from 0.205 to 1.205 s put in")]
    public void Fit_DamagedRecording_IsRefusedOrReadOtherwiseUntilItIsRepaired(
        string repair,
        int lastVoltage,
        double voltage,
        double current,
        string note
    )
    {
        var damaged = Damaged(lastVoltage, voltage, current);
        var whole = Fit(Glifml.Path(Recording));

        var (code, error) = Run(damaged);
        Assert.Equal(2, code);
        Assert.Single(error.Trim().Split('\n'));

        Assert.Equal((0, ""), Run(damaged, "--repair", repair));
        Assert.Contains(note, File.ReadAllText(_folder["out/cell/report.html"]), StringComparison.Ordinal);
        // What is read is what the whole one says, but for the cut.
        Assert.Equal(whole, Threshold(), lastVoltage == int.MaxValue ? 1e-5 : 2e-4);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tail")]
    [InlineData("voltage-gain")]
    [InlineData("voltage-gain=0")]
    [InlineData("step=110")]
    [InlineData("step=110@1-0.5")]
    [InlineData("nan-tail,,voltage-unit")]
    public void Parse_NoSuchRepair_NamesThoseThereAre(string text)
    {
        var fault = Assert.Throws<ArgumentException>(() => SweepRepair.Parse(text));
        Assert.Contains("expected some of nan-tail, voltage-unit, voltage-gain=FACTOR", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_NothingToMend_IsTheSweep()
    {
        var sweep = Recordings.Load(Glifml.Path(Recording))[0];

        Assert.Same(sweep, SweepRepair.Parse("nan-tail,voltage-unit").Apply(sweep));
    }

    [Fact]
    public void Apply_StepOverACurrent_IsRefused()
    {
        var sweep = Recordings.Load(Glifml.Path(Recording))[0];

        Assert.Throws<InvalidDataException>(() => SweepRepair.Parse("step=50@0.1-0.2").Apply(sweep));
    }

    private string Damaged(int lastVoltage, double voltage, double current)
    {
        var lines = File.ReadAllLines(Glifml.Path(Recording));
        var path = _folder["cell.csv"];
        File.WriteAllLines(
            path,
            [
                lines[0],
                .. lines
                    .Skip(1)
                    .Select(
                        (line, n) =>
                        {
                            var cells = line.Split(',');
                            return string.Join(
                                ',',
                                cells[0],
                                Text(Number(cells[1]) * current),
                                n < lastVoltage ? Text(Number(cells[2]) * voltage) : "NaN"
                            );
                        }
                    ),
            ]
        );
        return path;

        static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        static string Text(double value) => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
    }

    private double Fit(string path)
    {
        var copy = _folder["whole/cell.csv"];
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.Copy(path, copy);
        Assert.Equal((0, ""), Run(copy));
        return Threshold();
    }

    private (int Code, string Error) Run(string path, params string[] more)
    {
        var (code, _, error) = Glifml.Run(["fit", path, "--out", _folder["out"], "--quiet", .. more]);
        return (code, error);
    }

    private double Threshold() => NeuronConfig.Load(_folder["out/cell/neuron_config.json"]).ThresholdInfinityVolts;
}
