using System.Globalization;
using GlifMl.Simulation;
using GlifMl.Tests.Datasets;
using PureHDF;
using PureHDF.Filters;
using PureHDF.VOL.Native;

namespace GlifMl.Tests.Cli;

/// <summary>A whole session in NWB 1.0, as the Allen Cell Types Database lays it out, made from one real sweep and a membrane.</summary>
public sealed class FitNwbTests
{
    private const double Rate = 200_000;
    private const double Rest = -65.5;

    // What the depolarising and hyperpolarising steps and the noise are made of.
    private const double Megaohms = 230,
        Picofarads = 95;

    private static H5DatasetCreation Packed =>
        new() { Filters = [new H5Filter(DeflateFilter.Id, new() { [DeflateFilter.COMPRESSION_LEVEL] = 1 })] };

    [Fact]
    public void Fit_SessionInNwb1_ReadsItsKindsOfSweeps()
    {
        using var folder = new TempFolder();
        Write(folder["cell.nwb"], steps: 6, noises: 1, noiseSeconds: 4);

        var (code, output, error) = Glifml.Run("fit", folder["cell.nwb"], "--out", folder["out"], "--quiet");

        Assert.Equal("", error);
        Assert.Equal(0, code);
        Assert.Contains("2 sweeps left out: found no change of the current", output, StringComparison.Ordinal);
        var lines = File.ReadAllLines(folder["out/cells.csv"]);
        var row = lines[0].Split(',').Zip(Split(lines[1])).ToDictionary(p => p.First, p => p.Second);
        Assert.Equal("read", row["status"]);
        Assert.Equal("2-8", row["sweeps"]);
        // The noise is what published values come from.
        Assert.Equal(Megaohms, 1e-6 * Number("R_input"), 25.0);
        Assert.Equal(Picofarads, 1e12 * Number("C"), 8.0);
        Assert.Equal(Rest * 1e-3, Number("El_reference"), 3e-4);
        // Nine in ten noise sweeps of published cells lie within 8 % of what was published (decision 41).
        Assert.InRange(Number("R_input_p95") / Number("R_input_p05"), 1.1, 1.25);
        // 200 kHz thinned to the published models' step.
        Assert.Equal(5e-5, Number("dt"), 1e-12);
        Assert.Equal("10", NeuronConfig.Load(folder["out/cell/neuron_config.json"]).DtMultiplier.ToString(CultureInfo.InvariantCulture));

        double Number(string column) => double.Parse(row[column], CultureInfo.InvariantCulture);
    }

    // A quoted field holds commas.
    private static string[] Split(string line) =>
        [.. line.Split('"').SelectMany((part, k) => k % 2 == 1 ? [part] : part.Trim(',').Split(',')).Where((_, k) => k >= 0)];

    /// <summary>Writes a session: two test sweeps, steps in turn firing, depolarising, hyperpolarising, and noise.</summary>
    internal static void Write(string path, int steps, int noises, double noiseSeconds)
    {
        var real = Recordings.Load(Glifml.Path("datasets/recordings/526950199_sweep37.csv"))[0];
        var random = new SeededRandom(3, "session");
        var (acquisition, presentation) = (new H5Group(), new H5Group());
        var number = 0;
        void Add(string stimulus, float[] mv, float[] pa)
        {
            var name = $"Sweep_{number++}";
            acquisition[name] = Series("CurrentClampSeries", stimulus, Array.ConvertAll(mv, v => v * 1e-3f), "Volts");
            presentation[name] = Series("CurrentClampStimulusSeries", stimulus, Array.ConvertAll(pa, a => a * 1e-12f), "Amps");
        }

        for (var k = 0; k < 2; k++)
        {
            var silence = new float[(int)(0.5 * Rate)];
            Add("Test", Membrane(silence, random), silence);
        }
        for (var k = 0; k < steps; k++)
        {
            if (k % 3 == 0)
            {
                Add("Long Square", Resampled(real.VoltageMv), Resampled(real.CurrentPa!));
                continue;
            }
            var pa = Current(2, t => t is >= 0.3 and < 1.3 ? (k % 3 == 1 ? 40 : -60) : 0);
            Add("Long Square", Membrane(pa, random), pa);
        }
        for (var k = 0; k < noises; k++)
        {
            double[] phases = [.. Enumerable.Range(0, 100).Select(_ => 2 * Math.PI * random.NextDouble())];
            // In blocks of 0.2 ms: the sum of a hundred sines at each sample takes longer than everything else.
            var pa = Current(noiseSeconds, t => t < 0.5 ? 0 : 50 + Wave(phases, Math.Floor(t * 5e3) / 5e3));
            Add("Noise 1", Membrane(pa, random), pa);
        }
        var file = new H5File
        {
            ["nwb_version"] = new H5Dataset("NWB-1.0.5"),
            ["acquisition"] = new H5Group { ["timeseries"] = acquisition },
            ["stimulus"] = new H5Group { ["presentation"] = presentation },
        };
        file.Write(path);
    }

    private static H5Group Series(string type, string stimulus, float[] data, string unit) =>
        new()
        {
            Attributes = new() { ["ancestry"] = new[] { "TimeSeries", "PatchClampSeries", type } },
            ["data"] = new H5Dataset(data, chunks: [65_536], datasetCreation: Packed)
            {
                Attributes = new() { ["unit"] = unit, ["conversion"] = 1.0 },
            },
            ["starting_time"] = new H5Dataset(0.0)
            {
                Attributes = new() { ["rate"] = Rate, ["unit"] = "Seconds" },
            },
            ["aibs_stimulus_name"] = new H5Dataset(stimulus),
            ["num_samples"] = new H5Dataset(data.Length),
        };

    private static float[] Current(double seconds, Func<double, double> at) =>
        [.. Enumerable.Range(0, (int)(seconds * Rate)).Select(n => (float)at(n / Rate))];

    private static double Wave(double[] phases, double t)
    {
        var sum = 0.0;
        for (var f = 1; f <= phases.Length; f++)
            sum += Math.Sin((2 * Math.PI * f * t) + phases[f - 1]) / Math.Sqrt(f);
        return 10 * sum;
    }

    private static float[] Membrane(float[] pa, SeededRandom random)
    {
        var (mv, v) = (new float[pa.Length], 0.0);
        for (var n = 0; n < pa.Length; n++)
        {
            // As the recorder's 16 bits have it.
            mv[n] = (float)(Math.Round((Rest + v + (0.05 * random.NextGaussian())) * 32) / 32);
            v += (pa[n] - (v / Megaohms * 1e3)) / Picofarads / Rate * 1e3;
        }
        return mv;
    }

    private static float[] Resampled(float[] values)
    {
        var factor = (int)(Rate / 10_000);
        var fine = new float[(values.Length - 1) * factor];
        for (var n = 0; n < fine.Length; n++)
        {
            var (k, share) = (n / factor, n % factor / (float)factor);
            fine[n] = values[k] + (share * (values[k + 1] - values[k]));
        }
        return fine;
    }
}
