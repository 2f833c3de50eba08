using System.IO.Compression;
using System.Text.Json;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Cli;

public sealed class SimulateTests
{
    [Theory]
    [InlineData("glif1_fitted")]
    [InlineData("glif1_cut0")]
    [InlineData("glif2_lif_r")]
    [InlineData("glif5_lif_r_asc_a")]
    public void Simulate_ReferenceNeuron_ReproducesTheReferenceTrace(string name)
    {
        using var folder = new TempFolder();
        var reference = Reference(name);
        File.WriteAllLines(folder["stimulus.csv"], ["current_A", .. reference.Skip(1).Select(l => l.Split(',')[0])]);

        var (code, output, error) = Glifml.Run(
            "simulate",
            "--neuron",
            Fixture(name + ".json"),
            "--stimulus",
            folder["stimulus.csv"],
            "--out",
            folder["trace.csv"],
            "--json"
        );

        Assert.Equal("", error);
        Assert.Equal(0, code);
        var expected = JsonDocument.Parse(File.ReadAllText(Fixture(name + ".json"))).RootElement.GetProperty("expected");
        var found = JsonDocument.Parse(output).RootElement;
        Assert.Equal(Compact(expected.GetProperty("spike_time_steps")), Compact(found.GetProperty("spikeTimeSteps")));
        Assert.False(found.GetProperty("badReset").GetBoolean());

        var lines = File.ReadAllLines(folder["trace.csv"]);
        Assert.StartsWith("time_s,stimulus_A,voltage_V,threshold_V", lines[0], StringComparison.Ordinal);
        Assert.Equal(reference.Length, lines.Length);
        for (var i = 1; i < lines.Length; i++)
        {
            var (want, got) = (Numbers(reference[i]), Numbers(lines[i]));
            for (var k = 0; k < want.Length; k++)
                Assert.True(Agree(want[k], got[k + 1]), $"{name} line {i + 1}, column {k}: found {got[k + 1]:R}, expected {want[k]:R}");
        }
    }

    [Fact]
    public void Simulate_FileOfSeveralModels_TakesTheOneOfTheId()
    {
        using var folder = new TempFolder();
        var models = Enumerable.Range(1, 2).Select(level => File.ReadAllText(Glifml.Path($"datasets/neurons/483101699_glif{level}.json")));
        File.WriteAllText(folder["two.json"], $"{{{string.Join(", ", models.Select((model, i) => $"\"{i + 1}\": {model}"))}}}");
        string[] simulate = ["simulate", "--neuron", folder["two.json"], "--stimulus", "short-square", "--out", folder["trace.csv"]];

        var (refused, _, error) = Glifml.Run(simulate);
        var (code, _, none) = Glifml.Run([.. simulate, "--model-id", "2"]);

        Assert.Equal(2, refused);
        Assert.Equal(
            $"glifml: {folder["two.json"]}: found 2 models; expected one, or simulate's --model-id ID to choose: 1, 2",
            error.TrimEnd()
        );
        Assert.Equal((0, ""), (code, none));
    }

    [Fact]
    public void Simulate_EveryPublishedLevel_Runs()
    {
        using var folder = new TempFolder();
        for (var level = 1; level <= 5; level++)
        {
            var (code, output, error) = Glifml.Run(
                "simulate",
                "--neuron",
                Glifml.Path($"datasets/neurons/483101699_glif{level}.json"),
                "--stimulus",
                "noise-1",
                "--out",
                folder["trace.csv"]
            );

            Assert.Equal("", error);
            Assert.Equal(0, code);
            Assert.Matches(@": 420400 steps of 5E-05 s, [1-9]\d* spikes\r?\n$", output);
        }
    }

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "glif", name);

    private static string[] Reference(string name)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Fixture(name + ".csv.gz")), CompressionMode.Decompress));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private static double[] Numbers(string line) =>
        Array.ConvertAll(line.Split(','), t => t is "nan" or "NaN" ? double.NaN : double.Parse(t));

    private static bool Agree(double want, double got) =>
        double.IsNaN(want) ? double.IsNaN(got) : Math.Abs(want - got) <= 1e-12 * Math.Max(Math.Abs(want), 1e-15);
}
