using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Onnx;

public sealed class StockLoaderTests
{
    private sealed record Loaded(string[] slotNames, float[][] rows);

    [Fact]
    public void Save_ChainOfOwnAndStockSteps_LoadsWithStockMlNetAlone()
    {
        var ml = new MLContext(1);
        var rows = TestRows.Rows(5);
        var data = ml.Data.LoadFromEnumerable(rows);
        var stock = ml.Transforms.CopyColumns("Raw", "Trace").Fit(data);
        var own = new WeightedSum(stock.GetOutputSchema(data.Schema), TestRows.Size, trace: "Raw");
        var chain = new TransformerChain<ITransformer>(stock, own);
        var folder = Directory.CreateTempSubdirectory("glifml-test-");
        try
        {
            var model = Path.Combine(folder.FullName, "model.zip");
            var input = Path.Combine(folder.FullName, "rows.json");
            ml.Model.Save(chain, data.Schema, model);
            File.WriteAllText(
                input,
                JsonSerializer.Serialize(
                    new Dictionary<string, float[][]>
                    {
                        ["Trace"] = [.. rows.Select(r => r.Trace)],
                        ["Gain"] = [.. rows.Select(r => new[] { r.Gain })],
                        ["Offset"] = [.. rows.Select(r => new[] { (float)r.Offset })],
                    }
                )
            );

            var loaded = JsonSerializer.Deserialize<Loaded>(Run(model, input, "Sum"))!;

            Assert.Equal(["s0", "s1", "s2", "s3"], loaded.slotNames);
            Assert.Equal(rows.Select(TestRows.Expected), loaded.rows);
            Assert.Equal(TestRows.Read(chain.Transform(data), "Sum"), loaded.rows);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The loader is built beside the tests, into a folder of its own: bin/CONFIGURATION/FRAMEWORK under its project.
    private static string Run(params string[] arguments)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var tests = output.Parent!.Parent!.Parent!.Parent!.FullName;
        var program = Path.Combine(tests, "GlifMl.StockLoader", "bin", output.Parent.Name, output.Name, "GlifMl.StockLoader.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
        return text;
    }
}
