using GlifMl.Tests.Cli;
using GlifMl.Tests.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Pipelines;

/// <summary>What this library adds to ML.NET's own catalogues.</summary>
[Collection(TorchTests.Name)]
public sealed class CatalogTests : IDisposable
{
    private readonly TinyPipeline _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void LoadRecordings_AsTheyAre_HasARowASweep()
    {
        var ml = new MLContext(1);
        var rows = ml.Data.LoadRecordings(Glifml.Path("datasets/recordings"));

        Assert.Equal([0, 0], rows.GetColumn<long>("Sweep"));
        Assert.Equal([0.0001, 0.0001], rows.GetColumn<double>("dt").Select(dt => Math.Round(dt, 9)));
        var expected = Recordings.Files(Glifml.Path("datasets/recordings")).SelectMany(Recordings.Load).ToArray();
        Assert.Equal(expected.Select(sweep => sweep.VoltageMv), rows.GetColumn<float[]>("VoltageMv"));
        Assert.Equal(expected.Select(sweep => sweep.CurrentPa!), rows.GetColumn<float[]>("StimulusPa"));
        Assert.Throws<FileNotFoundException>(() => ml.Data.LoadRecordings(_tiny["none.csv"]));
    }

    // A zip of a definition scores recordings in stock ML.NET: rows without labels, and a vector that says what its numbers are.
    [Fact]
    public void LoadRecordings_ForAModel_AreScoredByItsZipAsByScore()
    {
        Assert.Equal(0, _tiny.Run("run").Code);
        var (onnx, zip) = (Path.Combine(_tiny.Model, "model.onnx"), Path.Combine(_tiny.Model, "model.zip"));
        using var model = OnnxModel.Load(onnx);
        var ml = new MLContext(1);
        var folder = Glifml.Path("datasets/recordings");
        var uncut = new SweepReading { Spikes = new SpikeCutOptions { Cut = false } };
        var scored = ml.Model.Load(zip, out _).Transform(ml.Data.LoadRecordings(folder, model.Info, uncut));

        VBuffer<ReadOnlyMemory<char>> slots = default;
        scored.Schema["Parameters"].GetSlotNames(ref slots);
        Assert.Equal(["C", "El", "R_input", "dt", "th_inf"], slots.DenseValues().Select(name => name.ToString()));
        var preparer = new GlifMl.Onnx.RecordingPreparer(model.Info);
        var expected = Recordings
            .Files(folder)
            .SelectMany(Recordings.Load)
            .Select(sweep => preparer.Prepare(new Recording(sweep.SamplingIntervalSeconds, sweep.VoltageMv, sweep.CurrentPa)))
            .SelectMany(prepared => model.Score([prepared.VoltageMv]).Cast<float>());
        foreach (var (ours, theirs) in expected.Zip(scored.GetColumn<float[]>("Parameters").SelectMany(row => row)))
            Assert.InRange(theirs / ours, 1 - 1e-4, 1 + 1e-4);
    }

    [Fact]
    public void EvaluateTargets_AnswersOfAChain_AreBetweenChanceAndFloor()
    {
        var ml = new MLContext(1);
        Row[] rows =
        [
            new()
            {
                C = 1e-10,
                El = 0.1,
                VoltageMv = [1],
                Parameters = [1e-10f, 0.1f],
            },
            new()
            {
                C = 2e-10,
                El = 0.2,
                VoltageMv = [1],
                Parameters = [1e-10f, 0.1f],
            },
            new()
            {
                C = 3e-10,
                El = 0.3,
                VoltageMv = [2],
                Parameters = [3e-10f, 0.3f],
            },
        ];

        var figures = ml.Regression.EvaluateTargets(ml.Data.LoadFromEnumerable(rows), ["C", "El"]);

        // C in the study's units is .1, .2, .3; one answer is off by .1, and two rows cannot be told apart.
        var c = figures.Parameters["C"];
        Assert.Equal(0.01 / 3, c.MseScaled, 1e-6);
        Assert.Equal(0.02 / 3, c.Chance, 1e-6);
        Assert.Equal(0.005 / 3, c.Floor!.Value, 1e-6);
        Assert.Equal(0.5, c.R2!.Value, 1e-5);
        Assert.Contains(
            "targets, which say",
            Assert.Throws<ArgumentException>(() => ml.Regression.EvaluateTargets(ml.Data.LoadFromEnumerable(rows))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Log_OfTheContext_HearsEveryEpoch()
    {
        Assert.Equal(0, _tiny.Run("generate", "--set", "dataset.trace.spike_cuts=fill").Code);
        var ml = new MLContext(1);
        var heard = new List<string>();
        ml.Log += (_, message) => heard.Add(message.Message);
        var chain = ml
            .Transforms.ScaleTargets("Label", ["C"], new ScaleTargetsOptions { C = new(TargetScaleKind.Log) })
            .Append(ml.Transforms.ScaleTrace("Features", "VoltageMv", new() { Mode = ScaleTraceMode.Asinh, Scale = [3] }))
            .Append(ml.Regression.Trainers.BiLstm(new BiLstmOptions { Hidden = 2, Epochs = 3 }));

        _ = chain.Fit(ml.Data.LoadFromShards(Path.Combine(_tiny.Data, "train")));

        Assert.Equal(
            3,
            heard.Count(message =>
                message.Contains("epoch", StringComparison.Ordinal) && message.Contains(" of 3: loss ", StringComparison.Ordinal)
            )
        );
    }

    [Fact]
    public void SaveForScoring_RowsWithoutLabels_AreScoredAsThoseWithThem()
    {
        Assert.Equal(0, _tiny.Run("generate", "--set", "dataset.trace.spike_cuts=fill").Code);
        var ml = new MLContext(1);
        var shards = ml.Data.LoadFromShards(Path.Combine(_tiny.Data, "train"));
        var model = ml
            .Transforms.ScaleTargets(
                "Label",
                ["C", "R_input"],
                new ScaleTargetsOptions { C = new(TargetScaleKind.Log), RInput = new(TargetScaleKind.Log) }
            )
            .Append(ml.Transforms.ScaleTrace("Features", "VoltageMv", new() { Mode = ScaleTraceMode.Asinh, Scale = [3] }))
            .Append(ml.Regression.Trainers.Linear(new LinearOptions()))
            .Append(ml.Transforms.RestoreTargets("Parameters"))
            .Fit(shards);
        ml.Model.SaveForScoring(model, shards.Schema, _tiny["mine.zip"]);
        var voltages = ml.Transforms.SelectColumns("VoltageMv").Fit(shards).Transform(shards);
        Assert.Null(voltages.Schema.GetColumnOrNull("C"));

        var scored = ml.Model.Load(_tiny["mine.zip"], out _).Transform(voltages);

        VBuffer<ReadOnlyMemory<char>> slots = default;
        scored.Schema["Parameters"].GetSlotNames(ref slots);
        Assert.Equal(["C", "R_input"], slots.DenseValues().Select(name => name.ToString()));
        var expected = model.Transform(shards).GetColumn<float[]>("Parameters").SelectMany(row => row).ToArray();
        var found = scored.GetColumn<float[]>("Parameters").SelectMany(row => row).ToArray();
        Assert.Equal(64, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.InRange(pair.Second / pair.First, 1 - 1e-5, 1 + 1e-5));
    }

    [Fact]
    public void LabelColumn_OfNoTarget_IsOneLineForAUser()
    {
        var chain = "pipeline=[{scale-targets: {C: log}}, trace-features, {ml.normalize-supervised-binning: {label_column_name: D}}, mean]";
        var (code, _, error) = _tiny.Run("run", "--set", chain);

        Assert.Equal(2, code);
        Assert.EndsWith(
            "label_column_name: found 'D'; expected one of C, El, R_input, dt, th_inf",
            error.TrimEnd(),
            StringComparison.Ordinal
        );
    }

    private sealed class Row
    {
        public double C { get; set; }

        public double El { get; set; }

        [VectorType(1)]
        public float[] VoltageMv { get; set; } = [];

        [VectorType(2)]
        public float[] Parameters { get; set; } = [];
    }
}
