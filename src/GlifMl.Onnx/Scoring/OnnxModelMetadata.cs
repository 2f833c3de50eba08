using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlifMl.Onnx;

/// <summary>Writes <see cref="OnnxModelInfo"/> to the metadata of an .onnx file and reads it back.</summary>
internal static class OnnxModelMetadata
{
    private const string Prefix = "glifml.";
    private const int Version = 1;

    // 84 s at 200 kHz; in the default batch a gigabyte of voltage.
    private const int MostSamples = 1 << 24;

    // Of a posterior; far more than pay.
    private const int MostComponents = 1 << 10;

    // Of a model that is not ours: enough to tell whose it is.
    private const int MostKeys = 5;

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
        if (info.Known.Count > 0)
            Add("known", info.Known);
        if (info.Posterior is not null)
            Add("posterior", info.Posterior);
        if (info.Members > 1)
            Add("members", info.Members);
        if (info.Readings is not null)
            Add("readings", info.Readings);
        if (info.Belonging is not null)
            Add("belonging", info.Belonging);
        entries[Prefix + "definition"] = info.Definition;
        entries[Prefix + "dataHash"] = info.DataHash;
        return entries;

        void Add<T>(string key, T value) => entries[Prefix + key] = JsonSerializer.Serialize(value, Json);
    }

    public static OnnxModelInfo Read(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.ContainsKey(Prefix + "version"))
        {
            var keys = metadata.Keys.Order(StringComparer.Ordinal).Take(MostKeys).Select(key => Quoted.Of(key));
            throw new InvalidDataException(
                $"metadata: found {(metadata.Count == 0 ? "no entry" : string.Join(", ", keys))}; "
                    + $"expected '{Prefix}version', which every model of GlifMl has"
            );
        }

        Require(Get<int>("version") == Version, "version", Version.ToString(CultureInfo.InvariantCulture));
        var names = Get<string[]>("parameters");
        var units = Get<string[]>("units");
        var ranges = Get<ValueRange?[]>("parameterRanges");
        var interval = Get<double[]>("samplingIntervalSeconds");
        var samples = Get<int>("samples");
        var inputs = Get<string[]>("inputs");
        Require(names.Length > 0 && names.All(n => n?.Length > 0 && IsPlain(n)), "parameters", "at least one name, and none empty");
        Require(units.Length == names.Length && units.All(IsPlain), "units", $"a text for each of {names.Length} parameters");
        Require(ranges.Length == names.Length, "parameterRanges", $"a range or null for each of {names.Length} parameters");
        Require(
            interval is [> 0 and < double.PositiveInfinity, > 0 and < double.PositiveInfinity] && interval[0] <= interval[1],
            "samplingIntervalSeconds",
            "two positive numbers in order"
        );
        Require(IsPlain(Text("dataHash")), "dataHash", "a hash");
        Require(samples is > 0 and <= MostSamples, "samples", $"1 to {MostSamples}");
        Require(
            inputs is [OnnxModelInfo.VoltageColumn] or [OnnxModelInfo.VoltageColumn, OnnxModelInfo.StimulusColumn],
            "inputs",
            $"{OnnxModelInfo.VoltageColumn}, or {OnnxModelInfo.VoltageColumn} and {OnnxModelInfo.StimulusColumn}"
        );
        var known = metadata.ContainsKey(Prefix + "known") ? Get<ModelParameter[]>("known") : [];
        Require(
            known.All(k => k?.Name.Length > 0 && IsPlain(k.Name) && IsPlain(k.Unit))
                && known.Select(k => k.Name).Distinct().Count() == known.Length,
            "known",
            "a name and a unit for each, and no name twice"
        );
        var posterior = metadata.ContainsKey(Prefix + "posterior") ? Get<PosteriorInfo>("posterior") : null;
        Require(
            posterior is null
                || (
                    posterior.Components is > 0 and <= MostComponents
                    && posterior.Logarithmic.Count == names.Length
                    && posterior.PriorMeans.Count == names.Length
                    && posterior.PriorMeans.All(double.IsFinite)
                    && posterior.PriorDeviations.Count == names.Length
                    && posterior.PriorDeviations.All(deviation => deviation is > 0 and < double.PositiveInfinity)
                    && (
                        posterior.Limits is not { } limits
                        || (
                            limits.Count == names.Length
                            && limits.Select((l, i) => IsSound(l, posterior.Logarithmic[i])).All(sound => sound)
                        )
                    )
                ),
            "posterior",
            $"1 to {MostComponents} components, and a scale, a mean and a positive deviation for each of {names.Length} parameters, "
                + "and limits in order where there are any"
        );
        var members = metadata.ContainsKey(Prefix + "members") ? Get<int>("members") : 1;
        Require(members is > 0 and <= MostComponents, "members", $"1 to {MostComponents}");
        var readings = metadata.ContainsKey(Prefix + "readings") ? Get<string[]>("readings") : null;
        Require(
            readings is null || (readings.Length == samples && readings.All(IsPlain)),
            "readings",
            $"a name for each of {samples} numbers"
        );
        var belonging = metadata.ContainsKey(Prefix + "belonging") ? Get<TraceBelonging>("belonging") : null;
        Require(
            belonging is null || belonging.IsSound,
            "belonging",
            "as many finite means, positive deviations and rows and columns of a precision as there are features of a trace"
        );
        return new OnnxModelInfo
        {
            Parameters = [.. names.Select((name, i) => new ModelParameter(name, units[i], ranges[i]))],
            Samples = samples,
            SamplingIntervalMinimumSeconds = interval[0],
            SamplingIntervalMaximumSeconds = interval[1],
            Inputs = inputs,
            Known = known,
            SpikeCuts = Get<SpikeCutHandling>("spikeCuts"),
            SpikeCutFillMv = Get<double>("spikeCutFillMv"),
            VoltageReference = Get<VoltageReference>("voltageReference"),
            VoltageRanges = GetOrNull<TraceRanges>("voltageRanges"),
            StimulusRanges = GetOrNull<TraceRanges>("stimulusRanges"),
            Chance = GetOrNull<double?>("chance"),
            Floor = GetOrNull<double?>("floor"),
            TrainableNumbers = GetOrNull<long?>("trainableNumbers"),
            Posterior = posterior,
            Members = members,
            Readings = readings,
            Belonging = belonging,
            Definition = Text("definition"),
            DataHash = Text("dataHash"),
        };

        string Text(string key) =>
            metadata.TryGetValue(Prefix + key, out var text)
                ? text
                : throw new InvalidDataException($"metadata: found no '{Prefix}{key}'; expected one, as in every model of GlifMl");

        T Get<T>(string key) => GetOrNull<T>(key) is { } value ? value : throw Fault(key, Described(typeof(T)));

        T? GetOrNull<T>(string key)
        {
            try
            {
                return JsonSerializer.Deserialize<T>(Text(key), Json);
            }
            catch (JsonException e)
            {
                throw Fault(key, Described(typeof(T)), e);
            }
        }

        void Require(bool holds, string key, string expected)
        {
            if (!holds)
                throw Fault(key, expected);
        }

        InvalidDataException Fault(string key, string expected, Exception? inner = null) =>
            new($"metadata '{Prefix}{key}': found {Quoted.Text(Text(key))}; expected {expected}", inner);
    }

    private static bool IsSound(ParameterLimits? limits, bool isLogarithm) =>
        limits is null
        || (
            double.IsFinite(limits.Least)
            && double.IsFinite(limits.Most)
            && limits.Least < limits.Most
            && (limits.Least > 0 || !isLogarithm)
        );

    // Names and units are printed: a file of someone else's must not have a terminal obey them.
    private static bool IsPlain(string? text) => text is not null && Quoted.Text(text) == text;

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
