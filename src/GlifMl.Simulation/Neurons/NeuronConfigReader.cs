using System.Collections.Frozen;
using System.Text.Json;

namespace GlifMl.Simulation;

/// <summary>Reads the Allen neuron_config schema. Faults are <see cref="InvalidDataException"/>s without the source's name.</summary>
internal static class NeuronConfigReader
{
    // All that a model may be known by, whichever of its keys is missing or misspelt.
    private static readonly FrozenSet<string> NeuronKeys = FrozenSet.Create([
        .. NeuronConfig.ScalarKeys,
        .. NeuronConfigRules.Methods.Keys,
        "asc_amp_array",
        "asc_tau_array",
        "init_AScurrents",
        "coeffs",
        "dt_multiplier",
        "th_adapt",
        "extrapolation_method_name",
    ]);

    private static readonly FrozenSet<string> CoefficientKeys = FrozenSet.Create([
        "a",
        "b",
        GlifParameter.Capacitance,
        "G",
        GlifParameter.Threshold,
        "asc_amp_array",
    ]);

    // NEST's glif_psc and its kin, as the Allen Institute publishes them beside the neuron_configs: mV, pF, nS, ms.
    private static readonly string[] NestKeys = ["V_m", "V_th", "V_reset", "E_L", "C_m", "g", "t_ref", "asc_init", "asc_decay", "asc_amps"];

    public static NeuronConfig Read(JsonElement root, string? modelId)
    {
        var neuron = Choose(root, modelId);
        return new NeuronConfig
        {
            RestingPotentialVolts = Number(neuron, GlifParameter.RestingPotential),
            RestingReferenceVolts = Has(neuron, "El_reference") ? Number(neuron, "El_reference") : 0,
            DtSeconds = Number(neuron, GlifParameter.TimeStep),
            DtMultiplier = Has(neuron, "dt_multiplier") ? Number(neuron, "dt_multiplier") : 1,
            InputResistanceOhms = Number(neuron, GlifParameter.InputResistance),
            CapacitanceFarads = Number(neuron, GlifParameter.Capacitance),
            ThresholdInfinityVolts = Number(neuron, GlifParameter.Threshold),
            ThresholdAdaptation =
                Has(neuron, "th_adapt") && neuron.GetProperty("th_adapt").ValueKind != JsonValueKind.Null
                    ? Number(neuron, "th_adapt")
                    : null,
            SpikeCutSteps = WholeNumber(neuron, "spike_cut_length"),
            AfterspikeAmplitudesAmperes = Numbers(neuron, "asc_amp_array"),
            AfterspikeTimeConstantsSeconds = Numbers(neuron, "asc_tau_array"),
            InitialVoltageVolts = Number(neuron, "init_voltage"),
            InitialThresholdVolts = Number(neuron, "init_threshold"),
            InitialAfterspikeCurrentsAmperes = Numbers(neuron, "init_AScurrents"),
            Coefficients = Coefficients(neuron, Numbers(neuron, "asc_amp_array").Length),
            ExtrapolationMethodName = Has(neuron, "extrapolation_method_name")
                ? Member(neuron, "extrapolation_method_name", "extrapolation_method_name", JsonValueKind.String).GetString()!
                : "endpoints",
            AfterspikeDynamics = Method(neuron, "AScurrent_dynamics_method"),
            AfterspikeReset = Method(neuron, "AScurrent_reset_method"),
            VoltageDynamics = Method(neuron, "voltage_dynamics_method"),
            VoltageReset = Method(neuron, "voltage_reset_method"),
            ThresholdDynamics = Method(neuron, "threshold_dynamics_method"),
            ThresholdReset = Method(neuron, "threshold_reset_method"),
        };
    }

    // The model itself, or one of those that the file holds by id.
    private static JsonElement Choose(JsonElement root, string? modelId)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Fault("neuron_config", Describe(root), "a JSON object");
        if (IsNeuron(root))
        {
            return modelId is null
                ? root
                : throw new InvalidDataException($"found one model, without an id; expected model {Quoted.Of(modelId)}");
        }
        var models = root.EnumerateObject().Where(member => IsNeuron(member.Value)).ToArray();
        var ids = Quoted.Text(string.Join(", ", models.Select(model => model.Name)));
        if (models.Length == 0)
        {
            return IsNest(root) || root.EnumerateObject().Any(member => IsNest(member.Value))
                ? throw new InvalidDataException("found a NEST parameter dictionary; expected an Allen neuron_config")
                : root;
        }
        if (modelId is not null)
        {
            var chosen = Array.FindIndex(models, model => model.Name == modelId);
            return chosen >= 0
                ? models[chosen].Value
                : throw new InvalidDataException($"model id: found {Quoted.Of(modelId)}; expected one of {ids}");
        }
        return models is [var only]
            ? only.Value
            : throw new InvalidDataException($"found {models.Length} models; expected one, or simulate's --model-id ID to choose: {ids}");
    }

    private static bool IsNeuron(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.EnumerateObject().Any(member => NeuronKeys.Contains(member.Name));

    private static bool IsNest(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && NestKeys.Count(key => element.TryGetProperty(key, out _)) >= 3;

    // As in AllenSDK, a factor that is missing is 1, and so is each of them where there is no coeffs at all.
    private static NeuronCoefficients Coefficients(JsonElement neuron, int afterspikeCurrents)
    {
        JsonElement? coefficients = Has(neuron, "coeffs") ? Member(neuron, "coeffs", "coeffs", JsonValueKind.Object) : null;
        return new NeuronCoefficients
        {
            A = Factor("a"),
            B = Factor("b"),
            C = Factor(GlifParameter.Capacitance),
            G = Factor("G"),
            ThInf = Factor(GlifParameter.Threshold),
            AfterspikeAmplitudes = Given("asc_amp_array")
                ? Numbers(coefficients!.Value, "asc_amp_array", "coeffs.asc_amp_array")
                : [.. Enumerable.Repeat(1.0, afterspikeCurrents)],
        };

        bool Given(string key) => coefficients is { } given && Has(given, key, $"coeffs.{key}");
        double Factor(string key) => Given(key) ? Number(coefficients!.Value, key, $"coeffs.{key}") : 1;
    }

    private static NeuronMethod Method(JsonElement neuron, string key)
    {
        var element = Member(neuron, key, key, JsonValueKind.Object);
        var name = Member(element, "name", $"{key}.name", JsonValueKind.String).GetString()!;
        var scalars = new Dictionary<string, double>();
        var vectors = new Dictionary<string, double[]>();
        if (element.TryGetProperty("params", out var parameters) && parameters.ValueKind == JsonValueKind.Object)
        {
            foreach (var parameter in parameters.EnumerateObject())
            {
                var path = $"{key}.params.{Quoted.Text(parameter.Name)}";
                if (parameter.Value.ValueKind == JsonValueKind.Array)
                    vectors[parameter.Name] = Numbers(parameters, parameter.Name, path);
                else
                    scalars[parameter.Name] = Number(parameters, parameter.Name, path);
            }
        }
        return new NeuronMethod(name, scalars, vectors);
    }

    private static int WholeNumber(JsonElement parent, string key)
    {
        var value = Number(parent, key);
        return value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue
            ? (int)value
            : throw Fault(key, Invariant.Text($"{value:R}"), "a whole number of steps, 0 or more");
    }

    private static double Number(JsonElement parent, string key, string? path = null) =>
        AsNumber(Member(parent, key, path ?? key), path ?? key);

    private static double[] Numbers(JsonElement parent, string key, string? path = null) =>
        [
            .. Member(parent, key, path ?? key, JsonValueKind.Array)
                .EnumerateArray()
                .Select((value, index) => AsNumber(value, $"{path ?? key}[{index}]")),
        ];

    private static double AsNumber(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Fault(path, Describe(value), "a number");

    private static JsonElement Member(JsonElement parent, string key, string path, JsonValueKind? kind = null)
    {
        if (!parent.TryGetProperty(key, out var value))
            throw Missing(path, Similar(parent, key));
        return kind is null || value.ValueKind == kind ? value : throw Fault(path, Describe(value), Describe(kind.Value));
    }

    /// <summary>Whether a key that may be missing is there. Where another is there that must be meant for it, that is a fault.</summary>
    private static bool Has(JsonElement parent, string key, string? path = null)
    {
        if (parent.TryGetProperty(key, out _))
            return true;
        return Similar(parent, key) is { } similar ? throw Missing(path ?? key, similar) : false;
    }

    // One- and two-letter keys are all within one edit of each other: of those only another case is a slip.
    private static string? Similar(JsonElement parent, string key)
    {
        var others = parent
            .EnumerateObject()
            .Select(member => member.Name)
            .Where(name => !NeuronKeys.Contains(name) && !CoefficientKeys.Contains(name));
        return key.Length > 2
            ? NearestName.Suggest(key, others)
            : others.FirstOrDefault(name => name.Equals(key, StringComparison.OrdinalIgnoreCase));
    }

    private static InvalidDataException Missing(string path, string? similar) =>
        Fault(path, similar is null ? "nothing" : $"nothing (but {Quoted.Of(similar)})", "this key");

    private static InvalidDataException Fault(string path, string found, string expected) =>
        new($"{path}: found {found}; expected {expected}");

    private static string Describe(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            _ => Quoted.Text(value.GetRawText()),
        };

    private static string Describe(JsonValueKind kind) =>
        kind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array of numbers",
            _ => "a string",
        };
}
