using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Cli;

/// <summary>Starter folders need nothing but the program.</summary>
public sealed class NewTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void New_Quickstart_IsTheRepositorysQuickstart()
    {
        New("quickstart");

        var starter = Pipeline.Load(_folder["quickstart", "quickstart.yaml"]);
        var original = Pipeline.Load(Glifml.Path("pipelines/quickstart.yaml"));
        Assert.Equal(new Pipeline(original).DataHash, new Pipeline(starter).DataHash);
        Assert.Equal(original.Steps.Select(step => step.Name), starter.Steps.Select(step => step.Name));
        Assert.Equal(File.ReadAllText(Glifml.Path("pipelines/schema.json")), File.ReadAllText(_folder["quickstart", "schema.json"]));
        Assert.DoesNotContain("src/GlifMl", File.ReadAllText(_folder["quickstart", "quickstart.yaml"]), StringComparison.Ordinal);
        var trace = _folder["trace.csv"];
        var neuron = _folder["quickstart", "neurons", "483101699_glif1.json"];
        var simulated = Glifml.Run(
            "simulate",
            "--neuron",
            neuron,
            "--stimulus",
            _folder["quickstart", "stimuli", "noise.csv"],
            "--dt",
            "1e-4",
            "--out",
            trace
        );
        Assert.True(simulated.Code == 0, simulated.Error);
    }

    [Fact]
    public void New_RecordingsFromARecording_HasItsRateLengthCurrentsAndNoise()
    {
        var recording = Glifml.Path("datasets/recordings/526950199_sweep37.csv");
        New("recordings", "--from", recording);

        var definition = Pipeline.Load(_folder["recordings", "recordings.yaml"]);
        _ = new Pipeline(definition);
        var sweep = Assert.Single(GlifMl.Recordings.Load(recording));
        var measures = SweepMeasures.Of(sweep);
        var dataset = definition.Dataset;
        var dt = dataset.Parameters.Ranges["dt"];
        // A multiple of the recording's interval, give or take a tenth.
        Assert.Equal(2 * sweep.SamplingIntervalSeconds, (dt.Min + dt.Max) / 2, 1e-7);
        var behind = (sweep.VoltageMv.Length * sweep.SamplingIntervalSeconds) - (measures.OnsetSeconds!.Value - sweep.StartSeconds);
        Assert.InRange(dataset.Trace.Samples * dt.Max, 0.95 * behind, behind);
        Assert.InRange(measures.NoiseMv!.Value, dataset.Trace.Noise!.SdMv, dataset.Trace.Noise.MostSdMv!.Value);
        var stimuli = dataset.Splits.Train.Stimulus.Stimuli;
        Assert.Equal(measures.PeakPa!.Value, stimuli[0].MeanPicoamperes!.Max, 0.01);
        var own = StimulusCsv.Load(stimuli[2].Name, 1e-4);
        var amperes = new double[1000];
        own.Sample(1e-4, amperes);
        Assert.Equal(measures.PeakPa.Value, amperes[500] * 1e12, 0.01);
    }

    [Fact]
    public void New_RecordingsAsSaid_HasWhatWasSaid()
    {
        New("recordings", "--sampling-rate", "20000", "--duration", "0.6", "--current", "300", "--noise", "0.3");

        var dataset = Pipeline.Load(_folder["recordings", "recordings.yaml"]).Dataset;
        var dt = dataset.Parameters.Ranges["dt"];
        Assert.Equal(0.9 * 100e-6, dt.Min, 1e-12);
        Assert.Equal(1.1 * 100e-6, dt.Max, 1e-12);
        Assert.InRange(dataset.Trace.Samples * dt.Max, 0.57, 0.6);
        Assert.Equal((0.15, 0.6), (dataset.Trace.Noise!.SdMv, dataset.Trace.Noise.MostSdMv));
        Assert.Equal(300, dataset.Splits.Train.Stimulus.Stimuli[0].MeanPicoamperes!.Max);
    }

    [Theory]
    [InlineData("found 'quikstart'; expected quickstart or recordings", "quikstart")]
    [InlineData("--noise: found it with quickstart; expected it with recordings alone", "quickstart", "--noise", "1")]
    [InlineData("--duration: found -1; expected a number above 0", "recordings", "--duration", "-1")]
    public void New_BadUse_IsOneLine(string expected, params string[] arguments)
    {
        var (code, _, error) = Glifml.Run(["new", .. arguments, "--out", _folder["here"]]);

        Assert.Equal((2, $"glifml: {expected}"), (code, error.TrimEnd()));
        Assert.False(Directory.Exists(_folder["here"]));
    }

    [Fact]
    public void New_FileIsThere_WritesNothing()
    {
        var taken = _folder["quickstart", "schema.json"];
        Directory.CreateDirectory(_folder["quickstart"]);
        File.WriteAllText(taken, "mine");

        var (code, _, error) = Glifml.Run("new", "quickstart", "--out", _folder["quickstart"]);

        Assert.Equal((2, $"glifml: {taken}: found a file; expected none: name another folder with --out"), (code, error.TrimEnd()));
        Assert.Equal([taken], Directory.GetFiles(_folder["quickstart"]));
    }

    private void New(string name, params string[] more)
    {
        var (code, output, error) = Glifml.Run(["new", name, "--out", _folder[name], .. more]);
        Assert.True(code == 0, error);
        Assert.Equal(
            Directory.GetFiles(_folder[name], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)
        );
        Assert.Contains($"glifml run {name}.yaml", error, StringComparison.Ordinal);
    }
}
