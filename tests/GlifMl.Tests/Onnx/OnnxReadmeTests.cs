using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using GlifMl.Onnx;
using GlifMl.Onnx.Protos;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Tests.Onnx;

/// <summary>What src/GlifMl.Onnx/README.md says of a model is so of one that was just trained.</summary>
[Collection(TorchTests.Name)]
public sealed partial class OnnxReadmeTests : IClassFixture<OnnxReadmeTests.Trained>
{
    private const string This = "tests/GlifMl.Tests/Onnx/OnnxReadmeTests.cs";
    private const string Published = "\"models/quickstart/model.onnx\"";

    private static readonly ReadmeText Readme = new("src/GlifMl.Onnx/README.md");

    private readonly Trained _trained;

    public OnnxReadmeTests(Trained trained) => _trained = trained;

    [Fact]
    public void Traces_WithThisProjectAlone_GiveParameters()
    {
        var (path, voltagesMv, stimuliPa) = (_trained.Model, _trained.Voltages, _trained.Stimuli);
        var written = Written(() =>
        {
            using var model = OnnxModel.Load(path);
            var parameters = model.Score(voltagesMv, stimuliPa); // [traces, parameters]; no stimuli where the model reads none
            for (var k = 0; k < model.Info.Parameters.Count; k++)
                Console.WriteLine($"{model.Info.Parameters[k].Name} = {parameters[0, k]:G4} {model.Info.Parameters[k].Unit}");
        });

        Assert.Equal(["C", "El", "R_input", "dt", "th_inf"], written.Select(line => line.Split(' ')[0]));
        Assert.Equal(["F", "V", "ohm", "s", "V"], written.Select(line => line.Split(' ')[^1]));
        Readme.AssertCodeIsIn("OnnxReadmeTests.Traces", This, Publish);
    }

    [Fact]
    public void Recording_WithThisProjectAlone_IsPreparedScoredAndChecked()
    {
        var path = _trained.Model;
        var (samplingIntervalSeconds, voltageMv, currentPa) = _trained.Recording;
        var written = Written(() =>
        {
            using var model = OnnxModel.Load(path);
            var recording = new Recording(samplingIntervalSeconds, voltageMv, currentPa); // absolute mV, NaN where a sample is missing
            var prepared = new RecordingPreparer(model.Info).Prepare(recording);
            var scores = model.Score([prepared.VoltageMv], model.Info.ReadsStimulus ? [prepared.StimulusPa!] : null);
            var answer = new AnswerCheck(model).Check([.. scores.Cast<float>()], prepared);
            Console.WriteLine($"{answer.Status}: {string.Join("; ", answer.Reasons)}"); // Read, Outside or NotRead, and why
        });

        Assert.Matches("^(Read|Outside|NotRead): ", Assert.Single(written));
        Readme.AssertCodeIsIn("OnnxReadmeTests.Recording", This, Publish);
    }

    [Fact]
    public void Runtime_Alone_GivesWhatThisProjectGives()
    {
        var path = _trained.Model;
        float[] voltagesMv = [.. _trained.Voltages.SelectMany(trace => trace)],
            stimuliPa = [.. _trained.Stimuli.SelectMany(trace => trace)];
        var written = Written(() =>
        {
            using var session = new InferenceSession(path);
            var metadata = session.ModelMetadata.CustomMetadataMap;
            var names = JsonSerializer.Deserialize<string[]>(metadata["glifml.parameters"])!;
            var samples = JsonSerializer.Deserialize<int>(metadata["glifml.samples"]);

            long[] shape = [voltagesMv.Length / samples, samples];
            using var voltage = OrtValue.CreateTensorValueFromMemory(voltagesMv, shape); // float[], the traces one after the other
            using var stimulus = OrtValue.CreateTensorValueFromMemory(stimuliPa, shape);
            using var options = new RunOptions();
            using var outputs = session.Run(options, ["VoltageMv", "StimulusPa"], [voltage, stimulus], ["Parameters"]);
            var parameters = outputs[0].GetTensorDataAsSpan<float>(); // [traces, parameters]
            Console.WriteLine($"{names[0]} = {parameters[0]:G4}");
        });

        using var model = OnnxModel.Load(path);
        Assert.Equal([$"C = {model.Score(_trained.Voltages, _trained.Stimuli)[0, 0]:G4}"], written);
        Readme.AssertCodeIsIn("OnnxReadmeTests.Runtime", This, Publish);
    }

    [PythonFact]
    public void Python_GivesWhatThisProjectGives()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["traces.json"], JsonSerializer.Serialize(new[] { _trained.Voltages, _trained.Stimuli }));
        File.WriteAllText(
            folder["snippet.py"],
            $"""
            import json, sys
            {PythonFactAttribute.Runtime}
            voltages_mv, stimuli_pa = json.load(open({Quote(folder["traces.json"])}))
            {Readme.Code("OnnxReadmeTests.Python", "python").Replace(Published, Quote(_trained.Model), StringComparison.Ordinal)}
            """
        );

        var written = PythonFactAttribute.Run(folder["snippet.py"]);

        using var model = OnnxModel.Load(_trained.Model);
        var expected = model.Score(_trained.Voltages, _trained.Stimuli);
        Assert.Equal(model.Info.Parameters.Count, written.Length);
        foreach (var (k, parameter) in model.Info.Parameters.Index())
        {
            var words = written[k].Split(' ');
            Assert.Equal((parameter.Name, parameter.Unit), (words[0], words[^1]));
            if (PythonFactAttribute.IsReal)
                Assert.Equal(
                    expected[0, k],
                    float.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture),
                    Math.Abs(expected[0, k]) * 1e-3f
                );
        }
    }

    [Fact]
    public void Graph_OfATrainedModel_IsAsTheTableSays()
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_trained.Model));
        Assert.Equal(["VoltageMv", "StimulusPa"], model.Graph.Input.Select(i => i.Name));
        Assert.Equal(["Parameters"], model.Graph.Output.Select(o => o.Name));
        Assert.All(
            model.Graph.Input.Concat(model.Graph.Output),
            value =>
            {
                Assert.Equal((int)TensorProto.Types.DataType.Float, value.Type.TensorType.ElemType);
                Assert.Equal("N", value.Type.TensorType.Shape.Dim[0].DimParam);
                Assert.Equal(2, value.Type.TensorType.Shape.Dim.Count);
            }
        );
        Assert.Equal((8, 17), (model.IrVersion, model.OpsetImport.Single().Version));
        Assert.Contains("opset 17 and intermediate representation 8", Readme.Text, StringComparison.Ordinal);
        Assert.Contains("producer, `glifml`", Readme.Text, StringComparison.Ordinal);
        Assert.Equal("glifml", model.ProducerName);
    }

    [Fact]
    public void Metadata_OfATrainedModel_HasTheKeysOfTheTable()
    {
        // Of a model that is told nothing, is one network, and has no posterior.
        string[] others = ["glifml.known", "glifml.members", "glifml.posterior"];
        var rows = Key().Matches(Readme.Text).Select(match => match.Groups[1].Value).Except(others).ToArray();
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_trained.Model));

        Assert.Equal(model.MetadataProps.Select(e => e.Key).Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
        Assert.All(rows[..^2], key => JsonDocument.Parse(model.MetadataProps.Single(e => e.Key == key).Value).Dispose());
        using var range = JsonDocument.Parse(model.MetadataProps.Single(e => e.Key == "glifml.parameterRanges").Value);
        Assert.Contains(
            $"{{{string.Join(", ", range.RootElement[0].EnumerateObject().Select(property => $"\"{property.Name}\""))}}}",
            Readme.Text,
            StringComparison.Ordinal
        );
        foreach (var handling in Enum.GetNames<SpikeCutHandling>())
            Assert.Contains($"| `{JsonNamingPolicy.CamelCase.ConvertName(handling)}` |", Readme.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(RecordingPreparer), "IntervalTolerance", 0.01, "Within 1 % of the model's range")]
    [InlineData(typeof(RecordingPreparer), "LargestIntervalRatio", 10, "more than 10 times the model's")]
    [InlineData(typeof(RecordingPreparer), "LargestFineness", 100, "more than 100 times as fine")]
    [InlineData(typeof(RecordingBaseline), "LowestRestMv", -120, "A rest outside −120 to −20 mV")]
    [InlineData(typeof(RecordingBaseline), "HighestRestMv", -20, "A rest outside −120 to −20 mV")]
    [InlineData(typeof(RecordingGaps), "LongestSeconds", 5e-3, "up to 5 ms become straight lines")]
    [InlineData(typeof(AnswerCheck), "LargestIntervalFactor", 1.5, "more than 1.5 times the recording's interval")]
    public void Figures_OfThePreparation_AreThoseOfTheCode(Type type, string constant, double value, string words)
    {
        var field = type.GetField(constant, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
        Assert.Equal(value, Convert.ToDouble(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Contains(words, Readme.Text, StringComparison.Ordinal);
    }

    private static string Publish(string source) =>
        source
            .Replace("OnnxModel.Load(path)", $"OnnxModel.Load({Published})", StringComparison.Ordinal)
            .Replace("new InferenceSession(path)", $"new InferenceSession({Published})", StringComparison.Ordinal);

    private static string Quote(string path) => JsonSerializer.Serialize(path);

    // The collection's tests run one at a time, so that no other writes meanwhile.
    private static string[] Written(Action act)
    {
        var before = Console.Out;
        using var writer = new StringWriter();
        Console.SetOut(writer);
        try
        {
            act();
        }
        finally
        {
            Console.SetOut(before);
        }

        return writer.ToString().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"^\| `(glifml\.\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Key();

    /// <summary>A model of voltage and current, trained in a second, and traces for it.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TinyPipeline _tiny = new();

        public Trained()
        {
            const string Chain =
                "pipeline=[{scale-targets: {C: log}}, {channels: {columns: [voltage, stimulus]}}, {bilstm: {hidden: 3, epochs: 1}}]";
            var (code, _, error) = _tiny.Run("run", "--set", Chain);
            Assert.True(code == 0, error);
            Model = Path.Combine(_tiny.Model, "model.onnx");
            var shards = ShardDataView.Open(Path.Combine(_tiny.Data, "test"));
            Voltages = [.. shards.GetColumn<float[]>("VoltageMv")];
            Stimuli = [.. shards.GetColumn<float[]>("StimulusPa")];
        }

        public string Model { get; }

        public float[][] Voltages { get; }

        public float[][] Stimuli { get; }

        /// <summary>A step of current on a membrane at rest, as an amplifier records it.</summary>
        public (double, float[], float[]) Recording =>
            (
                1e-4,
                [.. Enumerable.Range(0, 2000).Select(n => -70f + (n < 100 ? 0 : 5 * (1 - MathF.Exp((100 - n) / 200f))))],
                [.. Enumerable.Range(0, 2000).Select(n => n < 100 ? 0f : 50)]
            );

        public void Dispose() => _tiny.Dispose();
    }
}

/// <summary>
/// A test that runs Python. Without onnxruntime, which not every system has, a stand-in takes its place: it knows the model's metadata and
/// inputs through the onnx package, refuses inputs of another name, type or shape, and gives zeros. Skipped, and said so, where neither is
/// there.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonFactAttribute : FactAttribute
{
    private const string Python = "/usr/bin/python3";

    private const string StandIn = """
        import types, onnx, numpy
        class _Session:
            def __init__(self, path):
                self._model = onnx.load(path)
            def get_modelmeta(self):
                return types.SimpleNamespace(custom_metadata_map={e.key: e.value for e in self._model.metadata_props})
            def run(self, names, inputs):
                declared = {i.name: i.type.tensor_type for i in self._model.graph.input}
                assert set(inputs) == set(declared), (set(inputs), set(declared))
                for name, value in inputs.items():
                    assert value.dtype == numpy.float32 and declared[name].elem_type == onnx.TensorProto.FLOAT, name
                    assert value.ndim == 2 and value.shape[1] == declared[name].shape.dim[1].dim_value, (name, value.shape)
                outputs = {o.name: o.type.tensor_type.shape.dim[1].dim_value for o in self._model.graph.output}
                rows = next(iter(inputs.values())).shape[0]
                return [numpy.zeros((rows, outputs[name]), numpy.float32) for name in names]
        sys.modules["onnxruntime"] = types.SimpleNamespace(InferenceSession=_Session)
        """;

    private static readonly Lazy<bool> HasRuntime = new(() => Has("onnxruntime", "numpy"));
    private static readonly Lazy<bool> HasFormat = new(() => Has("onnx", "numpy"));

    public PythonFactAttribute()
    {
        if (!HasRuntime.Value && !HasFormat.Value)
            Skip =
                $"{Python} with numpy and onnxruntime, or onnx in its place, is not installed here (Debian: apt-get install python3-onnx)";
    }

    /// <summary>Whether OnnxRuntime itself runs, and not the stand-in.</summary>
    public static bool IsReal => HasRuntime.Value;

    /// <summary>What a script begins with: nothing, or the stand-in.</summary>
    public static string Runtime => IsReal ? "" : StandIn;

    /// <summary>Runs a script; fails with what it says on standard error.</summary>
    public static string[] Run(params string[] arguments)
    {
        var (code, output, error) = Start(arguments);
        Assert.True(code == 0, error);
        return output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static bool Has(params string[] modules) =>
        File.Exists(Python) && Start("-c", string.Join('\n', modules.Select(module => $"import {module}"))).Code == 0;

    private static (int Code, string Output, string Error) Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
