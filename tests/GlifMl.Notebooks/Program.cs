using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;

// Runs every code cell in the notebook's folder, and prints what each gives; with --write the notebook keeps it.
var path = Path.GetFullPath(args[0]);
Environment.CurrentDirectory = Path.GetDirectoryName(path)!;
var notebook = JsonNode.Parse(File.ReadAllText(path))!;
using var csharp = new CSharpKernel().UseKernelHelpers().UseWho();
using var kernel = new CompositeKernel { csharp };
var (failed, number) = (0, 0);
foreach (var cell in notebook["cells"]!.AsArray().Where(cell => (string)cell!["cell_type"]! == "code"))
{
    number++;
    var code = string.Concat(cell!["source"]!.AsArray().Select(line => (string)line!));
    var result = await kernel.SendAsync(new SubmitCode(WithBuiltLibraries(code), csharp.Name));
    var outputs = new JsonArray();
    foreach (var happened in result.Events)
    {
        switch (happened)
        {
            case CommandFailed failure:
                failed++;
                Console.WriteLine($"cell {number}: failed: {failure.Message}");
                break;
            case StandardOutputValueProduced text:
                var words = text.FormattedValues.First().Value;
                Console.Write(words);
                outputs.Add(
                    new JsonObject
                    {
                        ["name"] = "stdout",
                        ["output_type"] = "stream",
                        ["text"] = Lines(words),
                    }
                );
                break;
            case DisplayEvent shown when shown.FormattedValues.FirstOrDefault() is { } value:
                Console.WriteLine($"cell {number}: {value.MimeType}, {value.Value.Length} characters");
                outputs.Add(
                    new JsonObject
                    {
                        ["data"] = new JsonObject { [value.MimeType] = Lines(value.Value) },
                        ["metadata"] = new JsonObject(),
                        ["output_type"] = "display_data",
                    }
                );
                break;
        }
    }

    cell["outputs"] = outputs;
    cell["execution_count"] = number;
}

if (args.Contains("--write") && failed == 0)
{
    var readable = new JsonSerializerOptions
    {
        WriteIndented = true,
        IndentSize = 1,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    File.WriteAllText(path, $"{notebook.ToJsonString(readable)}\n");
}

Console.WriteLine($"{number} cells, {failed} failed");
return failed == 0 ? 0 : 1;

// The packages of a reader are the libraries that this program was built with.
static string WithBuiltLibraries(string code)
{
    if (!code.Contains("#r \"nuget:", StringComparison.Ordinal))
        return code;
    var names = new[] { "GlifMl.*.dll", "Microsoft.ML*.dll", "ScottPlot.dll", "TorchSharp.dll" };
    var libraries = names.SelectMany(name => Directory.GetFiles(AppContext.BaseDirectory, name)).Distinct();
    var own = code.Split('\n').Where(line => !line.StartsWith("#r \"nuget:", StringComparison.Ordinal));
    return string.Join('\n', [.. libraries.Select(library => $"#r \"{library}\""), .. own]);
}

static JsonArray Lines(string text) => [.. text.ReplaceLineEndings("\n").Split('\n').Select(line => (JsonNode)(line + "\n"))];
