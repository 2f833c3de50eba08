using System.Security.Cryptography;
using GlifMl.Lstm;
using GlifMl.Pipelines;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Pipelines.Stages;

/// <summary>
/// A folder with a finished model is not written to by a run of another definition, and is never left with halves of two.
/// </summary>
[Collection(TorchTests.Name)]
public sealed class ModelFolderTests : IDisposable
{
    private readonly TinyPipeline _tiny = new();
    private readonly string _mean;

    public ModelFolderTests()
    {
        // The mean alone: what is tested is the folder, and no network is needed.
        _mean = _tiny["mean.yaml"];
        File.WriteAllText(_mean, File.ReadAllText(_tiny.Definition).Split("  - scale-trace")[0] + "  - mean\n");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run", "--resume")]
    [InlineData("train")]
    [InlineData("train", "--resume")]
    [InlineData("evaluate")]
    public void Command_FolderOfAnotherDefinition_IsRefusedBeforeAnythingIsTouched(params string[] command)
    {
        Make();
        var before = State(_tiny.Model);

        var (code, output, error) = Run(command[0], [.. command[1..], "--set", "pipeline.scale-targets.C=standardise"]);

        Assert.Equal(
            (
                2,
                "",
                $"glifml: {_tiny.Model}: found a model with pipeline.scale-targets.C log; expected standardise: "
                    + "name another folder with --output, or pass --force"
            ),
            (code, output, error.TrimEnd())
        );
        Assert.Equal(before, State(_tiny.Model));
    }

    [Theory]
    [InlineData("seed=8", "seed 7; expected 8")]
    [InlineData("name=other", "name tiny; expected other")]
    [InlineData("dataset.trace.samples=100", "dataset.trace.samples 200; expected 100")]
    [InlineData("dataset.splits.test.traces=9", "dataset.splits.test.traces 8; expected 9")]
    [InlineData("targets=[C]", "targets [C, El, R_input, dt, th_inf]; expected [C]")]
    [InlineData("pipeline=[linear]", "pipeline [scale-targets, mean]; expected [linear]")]
    public void Run_OtherDefinition_NamesTheOptionAndGeneratesNothing(string set, string difference)
    {
        Make();

        var (code, _, error) = Glifml.Run("run", _mean, "--set", set, "--output", _tiny.Model, "--data", _tiny["elsewhere"], "--quiet");

        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: {_tiny.Model}: found a model with {difference}: name another", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_tiny["elsewhere"]));
    }

    [Fact]
    public void Run_FileThatIsNoModelOfOurs_IsLeftAlone()
    {
        Directory.CreateDirectory(_tiny.Model);
        File.WriteAllText(Path.Combine(_tiny.Model, "model.onnx"), "somebody's");

        var (code, _, error) = Run("run");

        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: {_tiny.Model}: found no model of this program (", error, StringComparison.Ordinal);
        Assert.Equal("somebody's", File.ReadAllText(Path.Combine(_tiny.Model, "model.onnx")));
    }

    [Fact]
    public void Run_FolderWithoutAModel_LosesWhatWouldPassForItsOwnAndNothingElse()
    {
        var model = new ModelDirectory(_tiny.Model);
        Make();
        ReportBuilder.Build(model);
        File.WriteAllText(Path.Combine(model.Report, "notes.md"), "mine");
        File.Delete(model.Onnx);
        File.WriteAllText(model.TrainingLog, "{}");

        Make();

        Assert.Equal(["notes.md"], Names(model.Report));
        Assert.False(File.Exists(model.TrainingLog));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("train")]
    public void Command_FinishedRun_IsReused(string command)
    {
        Assert.Equal(0, Run("run").Code);
        var before = State(_tiny.Model);
        // A model may outlive its shards.
        Directory.Delete(_tiny.Data, recursive: true);

        var (code, output, error) = Glifml.Run(command, _mean, "--output", _tiny.Model, "--data", _tiny.Data);

        Assert.Equal(0, code);
        Assert.Matches("^reuse: done in ", error);
        Assert.Contains(Path.Combine(_tiny.Model, "model.onnx"), output, StringComparison.Ordinal);
        Assert.Equal(before, State(_tiny.Model));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("train")]
    [InlineData("evaluate", "--force")]
    [InlineData("run", "--force")]
    public void Command_AnotherRunAtWorkInTheFolder_IsRefusedBeforeItWrites(params string[] command)
    {
        Make();
        if (command.Length == 1)
            File.Delete(Path.Combine(_tiny.Model, "model.onnx"));
        var before = State(_tiny.Model);
        using (FolderLock.Take(new ModelDirectory(_tiny.Model)))
        {
            var (code, output, error) = Run(command[0], command[1..]);

            Assert.Equal(
                (
                    2,
                    "",
                    $"glifml: {_tiny.Model}: found another run at work in this folder; expected none: wait for its end, "
                        + "or name another folder with --output"
                ),
                (code, output, error.TrimEnd())
            );
        }

        Assert.Equal(before, State(_tiny.Model));
        Assert.Equal(0, Run("run", command[1..]).Code);
    }

    [Fact]
    public void Run_TrainedAndNotEvaluated_IsEvaluatedAlone()
    {
        Assert.Equal(0, Run("generate").Code);
        Assert.Equal(0, Run("train").Code);
        var model = new ModelDirectory(_tiny.Model);

        var (code, _, error) = Glifml.Run("run", _mean, "--output", _tiny.Model, "--data", _tiny.Data);

        Assert.Equal(0, code);
        Assert.Matches("(?m)^reuse: done in ", error);
        Assert.DoesNotMatch("(?m)^train: ", error);
        var made = PipelineMetrics.Load(model.Metrics)!.Made!;
        Assert.Equal((Environment.ProcessorCount, LstmKernels.Default.Name), (made.Cores, made.Kernel));
        Assert.Matches("^[0-9]+[.][0-9]+", made.Version);
        Assert.True(made.Commit is null || made.Commit.Length == 40, made.Commit);
        Assert.InRange(made.Date, DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddMinutes(1));
        Assert.Contains($"<dd>{made.Kernel}</dd>", File.ReadAllText(Path.Combine(model.Report, "report.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(model.Report, "report.html")));
    }

    [Fact]
    public void Run_Force_ReplacesAllOfTheModel()
    {
        Assert.Equal(0, Glifml.Run("run", _tiny.Definition, "--output", _tiny.Model, "--data", _tiny.Data, "--quiet").Code);
        var other = _tiny["other"];
        Assert.Equal(0, Glifml.Run("run", _mean, "--output", other, "--data", _tiny.Data, "--quiet").Code);

        Assert.Equal(0, Run("run", "--force").Code);

        Assert.Equal(Names(other), Names(_tiny.Model));
        Assert.Equal(File.ReadAllBytes(Path.Combine(other, "model.onnx")), File.ReadAllBytes(Path.Combine(_tiny.Model, "model.onnx")));
        // That both lie beside the shards makes their definitions equal to the letter.
        Assert.Equal(File.ReadAllText(Path.Combine(other, "pipeline.yaml")), File.ReadAllText(Path.Combine(_tiny.Model, "pipeline.yaml")));
        Assert.Equal(0, Glifml.Run("report", _tiny.Model).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_KilledBeforeAnyChange_LeavesOneModelOrTheOther(bool resumes)
    {
        var (old, young) = (Definition("log"), Definition("standardise"));
        var (oldState, youngState) = (Finish(old, "old"), Finish(young, "young"));
        Assert.NotEqual(oldState, youngState);
        var changes = new List<string>();
        Replace("whole", young, changes.Add);
        Assert.Equal(youngState, Contents(_tiny["whole"]));
        Assert.InRange(changes.Count, 15, 40);

        for (var k = 0; k < changes.Count; k++)
        {
            var folder = _tiny[$"killed-{k}-{resumes}"];
            Copy(_tiny["old"], folder);
            var left = k;
            Assert.Throws<KilledException>(() => Replace(Path.GetFileName(folder), young, _ => Count(ref left)));

            // Up to the list of what is new, the folder is to the byte what it was; from then on it is the new one to whoever looks.
            var isNew = k > changes.FindIndex(change => change.EndsWith("complete.txt", StringComparison.Ordinal));
            if (!isNew)
                Assert.Equal(oldState, Contents(folder));
            var (finishedOld, finishedYoung) = (Pipeline(old, folder).Finished(), Pipeline(young, folder).Finished());
            Assert.Equal((!isNew, isNew), (finishedOld is not null, finishedYoung is not null));
            Assert.Equal(isNew ? youngState : oldState, Contents(folder));

            // And the run that was killed can be done again.
            if (resumes)
                Pipeline(young, folder, new PipelineSettings { Force = true, Resume = true }).Run(Report);
            else
                Replace(Path.GetFileName(folder), young, _ => { });
            Assert.Equal(youngState, Contents(folder));
        }
    }

    [Fact]
    public void Run_KilledWhileTheNewModelIsMovedAndAgainWhileThatIsCompleted_IsCompleted()
    {
        var (old, young) = (Definition("log"), Definition("standardise"));
        Finish(old, "old");
        var youngState = Finish(young, "young");
        var changes = new List<string>();
        Replace("whole", young, changes.Add);
        var moves = changes.Count - 1 - changes.FindIndex(change => change.EndsWith("complete.txt", StringComparison.Ordinal));
        for (var first = 1; first < moves; first++)
        {
            var folder = _tiny[$"twice-{first}"];
            Copy(_tiny["old"], folder);
            var left = changes.Count - moves - 1 + first;
            Assert.Throws<KilledException>(() => Replace(Path.GetFileName(folder), young, _ => Count(ref left)));
            while (true)
            {
                // One change a process, until none is left to do.
                left = 1;
                try
                {
                    Assert.NotNull(Pipeline(young, folder, new PipelineSettings { BeforeChange = _ => Count(ref left) }).Finished());
                    break;
                }
                catch (KilledException) { }
            }

            Assert.Equal(youngState, Contents(folder));
        }
    }

    [Fact]
    public void Run_CancelledInTraining_LeavesTheModelThatIsThere()
    {
        Make();
        var before = Contents(_tiny.Model);
        var definition = GlifMl.Pipeline.Load(_tiny.Definition);
        using var stop = new CancellationTokenSource();
        var settings = new PipelineSettings
        {
            Force = true,
            Cancellation = stop.Token,
            Listener = new Canceller(stop),
        };

        Assert.ThrowsAny<OperationCanceledException>(() => Pipeline(definition, _tiny.Model, settings).Run(Report));

        Assert.Equal(before, Contents(_tiny.Model));
        Assert.Equal(0, Run("report").Code);
    }

    [Fact]
    public void Train_ResumeThatIsRefused_LeavesTheDefinitionOfTheRunThatWasBrokenOff()
    {
        var definition = GlifMl.Pipeline.Load(_tiny.Definition, ["pipeline.bilstm.epochs=2000"]);
        Pipeline(definition, _tiny.Model).Generate();
        using var stop = new CancellationTokenSource();
        var settings = new PipelineSettings { Cancellation = stop.Token, Listener = new Canceller(stop, "epoch 2 ") };
        Assert.ThrowsAny<OperationCanceledException>(() => Pipeline(definition, _tiny.Model, settings).Train());
        var kept = File.ReadAllText(Path.Combine(_tiny.Model, "pipeline.yaml"));

        var (code, _, error) = _tiny.Run("train", "--resume");

        Assert.Equal(2, code);
        Assert.Contains("last.ckpt belongs to a run with other options or data", error, StringComparison.Ordinal);
        Assert.Equal(kept, File.ReadAllText(Path.Combine(_tiny.Model, "pipeline.yaml")));
        Assert.Contains("epochs: 2000", kept, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_DefinitionThatIsNotTheModels_IsRefused()
    {
        Make();
        var model = new ModelDirectory(_tiny.Model);
        File.WriteAllText(model.Definition, File.ReadAllText(model.Definition).Replace("C: log", "C: 1e9", StringComparison.Ordinal));

        var (code, _, error) = Glifml.Run("report", _tiny.Model);

        Assert.Equal(
            (
                2,
                $"glifml: {model.Onnx}: found a model with pipeline.scale-targets.C log; expected 1000000000, "
                    + $"as {model.Definition} says: train again"
            ),
            (code, error.TrimEnd())
        );
    }

    [Fact]
    public void Evaluate_Force_ScoresAnothersModel()
    {
        Make();
        Assert.Equal(0, Run("evaluate", "--set", "pipeline.scale-targets.C=standardise", "--force").Code);
    }

    public void Dispose() => _tiny.Dispose();

    private (int Code, string Output, string Error) Run(string command, params string[] more) =>
        command == "report"
            ? Glifml.Run("report", _tiny.Model)
            : Glifml.Run([
                command,
                _mean,
                "--data",
                _tiny.Data,
                .. command == "generate" ? (string[])[] : ["--output", _tiny.Model],
                "--quiet",
                .. more,
            ]);

    /// <summary>A finished model, without a report.</summary>
    private void Make() => Pipeline(Definition("log"), _tiny.Model).Run();

    private PipelineDefinition Definition(string scale) => GlifMl.Pipeline.Load(_mean, [$"pipeline.scale-targets.C={scale}"]);

    private Pipeline Pipeline(PipelineDefinition definition, string folder, PipelineSettings? settings = null) =>
        new(definition, (settings ?? new PipelineSettings()) with { ModelDirectory = folder, DataDirectory = _tiny.Data });

    /// <summary>As quick as a report that says what model it is of can be.</summary>
    private static void Report(ModelDirectory model)
    {
        Directory.CreateDirectory(model.Report);
        File.WriteAllText(model.ReportPage, $"{PipelineMetrics.Load(model.Metrics)!.Test.MseScaled:R}");
    }

    private string[] Finish(PipelineDefinition definition, string folder)
    {
        Pipeline(definition, _tiny[folder]).Run(Report);
        return Contents(_tiny[folder]);
    }

    private void Replace(string folder, PipelineDefinition definition, Action<string> before)
    {
        if (!Directory.Exists(_tiny[folder]))
            Copy(_tiny["old"], _tiny[folder]);
        Pipeline(definition, _tiny[folder], new PipelineSettings { Force = true, BeforeChange = before }).Run(Report);
    }

    private static void Count(ref int left)
    {
        if (left-- == 0)
            throw new KilledException();
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            File.SetLastWriteTimeUtc(copy, File.GetLastWriteTimeUtc(file));
        }
    }

    /// <summary>Every file with its contents and its time.</summary>
    private static string[] State(string folder) =>
        [.. Files(folder).Select(file => $"{file} {Hash(File.ReadAllBytes(file))} {File.GetLastWriteTimeUtc(file):O}")];

    /// <summary>The files that make the model, without what differs between two runs: seconds, and the times in a zip.</summary>
    private static string[] Contents(string folder) =>
        [
            .. Files(folder)
                .Where(file => !Path.GetRelativePath(folder, file).StartsWith("checkpoint", StringComparison.Ordinal))
                .Select(file =>
                    $"{Path.GetRelativePath(folder, file)} "
                    + Path.GetFileName(file) switch
                    {
                        "metrics.json" => $"{PipelineMetrics.Load(file)!.Test.MseScaled:R}",
                        "model.zip" => "",
                        _ => Hash(File.ReadAllBytes(file)),
                    }
                ),
        ];

    private static string[] Names(string folder) => [.. Files(folder).Select(file => Path.GetRelativePath(folder, file))];

    private static IEnumerable<string> Files(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static string Hash(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes))[..16];

    private sealed class KilledException : Exception;

    /// <summary>Stops a run once it trains, or once what it says of itself begins so.</summary>
    private sealed class Canceller(CancellationTokenSource stop, string detail = "") : IPipelineListener
    {
        private string _stage = "";

        public void StageStarted(string name) => _stage = name;

        public void StageProgressed(double fraction, string words)
        {
            if (_stage == "train" && words.StartsWith(detail, StringComparison.Ordinal))
                stop.Cancel();
        }

        public void StageEnded(string summary) { }
    }
}
