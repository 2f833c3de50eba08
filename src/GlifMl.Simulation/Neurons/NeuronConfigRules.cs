namespace GlifMl.Simulation;

/// <summary>What a neuron config must satisfy. Every fault reads "key: found X; expected Y".</summary>
internal static class NeuronConfigRules
{
    /// <summary>The parameters of each method the simulator knows, by Allen key and method name.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string[]>> Methods = new Dictionary<
        string,
        IReadOnlyDictionary<string, string[]>
    >
    {
        ["AScurrent_dynamics_method"] = new Dictionary<string, string[]> { ["exp"] = [], ["none"] = [] },
        ["AScurrent_reset_method"] = new Dictionary<string, string[]> { ["sum"] = ["r"], ["none"] = [] },
        ["voltage_dynamics_method"] = new Dictionary<string, string[]> { ["linear_forward_euler"] = [], ["linear_exact"] = [] },
        ["voltage_reset_method"] = new Dictionary<string, string[]> { ["zero"] = [], ["v_before"] = ["a", "b"] },
        ["threshold_dynamics_method"] = new Dictionary<string, string[]>
        {
            ["inf"] = [],
            ["spike_component"] = ["a_spike", "b_spike", "a_voltage", "b_voltage"],
            ["three_components_exact"] = ["a_spike", "b_spike", "a_voltage", "b_voltage"],
        },
        ["threshold_reset_method"] = new Dictionary<string, string[]> { ["inf"] = [], ["three_components"] = ["a_spike", "b_spike"] },
    };

    /// <summary>The first fault of a config, or null.</summary>
    public static string? FirstFault(NeuronConfig config) =>
        Positive(GlifParameter.Capacitance, config.CapacitanceFarads)
        ?? Positive(GlifParameter.InputResistance, config.InputResistanceOhms)
        ?? Positive(GlifParameter.TimeStep, config.DtSeconds)
        ?? Finite(GlifParameter.RestingPotential, config.RestingPotentialVolts)
        ?? Finite("El_reference", config.RestingReferenceVolts)
        ?? Finite(GlifParameter.Threshold, config.ThresholdInfinityVolts)
        ?? Finite("init_voltage", config.InitialVoltageVolts)
        ?? Finite("init_threshold", config.InitialThresholdVolts)
        ?? Finite("dt_multiplier", config.DtMultiplier)
        ?? (config.SpikeCutSteps < 0 ? $"spike_cut_length: found {config.SpikeCutSteps}; expected 0 steps or more" : null)
        ?? Positive("coeffs.C", config.Coefficients.C)
        ?? Positive("coeffs.G", config.Coefficients.G)
        ?? Finite("coeffs.a", config.Coefficients.A)
        ?? Finite("coeffs.b", config.Coefficients.B)
        ?? Finite("coeffs.th_inf", config.Coefficients.ThInf)
        ?? AfterspikeFault(config)
        ?? MethodFaults(config)
        ?? ThresholdFault(config);

    /// <summary>The fault of a method's name or parameters, or null.</summary>
    public static string? MethodFault(string key, NeuronMethod method, int afterspikeCurrents)
    {
        var known = Methods[key];
        if (!known.TryGetValue(method.Name, out var parameters))
        {
            var nearestFirst = string.Join(", ", NearestName.Find(method.Name, known.Keys, known.Count));
            return $"{key}: found method {Quoted.Of(method.Name)}; expected one of {nearestFirst}";
        }
        foreach (var parameter in parameters)
        {
            var isVector = parameter == "r";
            if (isVector ? !method.Vectors.ContainsKey(parameter) : !method.Scalars.ContainsKey(parameter))
            {
                var expected = isVector ? "an array of numbers" : "a number";
                return $"{key}.params.{parameter}: found nothing; expected {expected} for method '{method.Name}'";
            }
        }
        return method.Scalars.Select(p => Finite($"{key}.params.{Quoted.Text(p.Key)}", p.Value)).FirstOrDefault(fault => fault is not null)
            ?? method
                .Vectors.Select(p => Vector($"{key}.params.{Quoted.Text(p.Key)}", p.Value, afterspikeCurrents))
                .FirstOrDefault(fault => fault is not null);
    }

    private static string? MethodFaults(NeuronConfig config)
    {
        var currents = config.AfterspikeAmplitudesAmperes.Length;
        return MethodFault("AScurrent_dynamics_method", config.AfterspikeDynamics, currents)
            ?? MethodFault("AScurrent_reset_method", config.AfterspikeReset, currents)
            ?? MethodFault("voltage_dynamics_method", config.VoltageDynamics, currents)
            ?? MethodFault("voltage_reset_method", config.VoltageReset, currents)
            ?? MethodFault("threshold_dynamics_method", config.ThresholdDynamics, currents)
            ?? MethodFault("threshold_reset_method", config.ThresholdReset, currents);
    }

    private static string? AfterspikeFault(NeuronConfig config)
    {
        var currents = config.AfterspikeAmplitudesAmperes.Length;
        return Vector("asc_amp_array", config.AfterspikeAmplitudesAmperes, currents)
            ?? Vector("asc_tau_array", config.AfterspikeTimeConstantsSeconds, currents)
            ?? Vector("init_AScurrents", config.InitialAfterspikeCurrentsAmperes, currents)
            ?? Vector("coeffs.asc_amp_array", config.Coefficients.AfterspikeAmplitudes, currents)
            ?? Array.FindIndex(config.AfterspikeTimeConstantsSeconds, tau => !(tau > 0)) switch
            {
                < 0 => null,
                var k => Invariant.Text(
                    $"asc_tau_array[{k}]: found {config.AfterspikeTimeConstantsSeconds[k]:R}; expected a positive number"
                ),
            }
            ?? NoneFault(config);
    }

    // "none" means that the neuron has no afterspike currents at all, so nothing may start or add them.
    private static string? NoneFault(NeuronConfig config)
    {
        var started = Array.Exists(config.InitialAfterspikeCurrentsAmperes, current => current != 0);
        if (config.AfterspikeDynamics.Name == "none" && config.AfterspikeReset.Name == "sum")
        {
            return "AScurrent_reset_method: found 'sum'; expected 'none' where AScurrent_dynamics_method is 'none'";
        }
        return started && (config.AfterspikeDynamics.Name == "none" || config.AfterspikeReset.Name == "none")
            ? "init_AScurrents: found currents; expected zeros where an afterspike method is 'none'"
            : null;
    }

    // A threshold that never forgets a voltage has no steady state.
    private static string? ThresholdFault(NeuronConfig config)
    {
        if (config.ThresholdDynamics.Name != "three_components_exact")
            return null;
        var b = config.ThresholdDynamics.Scalars["b_voltage"] * config.Coefficients.B;
        const string Key = "threshold_dynamics_method.params.b_voltage";
        return b > 0 ? null : Invariant.Text($"{Key}: found {b:R} (with coeffs.b); expected a positive rate in 1/s");
    }

    private static string? Positive(string key, double value) =>
        double.IsFinite(value) && value > 0 ? null : Invariant.Text($"{key}: found {value:R}; expected a positive number");

    private static string? Finite(string key, double value) =>
        double.IsFinite(value) ? null : Invariant.Text($"{key}: found {value:R}; expected a finite number");

    private static string? Vector(string key, double[] values, int length)
    {
        if (values.Length != length)
            return $"{key}: found {values.Length} values; expected {length}, as many as asc_amp_array";
        var index = Array.FindIndex(values, value => !double.IsFinite(value));
        return index < 0 ? null : Invariant.Text($"{key}[{index}]: found {values[index]:R}; expected a finite number");
    }
}
