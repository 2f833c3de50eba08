using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlifMl.Onnx;

/// <summary>Writes <see cref="OnnxModelInfo"/> to the metadata of an .onnx file and reads it back.</summary>
internal static class OnnxModelMetadata
{
    private const string Prefix = "glifml.";
    private const int Version = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public static Dictionary<string, string> Write(OnnxModelInfo info)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("version", Version);
        Add("parameters", info.Parameters.Select(p => p.Name));
        Add("units", info.Parameters.Select(p => p.Unit));
        Add("parameterRanges", info.Parameters.Select(p => p.TrainingRange));
        Add("inputs", info.Inputs);
        Add("samples", info.Samples);
        Add("samplingIntervalSeconds", new[] { info.SamplingIntervalMinimumSeconds, info.SamplingIntervalMaximumSeconds });
        Add("spikeCuts", info.SpikeCuts);
        Add("spikeCutFillMv", info.SpikeCutFillMv);
        Add("voltageReference", info.VoltageReference);
        Add("voltageRanges", info.VoltageRanges);
        Add("stimulusRanges", info.StimulusRanges);
        Add("chance", info.Chance);
        Add("floor", info.Floor);
        Add("trainableNumbers", info.TrainableNumbers);
        entries[Prefix + "definition"] = info.Definition;
        entries[Prefix + "dataHash"] = info.DataHash;
        return entries;

        void Add<T>(string key, T value) => entries[Prefix + key] = JsonSerializer.Serialize(value, Json);
    }

    public static OnnxModelInfo Read(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.ContainsKey(Prefix + "version"))
            throw new InvalidDataException(
                $"not a GlifMl model: expected the metadata entry '{Prefix}version', found {(metadata.Count == 0 ? "no metadata" : string.Join(", ", metadata.Keys.Order(StringComparer.Ordinal).Select(k => $"'{k}'")))}"
            );
        if (Get<int>("version") is var version and not Version)
            throw new InvalidDataException($"model metadata: expected version {Version}, found {version}");

        var names = Get<string[]>("parameters");
        var units = Get<string[]>("units");
        var ranges = Get<ValueRange?[]>("parameterRanges");
        var interval = Get<double[]>("samplingIntervalSeconds");
        var samples = Get<int>("samples");
        var inputs = Get<string[]>("inputs");
        Require(
            names.Length > 0 && units.Length == names.Length && ranges.Length == names.Length,
            "parameters, units and parameterRanges of one length"
        );
        Require(interval is [> 0, > 0] && interval[0] <= interval[1], "samplingIntervalSeconds of two positive numbers in order");
        Require(samples > 0, "a positive number of samples");
        Require(
            inputs is [OnnxModelInfo.VoltageColumn] or [OnnxModelInfo.VoltageColumn, OnnxModelInfo.StimulusColumn],
            "inputs VoltageMv, or VoltageMv and StimulusPa"
        );
        return new OnnxModelInfo
        {
            Parameters = [.. names.Select((name, i) => new ModelParameter(name, units[i], ranges[i]))],
            Samples = samples,
            SamplingIntervalMinimumSeconds = interval[0],
            SamplingIntervalMaximumSeconds = interval[1],
            Inputs = inputs,
            SpikeCuts = Get<SpikeCutHandling>("spikeCuts"),
            SpikeCutFillMv = Get<double>("spikeCutFillMv"),
            VoltageReference = Get<VoltageReference>("voltageReference"),
            VoltageRanges = GetOrNull<TraceRanges>("voltageRanges"),
            StimulusRanges = GetOrNull<TraceRanges>("stimulusRanges"),
            Chance = GetOrNull<double?>("chance"),
            Floor = GetOrNull<double?>("floor"),
            TrainableNumbers = GetOrNull<long?>("trainableNumbers"),
            Definition = Text("definition"),
            DataHash = Text("dataHash"),
        };

        string Text(string key) =>
            metadata.TryGetValue(Prefix + key, out var text)
                ? text
                : throw new InvalidDataException($"model metadata: expected the entry '{Prefix}{key}', found none");

        T Get<T>(string key) =>
            GetOrNull<T>(key) is { } value
                ? value
                : throw new InvalidDataException($"model metadata: '{Prefix}{key}': expected {Described(typeof(T))}, found null");

        T? GetOrNull<T>(string key)
        {
            var text = Text(key);
            try
            {
                return JsonSerializer.Deserialize<T>(text, Json);
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"model metadata: '{Prefix}{key}': expected {Described(typeof(T))}, found {text}", e);
            }
        }
    }

    private static void Require(bool holds, string expected)
    {
        if (!holds)
            throw new InvalidDataException($"model metadata: expected {expected}");
    }

    private static string Described(Type type) =>
        type switch
        {
            _ when type == typeof(int) => "an integer",
            _ when type == typeof(double) || type == typeof(double?) => "a number",
            _ when type == typeof(string[]) => "a JSON array of texts",
            _ when type == typeof(double[]) => "a JSON array of numbers",
            { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)),
            _ => "a JSON range",
        };
}
