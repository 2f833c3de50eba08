using System.Text.Json;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Cli;

public sealed class FitTests : IDisposable
{
    private const string First = "datasets/recordings/526950199_sweep37.csv";
    private const string Second = "datasets/recordings/569469018_sweep44.csv";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fit_RealCells_WritesATableAndAFolderEach()
    {
        var (code, output, error) = Fit(Glifml.Path(First), $"second={Glifml.Path(Second)}");

        Assert.Equal("", error);
        Assert.Equal(0, code);
        Assert.Contains("| 526950199_sweep37 |", output, StringComparison.Ordinal);
        var rows = Table();
        Assert.Equal(["526950199_sweep37", "second"], rows.Select(row => row["cell"]));
        Assert.Equal(["cell", "status", "reason", "sweeps", "C", "El", "R_input", "dt", "th_inf"], rows[0].Keys.Take(9));
        Assert.All(rows, row => Assert.Equal("read", row["status"]));
        Assert.Equal(["22", "12"], rows.Select(row => row["spikes_recorded"]));
        foreach (var row in rows)
        {
            var neuron = NeuronConfig.Load(_folder[$"out/{row["cell"]}/neuron_config.json"]);
            Assert.Equal(Number(row, "C"), neuron.CapacitanceFarads);
            Assert.Equal(Number(row, "R_input"), neuron.InputResistanceOhms);
            Assert.Equal(Number(row, "th_inf"), neuron.ThresholdInfinityVolts);
            Assert.Equal(Number(row, "El_reference"), neuron.RestingReferenceVolts, 1e-6);
            Assert.Equal(1e-4, neuron.DtSeconds);
            Assert.InRange(Number(row, "C"), Number(row, "C_p05"), Number(row, "C_p95"));
            Assert.True(File.Exists(_folder[$"out/{row["cell"]}/report.html"]));
            var nest = JsonDocument.Parse(File.ReadAllText(_folder[$"out/{row["cell"]}/nest.json"])).RootElement;
            Assert.Equal(1e12 * neuron.CapacitanceFarads, nest.GetProperty("C_m").GetDouble(), 1e-9);
            Assert.Equal(1e9 / neuron.InputResistanceOhms, nest.GetProperty("g").GetDouble(), 1e-9);
            Assert.Equal(1e3 * (neuron.RestingReferenceVolts + neuron.ThresholdInfinityVolts), nest.GetProperty("V_th").GetDouble(), 1e-9);
        }
    }

    [Fact]
    public void Fit_FilesOfOneCell_AreOneRow()
    {
        // Two sweeps of different cells do for two of one.
        var (code, _, _) = Fit($"both={Glifml.Path(First)},{Glifml.Path(Second)}");

        Assert.Equal(0, code);
        var row = Assert.Single(Table());
        Assert.Equal("526950199_sweep37.csv:0 569469018_sweep44.csv:0", row["sweeps"]);
        Assert.Equal("34", row["spikes_recorded"]);
    }

    [Fact]
    public void Fit_IntoS3_IsRefusedBeforeAnythingIsRead()
    {
        var (code, _, error) = Glifml.Run("fit", Glifml.Path(First), "--out", "s3://lab/fits");

        Assert.Equal(2, code);
        Assert.Equal("glifml: --out: found s3://lab/fits; expected a place on this machine (see `glifml fit --help`)", error.Trim());
    }

    [Fact]
    public void Fit_FolderWithOneThatCannotBeRead_ReadsTheOthers()
    {
        Directory.CreateDirectory(_folder["cells"]);
        File.Copy(Glifml.Path(First), _folder["cells/a.csv"]);
        File.WriteAllText(_folder["cells/b.csv"], "time_s,voltage_mV\n0,-70\n0.001,-70\n0.002,-70\n");

        var (code, output, error) = Fit(_folder["cells"]);

        Assert.Equal(1, code);
        Assert.Contains("b.csv: found no current; expected one", error, StringComparison.Ordinal);
        Assert.Contains("glifml: 1 of 2 could not be read", error, StringComparison.Ordinal);
        Assert.Contains("not read", output, StringComparison.Ordinal);
        Assert.Equal(["read", "not read"], Table().Select(row => row["status"]));
        Assert.Equal("NaN", Table()[1]["C"]);
    }

    [Theory]
    [InlineData("time_s,current_pA,voltage_mV\n0,0,-70\n0.001,0,-70\n0.002,0,-70\n", "found no change of the current; expected a stimulus")]
    [InlineData("time_s,voltage_mV\n0,-70\n0.001,-70\n", "found no current; expected one (--repair step=PA@FROM-TO)")]
    public void Fit_OneThatCannotBeRead_IsOneLineAndCode2(string text, string expected)
    {
        File.WriteAllText(_folder["cell.csv"], text);

        var (code, _, error) = Fit(_folder["cell.csv"]);

        Assert.Equal(2, code);
        Assert.Equal($"glifml: {_folder["cell.csv"]}: {expected}", error.Trim());
    }

    [Theory]
    [InlineData("no such file or folder", "nowhere.csv")]
    [InlineData("--level: found 6; expected 1 to 5", First, "--refine", "--level", "6")]
    [InlineData("--level: found no --refine", First, "--level", "3")]
    [InlineData("expected different names", First, First)]
    public void Fit_WrongUsage_IsOneLineAndCode2(string expected, params string[] arguments)
    {
        var (code, _, error) = Fit([.. arguments.Select(a => a.StartsWith("datasets", StringComparison.Ordinal) ? Glifml.Path(a) : a)]);

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public void Fit_VoltsAsMillivolts_AreAskedAbout()
    {
        var lines = File.ReadAllLines(Glifml.Path(First));
        File.WriteAllLines(
            _folder["volts.csv"],
            [lines[0], .. lines.Skip(1).Select(l => l.Split(',')).Select(c => $"{c[0]},{c[1]},{double.Parse(c[2]) / 1000:R}")]
        );

        var (code, _, error) = Fit(_folder["volts.csv"]);

        Assert.Equal(2, code);
        Assert.Contains("is its unit right?", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("nwb")]
    public void Fit_SimulatedNeuron_CountsItsCutsAndSaysThatItIsNoCell(string ending)
    {
        var neuron = Glifml.Path("datasets/neurons/483101699_glif1.json");
        Glifml.Run("simulate", "--neuron", neuron, "--stimulus", "long-square", "--out", _folder[$"cell.{ending}"]);

        var (code, _, error) = Fit(_folder[$"cell.{ending}"]);

        Assert.Equal(0, code);
        Assert.Contains("outside: its spikes are cut out", error, StringComparison.Ordinal);
        var row = Assert.Single(Table());
        Assert.Equal("outside", row["status"]);
        Assert.NotEqual("0", row["spikes_recorded"]);
    }

    [Fact]
    public void Fit_Json_IsOneDocument()
    {
        var (code, output, _) = Fit(Glifml.Path(First), "--json");

        Assert.Equal(0, code);
        var cell = JsonDocument.Parse(output).RootElement[0];
        Assert.Equal("read", cell.GetProperty("status").GetString());
        Assert.InRange(cell.GetProperty("parameters").GetProperty("R_input").GetDouble(), 1e8, 4e8);
        Assert.Contains("depolarising step", cell.GetProperty("needs").ToString(), StringComparison.Ordinal);
    }

    private (int Code, string Output, string Error) Fit(params string[] arguments) =>
        Glifml.Run(["fit", .. arguments, "--out", _folder["out"], "--quiet"]);

    private Dictionary<string, string>[] Table()
    {
        var lines = File.ReadAllLines(_folder["out/cells.csv"]);
        var names = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => names.Zip(line.Split(',')).ToDictionary(p => p.First, p => p.Second))];
    }

    private static double Number(Dictionary<string, string> row, string column) =>
        double.Parse(row[column], System.Globalization.CultureInfo.InvariantCulture);
}
