using System.Globalization;
using System.Text;
using System.Text.Json;
using GlifMl.Pipelines;
using GlifMl.Reporting;
using GlifMl.Tests.Pipelines.Catalog;
using GlifMl.Tests.Pipelines.Generation;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Pipelines.Experiments;

[Collection(TorchTests.Name)]
public sealed class PipelineComparisonTests : IDisposable
{
    private readonly GridFolder _folder = new();

    [Fact]
    public void Run_Definitions_StandBetweenChanceAndFloorByScore()
    {
        var table = Compare([Constant("near", 1), Constant("far", 5), Constant("between", 0)]);
        Assert.Equal(["chance", "far", "between", "near", "floor"], table.Rows.Select(row => row.Name));
        Assert.Equal(["C", "El", "R_input", "dt", "th_inf"], table.Parameters);
        Assert.Equal(48, table.TestTraces);

        var (chance, near, floor) = (table.Rows[0], table.Rows[3], table.Rows[^1]);
        Assert.Equal((1.0, 0.0), (chance.LearnableLeft!.Mean, floor.LearnableLeft!.Mean));
        Assert.All(chance.R2.Values, r2 => Assert.Equal(0, r2!.Mean));
        Assert.Equal((near.Score!.Mean - floor.Score!.Mean) / (chance.Score!.Mean - floor.Score!.Mean), near.LearnableLeft!.Mean, 1e-9);
        // dt is inert in this grid, so that even the floor leaves all of its variance.
        Assert.Equal(0, floor.R2["dt"]!.Mean, 1e-9);
        Assert.True(near is { ScoreMicroseconds.Mean: > 0, OnnxBytes.Mean: > 0, TrainSeconds.Mean: >= 0, HeldOutScore: null });
        Assert.All(table.Rows, row => Assert.Null(row.Score!.StandardDeviation));
    }

    [Fact]
    public void Run_Again_TakesTheModelsOver()
    {
        var paths = new[] { Constant("a", 0), Constant("b", 1) };
        Assert.All(Models(Compare(paths)), model => Assert.False(model.Reused));
        Assert.All(Models(Compare(paths)), model => Assert.True(model.Reused));
        Constant("b", 2);
        var refused = Assert.Throws<InvalidDataException>(() => Compare(paths));
        Assert.Equal(
            $"{Path.Combine(_folder.Root, "models", "b")}: found a model with pipeline.constant.value 1; expected 2: "
                + "name another folder with --output, or pass --force",
            refused.Message
        );
        var force = new ComparisonSettings { Force = true };
        Assert.Equal([false, true], Compare(paths, force).Rows.SelectMany(row => row.Models).Select(model => model.Reused));
    }

    [Fact]
    public void Run_ModelWithoutItsFigures_IsTrainedAgain()
    {
        var path = Constant("a", 0);
        Compare([path]);
        File.Delete(Path.Combine(_folder.Root, "models", "a", "metrics.json"));
        Assert.False(Models(Compare([path])).Single().Reused);
    }

    [Fact]
    public void Run_AfterATrainingThatWasBrokenOff_DoesNotTakeOverTheModelBeforeIt()
    {
        Compare([Constant("a", 0)]);
        var changed = Constant("a", 2);
        Assert.Throws<OperationCanceledException>(() =>
            Compare(
                [changed],
                new ComparisonSettings
                {
                    Force = true,
                    Listener = new Follower(onEnd: stage =>
                    {
                        if (stage == "a: train")
                            throw new OperationCanceledException();
                    }),
                }
            )
        );
        var model = Models(Compare([changed], new ComparisonSettings { Force = true })).Single();
        Assert.False(model.Reused);
        Assert.True(model.Metrics.Test.Parameters["C"].MseScaled > 3, "a constant of 2 nF errs by more than 1.7 nF");
    }

    [Fact]
    public void Run_Resume_GoesOnFromTheCheckpointToTheSameModel()
    {
        var path = _folder.Write(
            "lstm.yaml",
            GridFolder
                .Yaml(
                    "train: {stimulus: noise-1, traces: 20}\n    test: {stimulus: noise-2, traces: all}",
                    "",
                    "{samples: 60, sampling_rate_hz: 200}"
                )
                .Replace("bilstm: {hidden: 2}", "bilstm: {hidden: 2, epochs: 3, batch: 10}", StringComparison.Ordinal)
        );
        var onnx = Path.Combine(_folder.Root, "models", "small", "model.onnx");
        Compare([path]);
        var unbroken = File.ReadAllBytes(onnx);
        Directory.Delete(Path.GetDirectoryName(onnx)!, recursive: true);

        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            Compare(
                [path],
                new ComparisonSettings
                {
                    Cancellation = cancellation.Token,
                    Listener = new Follower(onProgress: detail =>
                    {
                        if (detail.StartsWith("epoch 2", StringComparison.Ordinal))
                            cancellation.Cancel();
                    }),
                }
            )
        );
        var epochs = new List<string>();
        var model = Models(Compare([path], new ComparisonSettings { Resume = true, Listener = new Follower(onProgress: epochs.Add) }))
            .Single();
        Assert.DoesNotContain(epochs, detail => detail.StartsWith("epoch 1", StringComparison.Ordinal));
        Assert.Contains(epochs, detail => detail.StartsWith("epoch 3", StringComparison.Ordinal));
        Assert.Equal(unbroken, File.ReadAllBytes(onnx));
        // The epoch before the break counts, too.
        var seconds = File.ReadLines(Path.Combine(model.Directory, "training.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("seconds").GetDouble())
            .ToArray();
        Assert.Equal(3, seconds.Length);
        Assert.True(
            model.Metrics.Seconds.Train >= seconds.Sum(),
            $"{model.Metrics.Seconds.Train} s of training, {seconds.Sum()} s of epochs"
        );
    }

    [Fact]
    public void Run_SeveralModels_SaysWhichOneAStageBelongsTo()
    {
        var stages = new List<string>();
        Compare(
            [Constant("a", 0)],
            new ComparisonSettings
            {
                HoldOut = true,
                Repeat = 2,
                Listener = new Follower(onEnd: stages.Add),
            }
        );
        Assert.Equal(
            ["a: train", "a-held-out: train", "a-seed-4: train", "a-seed-4-held-out: train"],
            stages.Where(stage =>
                stage.EndsWith("train", StringComparison.Ordinal) && !stage.Contains("generate", StringComparison.Ordinal)
            )
        );
    }

    [Fact]
    public void Run_Repeat_GivesMeanAndSpreadOverSeeds()
    {
        var table = Compare([Constant("a", 0)], new ComparisonSettings { Repeat = 3 });
        var row = table.Rows[1];
        Assert.Equal([3, 4, 5], table.Seeds);
        Assert.Equal(["a", "a-seed-4", "a-seed-5"], row.Models.Select(model => Path.GetFileName(model.Directory)));
        double[] scores = [.. row.Models.Select(model => model.Metrics.Test.MseScaled)];
        Assert.Equal(scores.Average(), row.Score!.Mean, 1e-12);
        // The test split is the whole grid under one current, and the trainer draws nothing.
        Assert.Equal(0, row.Score!.StandardDeviation!.Value, 1e-12);
    }

    [Fact]
    public void Run_HoldOut_AddsTheFiguresOfAModelThatNeverSawTheCells()
    {
        var table = Compare([Constant("a", 0)], new ComparisonSettings { HoldOut = true });
        // 12 cells of 4 configurations; a fifth of them is 2.4.
        Assert.Equal(8, table.HeldOutTraces);
        var (chance, row, floor) = (table.Rows[0], table.Rows[1], table.Rows[2]);
        Assert.Equal((1.0, 0.0), (chance.HeldOutLearnableLeft!.Mean, floor.HeldOutLearnableLeft!.Mean));
        Assert.NotEqual(row.Score!.Mean, row.HeldOutScore!.Mean);
        Assert.NotNull(row.HeldOutR2!["th_inf"]);
        Assert.True(File.Exists(Path.Combine(_folder.Root, "models", "a-held-out", "model.onnx")));
        Assert.Contains(
            "\"heldOut\": {",
            File.ReadAllText(Path.Combine(_folder.Root, "models", "a-held-out", "metrics.json")),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "heldOut",
            File.ReadAllText(Path.Combine(_folder.Root, "models", "a", "metrics.json")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Run_DefinitionThatHoldsOut_NeedsNoSecondModel()
    {
        var path = Constant("a", 0, "hold_out: {share: 0.5}");
        var table = Compare(
            [path],
            new ComparisonSettings { HoldOut = true, Overrides = ["dataset.splits.train.traces=10", "dataset.splits.validation.traces=4"] }
        );
        Assert.Equal(24, table.HeldOutTraces);
        Assert.False(Directory.Exists(Path.Combine(_folder.Root, "models", "a-held-out")));
    }

    [Fact]
    public void Run_TwoFormsOfTheTraces_AreOneTable()
    {
        var (a, b, c) = (Constant("a", 0), Constant("b", 1), Stored("c", 1, "{stimulus: true, spike_cuts: keep}"));
        var table = Compare([a, b, c], new ComparisonSettings { HoldOut = true });
        Assert.Equal(["chance", "a", "b", "c", "floor"], table.Rows.Select(row => row.Name));

        // Labels and test configurations are the same row by row, so a constant scores the same on either form, and chance is one.
        var (of_b, of_c) = (table.Rows[2].Models[0], table.Rows[3].Models[0]);
        Assert.Equal(
            (of_b.Metrics.Test.MseScaled, of_b.Metrics.Test.Chance, of_b.HeldOut!.MseScaled),
            (of_c.Metrics.Test.MseScaled, of_c.Metrics.Test.Chance, of_c.HeldOut!.MseScaled)
        );
        Assert.NotEqual(of_b.Metrics.DataHash, of_c.Metrics.DataHash);

        Assert.Equal(
            ["voltage, spike cuts dropped", "voltage and stimulus, spike cuts kept as NaN"],
            table.Forms.Select(form => form.Trace)
        );
        Assert.Equal(
            [
                ["a", "b"],
                ["c"],
            ],
            table.Forms.Select(form => form.Definitions)
        );
        Assert.Equal(table.Rows[^1].Score, table.Forms[0].Floor);
        Assert.True(
            table.Forms[1].Floor!.Mean <= table.Forms[0].Floor!.Mean,
            $"{table.Forms[1].Floor!.Mean} with more to read, {table.Forms[0].Floor!.Mean} with less"
        );
        Assert.Contains(
            string.Create(
                CultureInfo.InvariantCulture,
                $"\n- c: the same traces stored another way (voltage and stimulus, spike cuts kept as NaN; elsewhere voltage, spike cuts "
                    + $"dropped); their floor is {table.Forms[1].Floor!.Mean:F4}, held-out {table.Forms[1].HeldOutFloor!.Mean:F4}\n"
            ),
            ComparisonMarkdown.Of(table),
            StringComparison.Ordinal
        );
        // Two forms, each with and without the held-out cells.
        Assert.Equal(4, Directory.GetDirectories(Path.Combine(_folder.Root, "shards")).Length);
    }

    [Theory]
    [InlineData("seed=4", "seed", "3", "4")]
    [InlineData("dataset.trace.samples=500", "dataset.trace.samples", "600", "500")]
    [InlineData("dataset.trace.simulate=700", "dataset.trace.simulate", "624", "700")]
    [InlineData("dataset.trace.spike_cut=time", "dataset.trace.spike_cut", "steps", "time")]
    [InlineData("dataset.parameters.values.C=[1e-10, 3e-10]", "dataset.parameters.values.C", "[1E-10, 2E-10]", "[1E-10, 3E-10]")]
    [InlineData("dataset.splits.train.traces=19", "dataset.splits.train.traces", "20", "19")]
    [InlineData("dataset.splits.test.stimulus=noise-1", "dataset.splits.test.stimulus", "noise-2", "noise-1")]
    [InlineData("dataset.splits.validation=~", "dataset.splits.validation", "{stimulus: noise-1, traces: 10, sweeps: 1}", "nothing")]
    [InlineData("dataset.hold_out={}", "dataset.hold_out", "nothing", "{keys: [C, El, R_input], share: 0.2}")]
    public void Run_OtherPopulation_IsRefusedByWhatDiffers(string change, string key, string value, string changed)
    {
        var (a, b) = (Constant("a", 0), Constant("b", 0));
        var c = _folder.Write("c.yaml", DefinitionWriter.ToYaml(Pipeline.Load(Constant("c", 0), [change], ConstantTrainer.Catalog())));
        var message = Assert.Throws<ArgumentException>(() => Compare([a, b, c])).Message;
        Assert.Equal(
            $"the definitions differ in {key}: {a}, {b} have {value}; {c} has {changed}; expected one, so that the scores compare",
            message
        );
        Assert.False(Directory.Exists(Path.Combine(_folder.Root, "models")));
    }

    [Fact]
    public void Run_OtherNeuron_IsRefusedByItsContents()
    {
        var (a, b) = (
            Constant("a", 0),
            _folder.Write("b.yaml", File.ReadAllText(Constant("b", 0)).Replace("neuron.json", "other.json", StringComparison.Ordinal))
        );
        _folder.Write("other.json", File.ReadAllText(Path.Combine(_folder.Root, "neuron.json")));
        Assert.Equal(4, Compare([a, b]).Rows.Count);
        File.AppendAllText(Path.Combine(_folder.Root, "other.json"), "\n");
        Assert.Matches(
            "^the definitions differ in dataset.neuron: .*/a.yaml has sha256:[0-9a-f]{16}; .*/b.yaml has sha256:[0-9a-f]{16}; expected "
                + "one, so that the scores compare$",
            Assert.Throws<ArgumentException>(() => Compare([a, b])).Message
        );
    }

    [Fact]
    public void Run_OtherTargets_AreRefusedByName()
    {
        var (a, b) = (Constant("a", 0), _folder.Write("b.yaml", "targets: [C, El]\n" + File.ReadAllText(Constant("b", 0))));
        var e = Assert.Throws<ArgumentException>(() => Compare([a, b]));
        Assert.Equal(
            $"the definitions differ in targets: {a} has C, El, R_input, dt, th_inf; {b} has C, El; expected one, so that the scores "
                + "compare",
            e.Message
        );
    }

    [Fact]
    public void Run_OneNameTwice_IsRefused()
    {
        var (a, b) = (Constant("a", 0), _folder.Write("b.yaml", File.ReadAllText(Constant("a", 1))));
        var e = Assert.Throws<ArgumentException>(() => Compare([a, b]));
        Assert.Equal(
            $"{a} and {b} share the model folder {Path.Combine(_folder.Root, "models", "a")}; expected definitions of different names",
            e.Message
        );
    }

    [Fact]
    public void Run_NameThatIsAnothersModelWithoutTheCells_IsRefused()
    {
        var (a, b) = (Constant("a", 0), Constant("a-held-out", 1));
        Assert.Equal(4, Compare([a, b]).Rows.Count);
        var e = Assert.Throws<ArgumentException>(() => Compare([a, b], new ComparisonSettings { HoldOut = true }));
        Assert.Equal(
            $"{a} and {b} share the model folder {Path.Combine(_folder.Root, "models", "a-held-out")}; expected definitions of different "
                + "names",
            e.Message
        );
    }

    [Fact]
    public void Run_SeedsPastTheLast_AreRefused() =>
        Assert.Equal(
            "--repeat: found 3; expected at most 2, because the seeds go on from 2147483646",
            Assert
                .Throws<ArgumentException>(() =>
                    Compare([Constant("a", 0)], new ComparisonSettings { Repeat = 3, Overrides = ["seed=2147483646"] })
                )
                .Message
        );

    [Fact]
    public void Run_FaultyDefinitions_AreReportedTogether()
    {
        var (a, b) = (
            _folder.Write("a.yaml", "sed: 1\n" + File.ReadAllText(Constant("x", 0))),
            _folder.Write("b.yaml", "outptu: 1\n" + File.ReadAllText(Constant("x", 0)))
        );
        var e = Assert.Throws<DefinitionException>(() => Compare([a, b]));
        Assert.Equal(
            $"{a}:1:1: found unknown key 'sed'; did you mean 'seed'?\n{b}:1:1: found unknown key 'outptu'; did you mean 'output'?",
            e.Message
        );
    }

    [Fact]
    public void Run_HoldOutThatADesignCannotHave_NamesTheDefinition()
    {
        const string Ranges =
            "{C: {min: 1e-10, max: 2e-10}, El: {min: 0, max: 0.01}, R_input: {min: 1e8, max: 2e8}, dt: {min: 1e-5, max: 5e-5}, "
            + "th_inf: {min: 0.02, max: 0.03}}";
        var path = Constant("a", 0);
        var e = Assert.Throws<DefinitionException>(() =>
            Compare(
                [path],
                new ComparisonSettings
                {
                    HoldOut = true,
                    Overrides =
                    [
                        "dataset.parameters.design=latin-hypercube",
                        "dataset.parameters.values=~",
                        $"dataset.parameters.ranges={Ranges}",
                        "dataset.splits.test.traces=8",
                    ],
                }
            )
        );
        Assert.Equal(
            "--set dataset.hold_out={}: dataset.hold_out: found no dataset.parameters.count; expected one, because a Latin "
                + "hypercube has as many points "
                + $"and some of them are left out (in {path})",
            e.Message
        );
    }

    [Fact]
    public void Of_ScoreOfAFailedModel_StaysShort()
    {
        var text = ComparisonMarkdown.Of(Compare([Constant("a", 1e9)]));
        Assert.Contains("e+17", text, StringComparison.Ordinal);
        Assert.DoesNotContain("0000000000", text.Split('\n')[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "--repeat: found 0; expected at least 1")]
    [InlineData(-2, "--repeat: found -2; expected at least 1")]
    public void Run_NoSeeds_IsRefused(int repeat, string message) =>
        Assert.Equal(
            message,
            Assert.Throws<ArgumentException>(() => Compare([Constant("a", 0)], new ComparisonSettings { Repeat = repeat })).Message
        );

    [Fact]
    public void Write_Folder_HoldsEveryForm()
    {
        var table = Compare([Constant("near", 0), Constant("far", 5)], new ComparisonSettings { HoldOut = true, Repeat = 2 });
        var files = ComparisonFile.Write(Path.Combine(_folder.Root, "out"), table);
        Assert.Equal(["comparison.md", "comparison.json", "comparison.svg", "comparison.png"], files.Select(Path.GetFileName));

        var lines = File.ReadAllLines(files[0]);
        Assert.Equal(
            [
                "definition",
                "R2 C",
                "R2 El",
                "R2 R_input",
                "R2 dt",
                "R2 th_inf",
                "score",
                "learnable left",
                "held-out score",
                "held-out left",
                "train s",
                "us a trace",
                "ONNX KiB",
            ],
            Cells(lines[0])
        );
        Assert.Equal(["chance", "far", "near", "floor"], lines[2..6].Select(line => Cells(line)[0]));
        Assert.All(lines[..6], line => Assert.Equal(lines[0].Length, line.Length));
        Assert.Equal(["-", "-", "-"], Cells(lines[2])[^3..]);
        // A constant scores the same on the whole grid whatever the seed, but not on the cells that the seed holds out.
        Assert.DoesNotContain(" ± ", Cells(lines[3])[6], StringComparison.Ordinal);
        Assert.Contains(" ± ", Cells(lines[3])[8], StringComparison.Ordinal);
        Assert.Contains("mean ± standard deviation over seeds 3 to 4", File.ReadAllText(files[0]), StringComparison.Ordinal);

        using var json = JsonDocument.Parse(File.ReadAllText(files[1]));
        Assert.Equal("far", json.RootElement.GetProperty("rows")[1].GetProperty("name").GetString());
        Assert.Equal(
            48,
            json.RootElement.GetProperty("rows")[1]
                .GetProperty("models")[0]
                .GetProperty("metrics")
                .GetProperty("test")
                .GetProperty("rows")
                .GetInt32()
        );
        Assert.StartsWith("<", File.ReadAllText(files[2]).TrimStart(), StringComparison.Ordinal);
        Assert.Equal("\x89PNG", Encoding.Latin1.GetString(File.ReadAllBytes(files[3]), 0, 4));
    }

    [Fact]
    public void Write_UnknownEnding_IsRefused()
    {
        var e = Assert.Throws<ArgumentException>(() => ComparisonFile.RequireForm("table.html"));
        Assert.Equal(
            "--out table.html: found ending '.html'; expected .md, .json, .svg, .png, or a folder, which gets all of them",
            e.Message
        );
    }

    [Fact]
    public void Of_Spread_IsMeanAndSampleStandardDeviation()
    {
        Assert.Equal(new Spread(2, null), Spread.Of([2.0]));
        Assert.Equal(new Spread(2, 1), Spread.Of([1.0, 2.0, 3.0]));
        Assert.Null(Spread.Of([1.0, null]));
        Assert.Equal("2.0 ± 1.0", new Spread(2, 1).ToText(x => x.ToString("F1", CultureInfo.InvariantCulture)));
        Assert.Equal("2.0", new Spread(2, 0.04).ToText(x => x.ToString("F1", CultureInfo.InvariantCulture)));
    }

    public void Dispose() => _folder.Dispose();

    private string Constant(string name, double value, string dataset = "") =>
        _folder.Write(
            $"{name}.yaml",
            GridFolder
                .Yaml(
                    "train: {stimulus: noise-1, traces: 20}\n    validation: {stimulus: noise-1, traces: 10}\n    test: "
                        + "{stimulus: noise-2, traces: all}",
                    dataset,
                    "{samples: 600, sampling_rate_hz: 200}"
                )
                .Replace("name: small", $"name: {name}", StringComparison.Ordinal)
                .Replace(
                    "bilstm: {hidden: 2}",
                    $"scale-targets: {{C: 1e9, R_input: 1e-9, dt: 1e5}}\n  - constant: {{value: {value}}}",
                    StringComparison.Ordinal
                )
        );

    /// <summary>A definition over another, with its traces stored another way.</summary>
    private string Stored(string name, double value, string trace)
    {
        File.Move(Constant(name, value), Path.Combine(_folder.Root, "base.yaml"));
        return _folder.Write($"{name}.yaml", $"name: {name}\nextends: base.yaml\ndataset: {{trace: {trace}}}\n");
    }

    private ComparisonTable Compare(string[] paths, ComparisonSettings? settings = null) =>
        PipelineComparison.Run(
            paths,
            (settings ?? new ComparisonSettings()) with
            {
                Catalog = ConstantTrainer.Catalog(),
                ModelsDirectory = Path.Combine(_folder.Root, "models"),
                DatasetsDirectory = Path.Combine(_folder.Root, "shards"),
            }
        );

    private static IEnumerable<ComparedModel> Models(ComparisonTable table) => table.Rows.SelectMany(row => row.Models);

    private sealed class Follower(Action<string>? onProgress = null, Action<string>? onEnd = null) : IPipelineListener
    {
        private string _stage = "";

        public void StageStarted(string name) => _stage = name;

        public void StageProgressed(double fraction, string detail) => onProgress?.Invoke(detail);

        public void StageEnded(string summary) => onEnd?.Invoke(_stage);
    }

    private static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];
}
