using GlifMl.Onnx;
using GlifMl.Tests.Onnx;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

/// <summary>Networks that answer together, beside each of them alone.</summary>
[Collection(TorchTests.Name)]
public sealed class EnsembleTests : IDisposable
{
    private const string Three = "ensemble=3";
    private const string Two = "pipeline.bilstm.posterior={components: 2, calibrate: false}";

    // Of the members of the tiny definition, whose seed is 7.
    private static readonly int[] Seeds = [7, 1_000_010, 2_000_013];

    private readonly TinyPipeline _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void Run_Ensemble_AnswersTheMeanOfItsMembersAndTheirSpread()
    {
        var (together, members) = Train([]);
        var (info, rows) = Rows(together);
        Assert.Equal((3, null), (info.Members, info.Posterior));
        Assert.Equal(["Parameters", "Spread"], info.Outputs);

        var alone = Array.ConvertAll(members, member => Rows(member).Rows);
        var count = info.Parameters.Count;
        for (var row = 0; row < rows.GetLength(0); row++)
        {
            for (var k = 0; k < count; k++)
            {
                double[] answers = [.. alone.Select(scores => (double)scores[row, k])];
                // In the units that they learnt in: all but El are logarithms.
                var mean = info.Parameters[k].Name == "El" ? answers.Average() : Math.Exp(answers.Average(Math.Log));
                var spread = Math.Sqrt(answers.Sum(answer => Math.Pow(answer - answers.Average(), 2)) / 2);
                var size = answers.Max(Math.Abs);
                Assert.InRange(rows[row, k] - mean, -1e-5 * size, 1e-5 * size);
                Assert.InRange(rows[row, count + k] - spread, -1e-5 * size, 1e-5 * size);
                Assert.True(spread > 0);
            }
        }

        var metrics = PipelineMetrics.Load(Path.Combine(_tiny.Model, "metrics.json"))!.Test.Parameters;
        foreach (var (k, parameter) in info.Parameters.Index())
        {
            var spread = Enumerable.Range(0, rows.GetLength(0)).Average(row => (double)rows[row, count + k]);
            Assert.Equal(1, metrics[parameter.Name].MemberSpread!.Value / spread, 1e-5);
            Assert.Null(metrics[parameter.Name].MemberWidth);
        }

        Assert.Contains(
            "<h2>Networks of the ensemble</h2>",
            File.ReadAllText(Path.Combine(_tiny.Model, "report", "report.html")),
            StringComparison.Ordinal
        );
        // As a run of its own: the numbers of all, the kernel in all of their layers.
        var single = OnnxModelInfo.FromMetadata(OnnxFileCheck.Metadata(File.ReadAllBytes(members[0])));
        Assert.Equal(3 * single.TrainableNumbers, info.TrainableNumbers);
        var rewritten = KernelGraph.Of(File.ReadAllBytes(together));
        Assert.Empty(rewritten.Left);
        Assert.Equal(3 * KernelGraph.Of(File.ReadAllBytes(members[0])).Nodes.Count, rewritten.Nodes.Count);
        Assert.True(File.Exists(Path.Combine(_tiny.Model, "report", "report.html")));
        if (PythonOnnxFactAttribute.IsHere)
            PythonOnnxFactAttribute.Check(File.ReadAllBytes(together));

        var csv = _tiny["scores.csv"];
        Assert.Equal(0, Glifml.Run("score", "--model", together, Path.Combine(_tiny.Data, "test"), "--out", csv).Code);
        Assert.Equal(
            "source,trace,C,El,R_input,dt,th_inf,status,reason,C_spread,El_spread,R_input_spread,dt_spread,th_inf_spread",
            File.ReadLines(csv).First()
        );
        Assert.All(File.ReadLines(csv).Skip(1), line => Assert.DoesNotContain("NaN", line, StringComparison.Ordinal));
        Assert.Equal(0, Glifml.Run("score", "--model", together, Path.Combine(_tiny.Data, "test"), "--out", _tiny["scores.parquet"]).Code);
    }

    [Fact]
    public void Run_EnsembleOfPosteriors_GivesTheMixtureOfAll()
    {
        var (together, members) = Train(["--set", Two]);
        var (info, rows) = Rows(together);
        Assert.Equal((3, 6), (info.Members, info.Posterior!.Components));

        var alone = Array.ConvertAll(members, Rows);
        var widths = new double[info.Parameters.Count];
        for (var row = 0; row < rows.GetLength(0); row++)
        {
            Posterior[] own = [.. alone.Select(one => new Posterior(one.Info, OnnxModel.Row(one.Rows, row)))];
            for (var k = 0; k < widths.Length; k++)
                widths[k] += Math.Sqrt(own.Average(one => Math.Pow(one.Deviations[k], 2))) / rows.GetLength(0);
            GaussianMixture[] mixtures = [.. own.Select(one => one.Mixture)];
            Posterior expected = new(
                info.Posterior,
                new GaussianMixture(
                    [.. mixtures.SelectMany(m => m.Weights)],
                    [.. mixtures.SelectMany(m => m.Means)],
                    [.. mixtures.SelectMany(m => m.Factors)]
                )
            );
            Posterior found = new(info, OnnxModel.Row(rows, row));
            for (var k = 0; k < info.Parameters.Count; k++)
            {
                var width = expected.Deviations[k];
                Assert.InRange((found.Means[k] - expected.Means[k]) / width, -1e-4, 1e-4);
                Assert.InRange(found.Deviations[k] / width, 1 - 1e-4, 1 + 1e-4);
                for (var level = 0; level < PosteriorInfo.Levels.Count; level++)
                {
                    var at = (level * info.Parameters.Count) + k;
                    Assert.InRange((found.Quantiles[at] - expected.Quantiles[at]) / width, -1e-4, 1e-4);
                }
            }

            for (var k = 0; k < mixtures[0].Means.Length; k++)
                Assert.Equal(mixtures[0].Means[k], found.Mixture.Means[k], 1e-5 * Math.Max(1, Math.Abs(mixtures[0].Means[k])));
        }

        var metrics = PipelineMetrics.Load(Path.Combine(_tiny.Model, "metrics.json"))!.Test.Parameters;
        foreach (var (k, parameter) in info.Parameters.Index())
        {
            // But for the cut at the design's ends, which each network's posterior has for itself and the ensemble's for all: networks of
            // three epochs leave much to cut.
            Assert.InRange(metrics[parameter.Name].MemberWidth!.Value / widths[k], 0.9, 1.1);
            Assert.True(metrics[parameter.Name].MemberSpread > 0);
        }

        Assert.Equal(0, Glifml.Run("sample", "--model", together, Path.Combine(_tiny.Data, "test"), "--draws", "2", "--json").Code);
    }

    [Fact]
    public void Train_MemberByMember_MakesTheBytesOfOneRun()
    {
        Assert.Equal(0, _tiny.Run("generate").Code);
        Assert.Equal(0, _tiny.Run("train", "--set", Three).Code);
        var whole = File.ReadAllBytes(Path.Combine(_tiny.Model, "model.onnx"));
        Directory.Delete(_tiny.Model, recursive: true);

        foreach (var member in (string[])["2", "0"])
            Assert.Equal(0, _tiny.Run("train", "--set", Three, "--member", member).Code);
        // What is missing is one network, and the cluster is told to train that alone.
        string[] again = ["--data", _tiny.Data, "--output", _tiny.Model, "--scripts", _tiny["scripts"], "--dry-run", "--resume"];
        Assert.Equal(0, Glifml.Run(["submit", _tiny.Definition, "--set", Three, .. again]).Code);
        Assert.Contains(
            "\n#SBATCH --array=1\n",
            File.ReadAllText(Directory.GetFiles(_tiny["scripts"], "*-members.sh").Single()),
            StringComparison.Ordinal
        );
        Assert.Equal(0, _tiny.Run("train", "--set", Three, "--member", "1").Code);
        Assert.False(File.Exists(Path.Combine(_tiny.Model, "model.onnx")));
        Assert.Equal(0, _tiny.Run("train", "--set", Three, "--resume").Code);

        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(_tiny.Model, "model.onnx")));
    }

    [Fact]
    public void Submit_Ensemble_HasATaskANetwork()
    {
        string[] places = ["--data", _tiny.Data, "--output", _tiny.Model, "--scripts", _tiny["scripts"]];
        Assert.Equal(0, Glifml.Run(["submit", _tiny.Definition, "--dry-run", "--set", Three, .. places]).Code);

        var members = File.ReadAllText(_tiny["scripts", "3-members.sh"]);
        Assert.Contains("\n#SBATCH --array=0-2\n", members, StringComparison.Ordinal);
        Assert.Contains(" train \"$folder/pipeline.yaml\" --member \"$task\" ", members, StringComparison.Ordinal);
        Assert.Contains(
            " train \"$folder/pipeline.yaml\" --resume --quiet",
            File.ReadAllText(_tiny["scripts", "4-train.sh"]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Run_EnsembleOfWhatIsNoNetwork_IsRefused()
    {
        File.WriteAllText(_tiny["trees.yaml"], "extends: tiny.yaml\nensemble: 3\npipeline:\n  - trace-features\n  - fast-tree\n");

        var (code, _, error) = Glifml.Run("inspect", _tiny["trees.yaml"]);

        Assert.Equal(2, code);
        Assert.Contains("found trainer 'fast-tree' with ensemble: 3; expected a network (", error, StringComparison.Ordinal);
        Assert.Equal(2, _tiny.Run("train", "--member", "0").Code);
        Assert.Equal(2, _tiny.Run("train", "--set", "ensemble=1").Code);
    }

    private (string Together, string[] Members) Train(string[] set)
    {
        var (code, _, error) = _tiny.Run("run", [.. set, "--set", Three]);
        Assert.True(code == 0, error);
        var members = Array.ConvertAll(
            Seeds,
            seed =>
            {
                var folder = _tiny[$"member-{seed}"];
                string[] alone = ["--set", $"pipeline.bilstm.seed={seed}", "--data", _tiny.Data, "--output", folder, "--quiet"];
                Assert.Equal(0, Glifml.Run(["train", _tiny.Definition, .. set, .. alone]).Code);
                return Path.Combine(folder, "model.onnx");
            }
        );
        return (Path.Combine(_tiny.Model, "model.onnx"), members);
    }

    /// <summary>All outputs of a model for the test traces.</summary>
    private (OnnxModelInfo Info, float[,] Rows) Rows(string path)
    {
        using var model = OnnxModel.Load(path, new OnnxModelOptions { Engine = OnnxEngine.Steady });
        var shards = ShardDataView.Open(Path.Combine(_tiny.Data, "test"));
        var rows = Microsoft.ML.Data.ColumnCursorExtensions.GetColumn<float[]>(shards, shards.Schema["VoltageMv"]).ToArray();
        var currents = Microsoft.ML.Data.ColumnCursorExtensions.GetColumn<float[]>(shards, shards.Schema["StimulusPa"]).ToArray();
        return (
            model.Info,
            model.ScoreRows(
                rows.SelectMany(row => row).ToArray(),
                model.Info.ReadsStimulus ? currents.SelectMany(row => row).ToArray() : default
            )
        );
    }
}
