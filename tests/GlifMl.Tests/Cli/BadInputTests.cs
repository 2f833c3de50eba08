using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

/// <summary>Bad input of every kind: one line, the right exit code, and nothing half-written.</summary>
[Collection(TorchTests.Name)]
public sealed class BadInputTests
{
    [Theory]
    [InlineData("pipeline.bilstm.epoch=1", "--set pipeline.bilstm.epoch=1: found unknown key 'epoch'; did you mean 'epochs'?")]
    [InlineData(
        "pipeline.bilstm.epochs=many",
        "--set pipeline.bilstm.epochs=many: pipeline.bilstm.epochs: found 'many'; expected an integer"
    )]
    [InlineData(
        "dataset.neuron=none.json",
        "--set dataset.neuron=none.json: dataset.neuron: found 'none.json'; expected an existing file, but there is no {0}"
    )]
    [InlineData(
        "dataset.splits.test.traces=0",
        "--set dataset.splits.test.traces=0: dataset.splits.test.traces: found 0; expected at least 1 or 'all'"
    )]
    [InlineData(
        "dataset.parameters.ranges.C.min=-1e-12",
        "--set dataset.parameters.ranges.C.min=-1e-12: dataset.parameters.ranges.C.min: found -1e-12; expected more than 0 on a log scale"
    )]
    public void Run_BadValue_IsNamed(string set, string message)
    {
        using var tiny = new TinyPipeline();

        var (code, output, error) = tiny.Run("run", "--set", set);

        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Equal($"glifml: {string.Format(message, Path.GetFullPath("none.json"))}", error.TrimEnd());
        Assert.False(Directory.Exists(tiny.Data));
        Assert.False(Directory.Exists(tiny.Model));
    }

    [Fact]
    public void Run_MissingDefinition_IsNamed()
    {
        var (code, _, error) = Glifml.Run("run", "no-such.yaml");

        Assert.Equal(2, code);
        Assert.Equal("glifml: found no file no-such.yaml; expected a definition", error.TrimEnd());
    }

    [Fact]
    public void Run_NegativeCapacitanceInTheNeuron_IsNamed()
    {
        using var tiny = new TinyPipeline();
        var neuron = tiny["neuron.json"];
        File.WriteAllText(
            neuron,
            File.ReadAllText(Glifml.Path("datasets/neurons/483101699_glif1.json"))
                .Replace("\"C\": 1.09", "\"C\": -1.09", StringComparison.Ordinal)
        );

        var (code, _, error) = tiny.Run("run", "--set", $"dataset.neuron={neuron}");

        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: {neuron}: C: found -1.09", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(tiny.Data));
    }

    [Fact]
    public void Run_NaNInTheStimulus_IsNamedWithItsLine()
    {
        using var tiny = new TinyPipeline();
        var stimulus = tiny["nan.csv"];
        File.WriteAllText(stimulus, "time_s,current_pA\n0,10\n0.001,NaN\n");

        var (code, _, error) = tiny.Run("run", "--set", $"dataset.splits.train.stimulus={stimulus}");

        Assert.Equal(2, code);
        Assert.Equal($"glifml: {stimulus}:3: found no value in current_pA; expected a current for every row", error.TrimEnd());
        Assert.False(Directory.Exists(tiny.Model));
    }

    [Theory]
    [InlineData("--output", "the model")]
    [InlineData("--data", "the shards")]
    public void Run_FolderWhosePlaceIsTakenByAFile_IsNamedBeforeAnythingIsMade(string option, string what)
    {
        using var tiny = new TinyPipeline();
        string[] folders = ["--output", tiny.Model, "--data", tiny.Data];
        folders[Array.IndexOf(folders, option) + 1] = Path.Combine(tiny.Definition, "sub");

        var (code, _, error) = Glifml.Run(["run", tiny.Definition, .. folders, "--quiet"]);

        Assert.Equal((2, $"glifml: {tiny.Definition}: found a file; expected a folder for {what}"), (code, error.TrimEnd()));
        Assert.False(Directory.Exists(tiny.Data));
        Assert.False(Directory.Exists(tiny.Model));
    }

    [Fact]
    public void Run_FolderThatCannotBeWrittenTo_IsNamedBeforeAnythingIsMade()
    {
        // Nobody, root neither, makes files there.
        if (!OperatingSystem.IsLinux())
            return;
        using var tiny = new TinyPipeline();

        var (code, _, error) = Glifml.Run("run", tiny.Definition, "--output", "/proc/glifml", "--data", tiny.Data, "--quiet");

        Assert.Equal(1, code);
        Assert.StartsWith("glifml: /proc/glifml: found no way to write there (", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(tiny.Data));
    }

    [Fact]
    public void Run_FaultInTheLastSplitsStimulus_IsFoundBeforeTheFirstIsMade()
    {
        using var tiny = new TinyPipeline();
        File.WriteAllText(tiny["nan.csv"], "time_s,current_pA\n0,10\n0.001,NaN\n");

        var (code, _, error) = tiny.Run("run", "--set", $"dataset.splits.test.stimulus={tiny["nan.csv"]}");

        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: {tiny["nan.csv"]}:3: ", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(tiny.Data));
    }

    [Fact]
    public void Run_MoreShardsThanTheDiskHolds_IsRefusedBeforeAnythingIsMade()
    {
        using var tiny = new TinyPipeline();

        var (code, _, error) = tiny.Run(
            "run",
            "--set",
            "dataset.splits.train.traces=2000000000",
            "--set",
            "dataset.trace.simulate=2000000",
            "--set",
            "dataset.trace.samples=1000000"
        );

        Assert.Equal(1, code);
        Assert.Matches(@"^glifml: \S+: found \d+ MiB free; expected at least \d+ MiB for the shards$", error.TrimEnd());
        Assert.False(Directory.Exists(tiny.Data));
    }

    [Fact]
    public void Train_TruncatedShard_IsNamed()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("generate").Code);
        var shard = Directory.GetFiles(Path.Combine(tiny.Data, "train"), "*.parquet").Order(StringComparer.Ordinal).First();
        using (var file = File.OpenWrite(shard))
            file.SetLength(file.Length / 2);

        var (code, _, error) = tiny.Run("train");

        Assert.Equal(2, code);
        Assert.StartsWith(
            $"glifml: {shard}: found a truncated or damaged file; expected a whole Parquet file",
            error,
            StringComparison.Ordinal
        );
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(File.Exists(Path.Combine(tiny.Model, "model.onnx")));

        // `generate` knows from the checksum that the shard is not what it wrote, and does not overwrite it.
        var (again, _, corrupt) = tiny.Run("generate");
        Assert.Equal(2, again);
        Assert.StartsWith($"glifml: {shard}: found ", corrupt, StringComparison.Ordinal);
        Assert.Contains("delete it to make it again, or choose another --data", corrupt, StringComparison.Ordinal);
    }

    [Fact]
    public void ScoreTrainEvaluate_ShardWithOneBitChanged_RefuseIt()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("run").Code);
        var model = Path.Combine(tiny.Model, "model.onnx");
        var test = Directory.GetFiles(Path.Combine(tiny.Data, "test"), "*.parquet").Single();
        using (var file = File.Open(test, FileMode.Open))
        {
            file.Position = file.Length / 4;
            var bits = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(bits ^ 0x10));
        }

        foreach (
            var (code, output, error) in new[]
            {
                Glifml.Run("score", "--model", model, Path.Combine(tiny.Data, "test"), "--out", tiny["never.csv"]),
                Glifml.Run("score", "--model", model, test),
                Glifml.Run("inspect", test),
                tiny.Run("evaluate"),
            }
        )
        {
            Assert.Equal((2, ""), (code, output));
            Assert.StartsWith($"glifml: {test}: found SHA-256 ", error, StringComparison.Ordinal);
            Assert.EndsWith("delete it to make it again, or choose another --data\n", error, StringComparison.Ordinal);
            Assert.Single(error.TrimEnd().Split('\n'));
        }
        Assert.False(File.Exists(tiny["never.csv"]));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("2/2")]
    public void Generate_PartThatIsNone_IsRefusedInOneLine(string part)
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(
            (2, "", $"glifml: --shard: found shard '{part}'; expected I/N with I from 0 to N - 1, such as 3/10\n"),
            tiny.Run("generate", "--shard", part)
        );
    }

    [Fact]
    public void Train_ShardsOfAnotherDefinition_AreRefused()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("generate").Code);

        var (code, _, error) = tiny.Run("train", "--set", "seed=8");

        Assert.Equal(2, code);
        Assert.Contains("delete it, or name another folder with --data", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_WithoutShards_SaysWhatWritesThem()
    {
        using var tiny = new TinyPipeline();

        var (code, _, error) = tiny.Run("train");

        Assert.Equal(2, code);
        Assert.Equal(
            $"glifml: {Path.Combine(tiny.Data, "train")}: found no such folder; "
                + "expected the train shards of this definition, which `glifml generate` writes",
            error.TrimEnd()
        );
    }

    [Fact]
    public void Score_NotAModel_IsNamed()
    {
        using var tiny = new TinyPipeline();
        File.WriteAllText(tiny["not.onnx"], "hello");

        var (code, _, error) = Glifml.Run("score", "--model", tiny["not.onnx"], Glifml.Path("datasets/recordings/569469018_sweep44.csv"));

        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: model '{tiny["not.onnx"]}': ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Score_TraceTooShortAndWrongSchema_AreNamed()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("run", "--set", "dataset.trace.spike_cuts=fill").Code);
        var model = Path.Combine(tiny.Model, "model.onnx");
        File.WriteAllText(tiny["short.csv"], "time_s,current_pA,voltage_mV\n0,0,-70\n0.0001,50,-70\n0.0002,50,-69\n0.0003,50,-69\n");
        File.WriteAllText(tiny["schema.csv"], "time,volts\n0,1\n");

        var (code, _, error) = Glifml.Run("score", "--model", model, tiny["short.csv"]);
        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: {tiny["short.csv"]}: ", error, StringComparison.Ordinal);
        Assert.Contains("200 samples", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));

        (code, _, error) = Glifml.Run("score", "--model", model, tiny["schema.csv"], "--out", tiny["never.csv"]);
        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: {tiny["schema.csv"]}:1: ", error, StringComparison.Ordinal);
        Assert.False(File.Exists(tiny["never.csv"]));

        (code, _, error) = Glifml.Run("score", "--model", model, tiny["short.csv"], "--out", tiny["scores.txt"]);
        Assert.Equal(2, code);
        Assert.Equal($"glifml: --out {tiny["scores.txt"]}: found ending '.txt'; expected .csv, .parquet or .json", error.TrimEnd());
    }
}
