using System.Globalization;
using System.Text.Json;
using GlifMl.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Tests.Cli;

/// <summary>`glifml score` over many traces: in order, in bounded memory, and what is finished is kept.</summary>
public sealed class ScoreStreamTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Score_Shards_GivesEveryTraceInOrder()
    {
        var shards = Shards(500);

        var (code, output, error) = Glifml.Run("score", "--model", Model(), shards, "--out", _folder["scores.csv"]);

        Assert.Equal((0, $"{_folder["scores.csv"]}: 500 traces"), (code, output.TrimEnd()));
        Assert.DoesNotContain("could not", error, StringComparison.Ordinal);
        var rows = File.ReadLines(_folder["scores.csv"]).Skip(1).Select(line => line.Split(',')).ToArray();
        Assert.Equal(500, rows.Length);
        for (var trace = 0; trace < rows.Length; trace++)
        {
            Assert.Equal(trace.ToString(CultureInfo.InvariantCulture), rows[trace][1]);
            var sum = Enumerable.Range(0, TestModels.Samples).Sum(n => HashedTraces.Voltage(trace, n));
            Assert.Equal(sum, float.Parse(rows[trace][2], CultureInfo.InvariantCulture), tolerance: 1e-3f);
        }
    }

    [Fact]
    public void Score_Interrupted_KeepsWhatIsFinished()
    {
        var shards = Shards(4000);
        using var source = new CancellationTokenSource();
        using var output = new CountingWriter(source, rows: 50);
        var error = new StringWriter();

        var code = CommandLine.Run(
            ["score", "--model", Model(), shards, "--json", "--out", _folder["scores.csv"]],
            output,
            error,
            source.Token
        );

        Assert.Equal(130, code);
        var printed = JsonDocument.Parse(output.ToString()).RootElement.EnumerateArray().ToArray();
        Assert.InRange(printed.Length, 50, 3999);
        Assert.Equal(printed.Length, File.ReadLines(_folder["scores.csv"]).Count() - 1);
        Assert.Equal(Enumerable.Range(0, printed.Length), printed.Select(row => row.GetProperty("trace").GetInt32()));
        Assert.Contains(
            $"glifml: interrupted after {printed.Length} traces; {_folder["scores.csv"]} has these and no others\n",
            error.ToString().ReplaceLineEndings("\n"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Score_InterruptedBeforeTheFirstTrace_LeavesTheOldFile()
    {
        File.WriteAllText(_folder["scores.csv"], "old");
        using var source = new CancellationTokenSource();
        source.Cancel();
        var error = new StringWriter();

        var code = CommandLine.Run(
            ["score", "--model", Model(), Shards(40), "--out", _folder["scores.csv"]],
            TextWriter.Null,
            error,
            source.Token
        );

        Assert.Equal(130, code);
        Assert.Equal("old", File.ReadAllText(_folder["scores.csv"]));
    }

    [Fact]
    public void Score_ModelWithLstm_ReadsTheFileAndLeavesIt()
    {
        var c = new LstmEngineTests.Case(1, 2, 5, 1, 4, 1, Padded: false, ReadOut: 2, Seed: 1);
        File.WriteAllBytes(_folder["lstm.onnx"], c.Model());
        var (shards, scores) = (Shards(100), new List<string[]>());

        foreach (var engine in (string[])["auto", "kernel", "onnxruntime"])
        {
            var (code, _, _) = Glifml.Run("score", "--model", _folder["lstm.onnx"], shards, "--engine", engine, "--out", _folder["s.csv"]);
            Assert.Equal(0, code);
            scores.Add(File.ReadAllLines(_folder["s.csv"]));
        }

        Assert.Equal(c.Model(), File.ReadAllBytes(_folder["lstm.onnx"]));
        using var stock = new InferenceSession(_folder["lstm.onnx"]);
        Assert.Equal(["VoltageMv"], stock.InputMetadata.Keys);
        foreach (var (plain, other) in scores[2].Skip(1).Zip(scores[1].Skip(1)).Concat(scores[2].Skip(1).Zip(scores[0].Skip(1))))
        {
            double Number(string line, int column) => double.Parse(line.Split(',')[column], CultureInfo.InvariantCulture);
            Assert.Equal(Number(plain, 2), Number(other, 2), tolerance: 1e-5);
            Assert.Equal(Number(plain, 3), Number(other, 3), tolerance: 1e-5);
        }
    }

    [Fact]
    public void Score_VerboseAndUnknownEngine_SayWhatRunsAndWhatIsExpected()
    {
        var c = new LstmEngineTests.Case(1, 2, 5, 1, 4, 1, Padded: false, ReadOut: 2, Seed: 1);
        File.WriteAllBytes(_folder["lstm.onnx"], c.Model());

        var (_, _, verbose) = Glifml.Run("score", "--model", _folder["lstm.onnx"], Shards(40), "--out", _folder["s.csv"], "--verbose");
        var (code, _, error) = Glifml.Run("score", "--model", _folder["lstm.onnx"], "x", "--engine", "fast");
        var (none, _, refused) = Glifml.Run("score", "--model", Model(), "x", "--engine", "kernel");

        Assert.Contains("traces of 4 samples on one thread: ", verbose, StringComparison.Ordinal);
        Assert.Equal(2, code);
        Assert.StartsWith("glifml: --engine: found 'fast'; expected auto, steady, kernel, onnxruntime", error, StringComparison.Ordinal);
        Assert.Equal(2, none);
        Assert.Contains("found no LSTM node; expected one for the engine 'kernel'", refused, StringComparison.Ordinal);
    }

    private string Model()
    {
        File.WriteAllBytes(_folder["model.onnx"], TestModels.Bytes(TestModels.Info()));
        return _folder["model.onnx"];
    }

    private string Shards(long count) => ScoredShards.Generate(_folder["data"], count);

    /// <summary>Interrupts the command once so many rows have been printed.</summary>
    private sealed class CountingWriter(CancellationTokenSource source, int rows) : StringWriter(CultureInfo.InvariantCulture)
    {
        private int _rows;

        public override void Write(string? value)
        {
            base.Write(value);
            if (value?.Contains("\"trace\"", StringComparison.Ordinal) == true && ++_rows == rows)
                source.Cancel();
        }
    }
}
