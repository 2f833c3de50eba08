using System.IO.Compression;
using System.Text.Json;

namespace GlifMl.Tests.Simulation;

/// <summary>One trace of the Allen Institute's Python simulator (Fixtures/glif).</summary>
internal sealed record ReferenceTrace(
    NeuronConfig Neuron,
    double[] Stimulus,
    double[] Voltage,
    double[] Threshold,
    double[][] Afterspikes,
    int[] SpikeSteps,
    double[] GridTimes,
    double[] InterpolatedTimes
)
{
    public static ReferenceTrace Load(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "glif", name);
        using var zip = new GZipStream(File.OpenRead(path + ".csv.gz"), CompressionMode.Decompress);
        using var reader = new StreamReader(zip);
        reader.ReadLine();
        var rows = new List<double[]>();
        while (reader.ReadLine() is { } line)
        {
            rows.Add([.. line.Split(',').Select(cell => cell == "nan" ? double.NaN : double.Parse(cell))]);
        }
        double[] Column(int column) => [.. rows.Select(row => row[column])];

        using var json = JsonDocument.Parse(File.ReadAllText(path + ".json"));
        var expected = json.RootElement.GetProperty("expected");
        double[] Doubles(string key) => [.. expected.GetProperty(key).EnumerateArray().Select(value => value.GetDouble())];
        return new ReferenceTrace(
            NeuronConfig.Load(path + ".json"),
            Column(0),
            Column(1),
            Column(2),
            [Column(3), Column(4)],
            [.. expected.GetProperty("spike_time_steps").EnumerateArray().Select(value => value.GetInt32())],
            Doubles("grid_spike_times"),
            Doubles("interpolated_spike_times")
        );
    }

    public static TheoryData<string> Names => ["glif1_fitted", "glif1_cut0", "glif2_lif_r", "glif5_lif_r_asc_a"];
}
