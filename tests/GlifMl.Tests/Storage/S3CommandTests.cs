using System.Diagnostics;
using System.Text.Json.Nodes;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using Xunit.Abstractions;

namespace GlifMl.Tests.Storage;

/// <summary>The commands, with shards and models in S3.</summary>
public sealed class S3CommandTests(ITestOutputHelper log) : IDisposable
{
    private const string Data = "s3://lab/data",
        Model = "s3://lab/models/tiny";

    private readonly S3Server _server = new();
    private readonly TinyPipeline _tiny = new();
    private readonly TempFolder _here = new(),
        _there = new();

    [Fact]
    public void Run_ShardsAndModelInS3_AreThoseOfOneMachine()
    {
        Assert.Equal(0, _tiny.Run("run").Code);
        Ok(_here, "run", _tiny.Definition, "--data", Data, "--output", Model, "--quiet");

        foreach (var path in Directory.GetFiles(_tiny.Data, "*", SearchOption.AllDirectories))
            Assert.Equal(File.ReadAllBytes(path), _server.Files[$"data/{Path.GetRelativePath(_tiny.Data, path)}"]);
        // model.onnx names its neuron from where it is; what it answers is to the digit the same.
        Assert.Equal(File.ReadAllBytes(Path.Combine(_tiny.Model, "predictions.csv")), _server.Files["models/tiny/predictions.csv"]);
        Assert.DoesNotContain("models/tiny/checkpoint/lock", _server.Files.Keys);
        Assert.Contains("models/tiny/report/report.html", _server.Files.Keys);

        // Another machine: nothing is made again, and what it needs is fetched.
        var before = _server.Requests.Count(IsMade);
        Assert.Contains("reuse", Ok(_there, "run", _tiny.Definition, "--data", Data, "--output", Model).Error, StringComparison.Ordinal);
        Assert.Equal(before, _server.Requests.Count(IsMade));
        var again = Ok(_there, "evaluate", _tiny.Definition, "--data", Data, "--output", Model, "--quiet", "--json").Output;
        Assert.Equal(
            $"{JsonNode.Parse(File.ReadAllText(Path.Combine(_tiny.Model, "metrics.json")))!["test"]}",
            $"{JsonNode.Parse(again)!["test"]}"
        );

        // What reads it.
        Ok(_there, "score", "--model", Model, $"{Data}/test", "--out", _there["remote.csv"], "--quiet");
        var test = Path.Combine(_tiny.Data, "test");
        var model = Path.Combine(_tiny.Model, "model.onnx");
        Assert.Equal(0, Glifml.Run("score", "--model", model, test, "--out", _there["local.csv"], "--quiet").Code);
        Assert.Equal(
            File.ReadAllText(_there["local.csv"]).Replace(test, $"{Data}/test", StringComparison.Ordinal),
            File.ReadAllText(_there["remote.csv"])
        );
        var split = JsonNode.Parse(Ok(_there, "inspect", $"{Data}/train", "--json").Output)!;
        Assert.Equal("shards 2 32 200", $"{split["kind"]} {split["shards"]} {split["traces"]} {split["samples"]}");
        Assert.Equal("dataset", (string?)JsonNode.Parse(Ok(_there, "inspect", Data, "--json").Output)!["kind"]);
        Assert.Contains(Model, Ok(_there, "inspect", Model, "--json").Output, StringComparison.Ordinal);
        var shard = $"{Data}/test/shard-00000-of-00001.parquet";
        Assert.Equal(shard, (string?)JsonNode.Parse(Ok(_there, "inspect", shard, "--json").Output)!["path"]);

        static bool IsMade(string request) => request.StartsWith("PUT", StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_InPartsAndBrokenOff_EndsInAllOfThem()
    {
        _server.Fault = (method, key) => method == "PUT" && key.EndsWith("00001-of-00002.parquet", StringComparison.Ordinal) ? 500 : null;
        var (code, _, error) = Run(_here, "generate", _tiny.Definition, "--output", Data, "--quiet");
        Assert.Equal(
            (
                2,
                "glifml: s3://lab/data/train/shard-00001-of-00002.parquet: "
                    + "found an error of the server, 500 InternalError; expected an answer\n"
            ),
            (code, error)
        );
        Assert.Contains("data/train/shard-00000-of-00002.parquet", _server.Files.Keys);
        _server.Fault = (_, _) => null;
        Ok(_here, "generate", _tiny.Definition, "--output", Data, "--shard", "1/2", "--quiet");
        var last = Ok(_there, "generate", _tiny.Definition, "--output", Data, "--shard", "0/2", "--quiet", "--json").Output;
        var train = JsonNode.Parse(last)!["splits"]!["train"]!;
        Assert.Equal("0 made, 1 kept", $"{train["made"]} made, {train["kept"]} kept");
        Ok(_there, "generate", _tiny.Definition, "--output", Data, "--assemble", "--quiet");

        _tiny.Run("generate");
        Assert.Equal(
            Directory
                .GetFiles(_tiny.Data, "*", SearchOption.AllDirectories)
                .Select(path => $"data/{Path.GetRelativePath(_tiny.Data, path)}")
                .Order(StringComparer.Ordinal),
            _server.Files.Keys.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Fit_RecordingsInS3_AnswersAsOfFilesHere()
    {
        const string Name = "569469018_sweep44";
        var file = Glifml.Path($"datasets/recordings/{Name}.csv");
        _server.Put($"cells/{Name}.csv", File.ReadAllBytes(file));
        _server.Put("cells/notes.md", [1]);
        Assert.Equal(0, Glifml.Run("fit", file, $"b={file},{file}", "--out", _here["here"], "--quiet").Code);

        var (_, said) = Ok(
            _there,
            "fit",
            "s3://lab/cells",
            $"b=s3://lab/cells/{Name}.csv,s3://lab/cells/{Name}.csv",
            "--out",
            _there["there"],
            "--quiet"
        );
        Assert.Empty(said);
        Assert.Equal(File.ReadAllText(_here["here", "cells.csv"]), File.ReadAllText(_there["there", "cells.csv"]));
        foreach (var cell in new[] { Name, "b" })
            Assert.Equal(
                File.ReadAllText(_here["here", cell, "neuron_config.json"]),
                File.ReadAllText(_there["there", cell, "neuron_config.json"])
            );

        _server.Put("bad/bad.csv", "time_s,voltage_mV\n0,x\n"u8.ToArray());
        Line("s3://lab/bad/bad.csv:2: found 'x' in voltage_mV; expected a number", "s3://lab/bad");
        Line($"s3://lab/cells/{Name}.csv: found no sweep 9; expected one of 0", $"a=s3://lab/cells/{Name}.csv", "--sweeps", "9");
        Line("s3://lab/none.csv: found no such file; expected a recording", "a=s3://lab/none.csv");

        void Line(string expected, params string[] arguments)
        {
            var (code, _, error) = Run(_there, ["fit", .. arguments, "--out", _there["not"], "--quiet"]);
            Assert.Equal((2, $"glifml: {expected}\n"), (code, error));
        }
    }

    [Fact]
    public void Commands_WithoutAServerOrARight_SayItInALine()
    {
        string[] generate = ["generate", _tiny.Definition, "--output", Data, "--quiet"];
        var (code, _, error) = GlifmlProcess.RunIn(
            _here[""],
            [.. _server.Environment, ("AWS_ACCESS_KEY_ID", null), ("AWS_SECRET_ACCESS_KEY", null), ("HOME", _here[""])],
            generate
        );
        Line("found no credentials; expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile (AWS_PROFILE)");
        (code, _, error) = Run(_here, "generate", _tiny.Definition, "--output", "s3://other/data", "--quiet");
        Line("found no such bucket; expected one that is there");
        (code, _, error) = Run(_here, "score", "--model", "s3://lab/nothing", "x.csv");
        Line("glifml: s3://lab/nothing/model.onnx: found no such file; expected one that is there");
        (code, _, error) = Run(_here, "inspect", "s3://lab/nothing");
        Line("glifml: s3://lab/nothing/manifest.json: found no such file; expected the manifest of a complete split");
        _server.Fault = (_, _) => 403;
        (code, _, error) = Run(_here, generate);
        Line("found no right to what was asked (");
        _server.Dispose();
        (code, _, error) = Run(_here, generate);
        Line($"expected a server at {_server.Address}");

        void Line(string expected)
        {
            Assert.Equal((2, 1), (code, error.Count(c => c == '\n')));
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_AListAndASweepInS3_PutTheirTablesThere()
    {
        var mean = File.ReadAllText(_tiny.Definition)
            .Split("  - scale-trace")[0]
            .Replace("name: tiny", "name: mean", StringComparison.Ordinal);
        File.WriteAllText(_tiny["mean.yaml"], mean + "  - mean\n");
        File.WriteAllText(_tiny["list.yaml"], "name: list\nseeds: [1]\nruns: {Which?: [mean.yaml]}\n");
        File.WriteAllText(_tiny["sweep.yaml"], mean + "  - sweep:\n    - mean\n    - - trace-features\n      - linear\n");

        Ok(_there, "run", _tiny["list.yaml"], "--output", "s3://lab/list", "--data", Data, "--quiet");
        Ok(_there, "sweep", _tiny["sweep.yaml"], "--output", "s3://lab/sweep", "--data", Data, "--quiet");

        Assert.Superset(
            new HashSet<string>
            {
                "list/mean-seed-1/model.onnx",
                "list/report/table.md",
                "list/report/report.html",
                "sweep/report/table.md",
                "sweep/best.yaml",
            },
            _server.Files.Keys.ToHashSet()
        );
        Assert.Equal(["datasets", "models"], Directory.GetDirectories(_there[""]).Select(path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public void Generate_IntoS3rver_ReadsBack()
    {
        var (code, address, fault) = Bash("up", _here["s3rver"]);
        if (code != 0)
        {
            // Node, npm or its registry are not here.
            log.WriteLine($"not tried: {fault}");
            return;
        }

        try
        {
            (string, string?)[] environment =
            [
                ("AWS_ENDPOINT_URL_S3", address.Trim()),
                ("AWS_ACCESS_KEY_ID", "S3RVER"),
                ("AWS_SECRET_ACCESS_KEY", "S3RVER"),
            ];
            Assert.Equal((0, ""), Of("generate", _tiny.Definition, "--output", "s3://glifml/data", "--quiet"));
            Assert.Equal((0, ""), Of("run", _tiny.Definition, "--data", "s3://glifml/data", "--output", "s3://glifml/model", "--quiet"));
            Assert.Equal(
                (0, ""),
                Of("score", "--model", "s3://glifml/model", "s3://glifml/data/test", "--out", _there["scores.csv"], "--quiet")
            );
            Assert.Equal(9, File.ReadAllLines(_there["scores.csv"]).Length);

            // In parts, which its own commands are too small for.
            var storage = new GlifMl.Pipelines.S3Storage(
                GlifMl.Pipelines.S3Connection.Open(address.Trim(), new Amazon.Runtime.BasicAWSCredentials("S3RVER", "S3RVER"))
            )
            {
                PartBytes = 5 << 20,
            };
            var content = new byte[12 << 20];
            new Random(1).NextBytes(content);
            File.WriteAllBytes(_there["large"], content);
            storage.Put(new("glifml", "large"), _there["large"]);
            storage.Fetch(new("glifml", "large"), _there["back"]);
            Assert.Equal(content, File.ReadAllBytes(_there["back"]));

            (int, string) Of(params string[] arguments)
            {
                var (result, _, error) = GlifmlProcess.RunIn(_there[""], environment, arguments);
                return (result, error);
            }
        }
        finally
        {
            Bash("down", _here["s3rver"]);
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        _tiny.Dispose();
        _here.Dispose();
        _there.Dispose();
    }

    private static (int Code, string Output, string Error) Bash(string command, string folder)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo("bash", [Glifml.Path("tests/s3rver.sh"), command, folder])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    UseShellExecute = false,
                }
            )!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (1, "", e.Message);
        }
    }

    private (int Code, string Output, string Error) Run(TempFolder folder, params string[] arguments) =>
        GlifmlProcess.RunIn(folder[""], _server.Environment, arguments);

    private (string Output, string Error) Ok(TempFolder folder, params string[] arguments)
    {
        var (code, output, error) = Run(folder, arguments);
        Assert.True(code == 0, error);
        return (output, error);
    }
}
