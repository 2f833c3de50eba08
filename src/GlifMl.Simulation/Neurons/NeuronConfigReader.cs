using System.Text.Json;

namespace GlifMl.Simulation;

/// <summary>Reads the Allen neuron_config schema. Faults are <see cref="InvalidDataException"/>s without the source's name.</summary>
internal static class NeuronConfigReader
{
    public static NeuronConfig Read(JsonElement root)
    {
        var neuron = Unwrap(root);
        var coefficients = Member(neuron, "coeffs", "coeffs", JsonValueKind.Object);
        return new NeuronConfig
        {
            RestingPotentialVolts = Number(neuron, GlifParameter.RestingPotential),
            RestingReferenceVolts = Number(neuron, "El_reference"),
            DtSeconds = Number(neuron, GlifParameter.TimeStep),
            DtMultiplier = neuron.TryGetProperty("dt_multiplier", out _) ? Number(neuron, "dt_multiplier") : 1,
            InputResistanceOhms = Number(neuron, GlifParameter.InputResistance),
            CapacitanceFarads = Number(neuron, GlifParameter.Capacitance),
            ThresholdInfinityVolts = Number(neuron, GlifParameter.Threshold),
            ThresholdAdaptation =
                neuron.TryGetProperty("th_adapt", out var adaptation) && adaptation.ValueKind != JsonValueKind.Null
                    ? Number(neuron, "th_adapt")
                    : null,
            SpikeCutSteps = WholeNumber(neuron, "spike_cut_length"),
            AfterspikeAmplitudesAmperes = Numbers(neuron, "asc_amp_array"),
            AfterspikeTimeConstantsSeconds = Numbers(neuron, "asc_tau_array"),
            InitialVoltageVolts = Number(neuron, "init_voltage"),
            InitialThresholdVolts = Number(neuron, "init_threshold"),
            InitialAfterspikeCurrentsAmperes = Numbers(neuron, "init_AScurrents"),
            Coefficients = new NeuronCoefficients
            {
                A = Number(coefficients, "a", "coeffs.a"),
                B = Number(coefficients, "b", "coeffs.b"),
                C = Number(coefficients, GlifParameter.Capacitance, "coeffs.C"),
                G = Number(coefficients, "G", "coeffs.G"),
                ThInf = Number(coefficients, GlifParameter.Threshold, "coeffs.th_inf"),
                AfterspikeAmplitudes = Numbers(coefficients, "asc_amp_array", "coeffs.asc_amp_array"),
            },
            ExtrapolationMethodName = neuron.TryGetProperty("extrapolation_method_name", out _)
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

    private static JsonElement Unwrap(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw Fault("neuron_config", Describe(root), "a JSON object");
        if (root.TryGetProperty("coeffs", out _))
            return root;
        var members = root.EnumerateObject().ToArray();
        return
            members is [{ Value.ValueKind: JsonValueKind.Object } only] && only.Value.TryGetProperty(GlifParameter.RestingPotential, out _)
            ? only.Value
            : root;
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
            : throw Fault(key, $"{value:R}", "a whole number of steps, 0 or more");
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
        {
            // One- and two-letter keys are all within one edit of each other: a suggestion would mislead.
            var similar = key.Length > 2 ? NearestName.Suggest(key, parent.EnumerateObject().Select(member => member.Name)) : null;
            throw Fault(path, similar is null ? "nothing" : $"nothing (but {Quoted.Of(similar)})", "this key");
        }
        return kind is null || value.ValueKind == kind ? value : throw Fault(path, Describe(value), Describe(kind.Value));
    }

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
