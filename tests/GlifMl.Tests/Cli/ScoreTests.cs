using System.Diagnostics;
using System.Text.Json;
using GlifMl.Onnx;
using GlifMl.Tests.Onnx;
using Parquet;

namespace GlifMl.Tests.Cli;

/// <summary>
/// What `glifml score` says of files good and bad, with a model whose answers are known: C is the sum of four voltages, El the last.
/// </summary>
public sealed class ScoreTests : IDisposable
{
    private const string Good =
        "time_s,current_pA,voltage_mV\n0,0,-70\n0.001,0,-70\n0.002,50,-69.5\n0.003,50,-69\n0.004,50,-68.5\n0.005,50,-68\n";

    private readonly Datasets.TempFolder _folder = new();
    private readonly string _model;

    public ScoreTests()
    {
        _model = _folder["model.onnx"];
        var info = TestModels.Info() with { Parameters = [new("C", "F", ValueRange.Of([1, 6])), new("El", "V", ValueRange.Of([-5, 5]))] };
        File.WriteAllBytes(_model, TestModels.Bytes(info));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Score_GoodFile_IsReadAndShownInUnitsOfTheField()
    {
        var (code, output, error) = Score(Write("good.csv", Good));

        Assert.Equal("", error);
        Assert.Equal(0, code);
        Assert.Contains("C (pF)", output, StringComparison.Ordinal);
        Assert.Contains("El (mV)", output, StringComparison.Ordinal);
        Assert.Matches(@"good\.csv \| +0 \| +5E\+12 \| +2000 \| +read", output);
    }

    [Fact]
    public void Score_OneBadFileOfThree_LosesNoOther()
    {
        var (good, bad, again) = (
            Write("a.csv", Good),
            Write("b.csv", Good.Replace("-69.5", "x", StringComparison.Ordinal)),
            Write("c.csv", Good)
        );

        var (code, output, error) = Score(good, bad, again, "--out", _folder["scores.csv"]);

        Assert.Equal(1, code);
        Assert.Equal($"{_folder["scores.csv"]}: 3 traces", output.TrimEnd());
        Assert.Equal(
            $"glifml: {bad}:4: found 'x' in voltage_mV; expected a number\nglifml: 1 of 3 could not be read",
            error.ReplaceLineEndings("\n").TrimEnd()
        );
        Assert.Equal(
            [
                "source,trace,C,El,status,reason",
                $"{good},0,5,2,read,",
                $"{bad},0,NaN,NaN,not read,{bad}:4: found 'x' in voltage_mV; expected a number",
                $"{again},0,5,2,read,",
            ],
            File.ReadLines(_folder["scores.csv"])
        );
    }

    [Fact]
    public void Score_OneBadFileAlone_IsBadInput()
    {
        var bad = Write("b.csv", "time_s,voltage\n0,-70\n0.001,-70\n");

        var (code, output, error) = Score(bad, "--out", _folder["scores.csv"]);

        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Equal(
            $"glifml: {bad}:1: found column voltage without a unit; "
                + "expected one in its name, such as voltage_mV: its values, -70 to -70, look like mV",
            error.TrimEnd()
        );
        Assert.False(File.Exists(_folder["scores.csv"]));
    }

    [Fact]
    public async Task Score_AnswerOutsideTraining_SaysSoInEveryFormat()
    {
        var high = Write("high.csv", Good.Replace("-68\n", "-60\n", StringComparison.Ordinal));
        const string Reason =
            "C 1.3E+13 pF at or beyond the edge of training, 1E+12 to 6E+12 pF; "
            + "El 1E+04 mV at or beyond the edge of training, -5000 to 5000 mV";

        foreach (var format in (string[])["csv", "parquet", "json"])
        {
            var (code, _, error) = Score(high, "--out", _folder["scores." + format]);
            Assert.Equal(0, code);
            Assert.Equal($"glifml: warning: {high}, trace 0: outside: {Reason}", error.TrimEnd());
        }

        Assert.Equal($"{high},0,13,10,outside,\"{Reason}\"", File.ReadLines(_folder["scores.csv"]).Last());
        var row = JsonDocument.Parse(File.ReadAllText(_folder["scores.json"])).RootElement[0];
        Assert.Equal(("outside", Reason), (row.GetProperty("status").GetString(), row.GetProperty("reason").GetString()));
        await using var parquet = await ParquetReader.CreateAsync(_folder["scores.parquet"]);
        Assert.Equal(["source", "trace", "C", "El", "status", "reason"], parquet.Schema.Fields.Select(f => f.Name));
        var (_, table, _) = Score(high);
        Assert.Contains($"  outside: {Reason.Split("; ")[0]}", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_AnswerToNothing_IsNoAnswer()
    {
        // The sum of no voltages is what the model answers to a trace of nothing.
        var flat = Write(
            "flat.csv",
            "time_s,stimulus_A,voltage_V,threshold_V\n0,1e-10,0,0.03\n0.001,0,0,0.03\n0.002,0,0,0.03\n0.003,0,0,0.03\n"
        );

        var (code, output, _) = Score(flat, "--json");

        Assert.Equal(0, code);
        var row = JsonDocument.Parse(output).RootElement[0];
        Assert.Equal("not read", row.GetProperty("status").GetString());
        Assert.Equal("C, El: constants that the model answers where a trace does not tell", row.GetProperty("reason").GetString());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("C").ValueKind);
    }

    [Fact]
    public void Score_FolderOfRecordingsAndSweeps_GivesARowEach()
    {
        Directory.CreateDirectory(_folder["cells"]);
        Write("cells/a.csv", Good);
        Write(
            "cells/b.tsv",
            "time_ms\tcurrent_pA\tvoltage_mV_1\tvoltage_mV_2\n"
                + string.Concat(Enumerable.Range(0, 7).Select(n => $"{n}\t{(n < 2 ? 0 : 50)}\t{-70 + n}\t{-70 - n}\n"))
        );
        Write("cells/notes.md", "no recording");

        var (code, _, _) = Score(_folder["cells"], "--out", _folder["scores.csv"]);

        Assert.Equal(0, code);
        Assert.Equal(
            ["a.csv 0", "b.tsv 1", "b.tsv 2"],
            File.ReadLines(_folder["scores.csv"]).Skip(1).Select(l => l.Split(',')).Select(c => $"{Path.GetFileName(c[0])} {c[1]}")
        );
    }

    [Fact]
    public void Score_OneBadSweepOfAFile_LosesNoOther()
    {
        var file = Write(
            "sweeps.csv",
            "sweep,time_s,current_pA,voltage_mV\n"
                + string.Concat(Enumerable.Range(0, 6).Select(n => $"1,{n}e-3,{(n < 2 ? 0 : 50)},{-70 + n}\n"))
                + string.Concat(Enumerable.Range(0, 6).Select(n => $"2,{n}e-3,0,{-70 + n}\n"))
        );

        var (code, _, error) = Score(file, "--out", _folder["scores.csv"]);

        Assert.Equal(1, code);
        Assert.Contains(
            $"glifml: {file}, sweep 2: recording: found no current in 0.006 s (6 samples); expected a stimulus",
            error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Score_StandardInput_IsARecording()
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "glifml.dll"), "score", "--model", _model, "-", "--json"]
        )
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(Good);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        var row = JsonDocument.Parse(output).RootElement[0];
        Assert.Equal(("standard input", "read"), (row.GetProperty("source").GetString(), row.GetProperty("status").GetString()));
    }

    private (int Code, string Output, string Error) Score(params string[] arguments) =>
        Glifml.Run(["score", "--model", _model, .. arguments]);

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
