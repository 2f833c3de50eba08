using System.Collections.Frozen;
using GlifMl.Simulation;

namespace GlifMl;

/// <summary>
/// A GLIF neuron as the Allen Cell Types Database publishes it (neuron_config). SI units; voltages are relative to
/// <see cref="RestingReferenceVolts"/>. The model: Teeter et al. 2018, Nature Communications 9:709.
/// </summary>
/// <remarks>Arrays are not copied: treat them as immutable.</remarks>
public sealed partial record NeuronConfig
{
    /// <summary>El: resting potential in V, relative to <see cref="RestingReferenceVolts"/>.</summary>
    public required double RestingPotentialVolts { get; init; }

    /// <summary>
    /// El_reference: the recorded resting potential in V that is 0 in the model. The simulation does not use it; a file without it gives 0.
    /// </summary>
    public required double RestingReferenceVolts { get; init; }

    /// <summary>dt: integration step in s.</summary>
    public required double DtSeconds { get; init; }

    /// <summary>dt_multiplier: recording steps a model step in the published fit. The simulation does not use it.</summary>
    public required double DtMultiplier { get; init; }

    /// <summary>R_input: input resistance in ohm.</summary>
    public required double InputResistanceOhms { get; init; }

    /// <summary>C: membrane capacitance in F.</summary>
    public required double CapacitanceFarads { get; init; }

    /// <summary>th_inf: threshold at rest in V, before its coefficient.</summary>
    public required double ThresholdInfinityVolts { get; init; }

    /// <summary>th_adapt: null in every published config. The simulation does not use it.</summary>
    public double? ThresholdAdaptation { get; init; }

    /// <summary>spike_cut_length: how many steps a spike lasts (NaN in the trace).</summary>
    public required int SpikeCutSteps { get; init; }

    /// <summary>asc_amp_array: amplitude in A added to each afterspike current at a spike, before its coefficient.</summary>
    public required double[] AfterspikeAmplitudesAmperes { get; init; }

    /// <summary>asc_tau_array: time constant of each afterspike current in s.</summary>
    public required double[] AfterspikeTimeConstantsSeconds { get; init; }

    /// <summary>init_voltage: membrane potential before the first step, in V.</summary>
    public required double InitialVoltageVolts { get; init; }

    /// <summary>init_threshold: threshold before the first step, in V; only the interpolation of a spike in step 0 sees it.</summary>
    public required double InitialThresholdVolts { get; init; }

    /// <summary>init_AScurrents: afterspike currents before the first step, in A.</summary>
    public required double[] InitialAfterspikeCurrentsAmperes { get; init; }

    /// <summary>coeffs: factors on the parameters.</summary>
    public required NeuronCoefficients Coefficients { get; init; }

    /// <summary>extrapolation_method_name: how the published fit extrapolated. The simulation does not use it.</summary>
    public required string ExtrapolationMethodName { get; init; }

    /// <summary>AScurrent_dynamics_method: <c>exp</c> or <c>none</c>.</summary>
    public required NeuronMethod AfterspikeDynamics { get; init; }

    /// <summary>AScurrent_reset_method: <c>sum</c> {r} or <c>none</c>.</summary>
    public required NeuronMethod AfterspikeReset { get; init; }

    /// <summary>voltage_dynamics_method: <c>linear_forward_euler</c> or <c>linear_exact</c>.</summary>
    public required NeuronMethod VoltageDynamics { get; init; }

    /// <summary>voltage_reset_method: <c>zero</c> or <c>v_before</c> {a, b}.</summary>
    public required NeuronMethod VoltageReset { get; init; }

    /// <summary>
    /// threshold_dynamics_method: <c>inf</c>, <c>spike_component</c> {a_spike, b_spike, a_voltage, b_voltage} or
    /// <c>three_components_exact</c> {a_spike, b_spike, a_voltage, b_voltage}.
    /// </summary>
    public required NeuronMethod ThresholdDynamics { get; init; }

    /// <summary>threshold_reset_method: <c>inf</c> or <c>three_components</c> {a_spike, b_spike}.</summary>
    public required NeuronMethod ThresholdReset { get; init; }

    /// <summary>The conductance in force, coeffs.G / R_input, in S.</summary>
    public double ConductanceSiemens => 1 / InputResistanceOhms * Coefficients.G;

    /// <summary>The capacitance in force, C x coeffs.C, in F.</summary>
    public double EffectiveCapacitanceFarads => CapacitanceFarads * Coefficients.C;

    /// <summary>The threshold in force without spikes, th_inf x coeffs.th_inf, in V.</summary>
    public double EffectiveThresholdVolts => ThresholdInfinityVolts * Coefficients.ThInf;

    /// <summary>The membrane time constant C / G in s.</summary>
    public double MembraneTimeConstantSeconds => EffectiveCapacitanceFarads / ConductanceSiemens;

    /// <summary>The rheobase in A: the constant current whose steady state reaches the threshold, G (th - El).</summary>
    public double RheobaseAmperes => ConductanceSiemens * (EffectiveThresholdVolts - RestingPotentialVolts);

    /// <summary>The Allen keys that <see cref="With(string, double)"/> and <see cref="Get"/> know.</summary>
    public static IReadOnlyList<string> ScalarKeys { get; } =
    [.. GlifParameter.Keys, "El_reference", "init_voltage", "init_threshold", "spike_cut_length"];

    /// <summary>The value of a scalar key in SI units.</summary>
    /// <param name="allenKey">One of <see cref="ScalarKeys"/>.</param>
    /// <exception cref="ArgumentException">The key is not one of <see cref="ScalarKeys"/>.</exception>
    public double Get(string allenKey) =>
        allenKey switch
        {
            GlifParameter.Capacitance => CapacitanceFarads,
            GlifParameter.RestingPotential => RestingPotentialVolts,
            GlifParameter.InputResistance => InputResistanceOhms,
            GlifParameter.TimeStep => DtSeconds,
            GlifParameter.Threshold => ThresholdInfinityVolts,
            "El_reference" => RestingReferenceVolts,
            "init_voltage" => InitialVoltageVolts,
            "init_threshold" => InitialThresholdVolts,
            "spike_cut_length" => SpikeCutSteps,
            _ => throw UnknownKey(allenKey),
        };

    /// <summary>A copy with one scalar key changed; everything else, coefficients included, stays in force.</summary>
    /// <param name="allenKey">One of <see cref="ScalarKeys"/>.</param>
    /// <param name="value">The value in SI units (spike_cut_length: steps).</param>
    /// <exception cref="ArgumentException">The key is unknown, or the value impossible for it.</exception>
    public NeuronConfig With(string allenKey, double value) => With([allenKey], [value]);

    /// <summary>A copy with several scalar keys changed, as by <see cref="With(string, double)"/> one after the other.</summary>
    internal NeuronConfig With(IReadOnlyList<string> allenKeys, ReadOnlySpan<double> values)
    {
        var changed = this;
        for (var k = 0; k < values.Length; k++)
            changed = changed.Changed(allenKeys[k], values[k]);
        changed.Validate();
        return changed;
    }

    /// <summary>
    /// A copy whose spike lasts a duration whatever dt is: spike_cut_length = round(seconds / dt). Without it, spike_cut_length
    /// counts steps, as in the Allen schema, and a spike shortens with dt.
    /// </summary>
    /// <param name="seconds">How long a spike lasts, in s.</param>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative or not finite.</exception>
    public NeuronConfig WithSpikeCutDuration(double seconds)
    {
        var steps = Math.Round(seconds / DtSeconds, MidpointRounding.AwayFromZero);
        if (!(steps >= 0 && steps <= int.MaxValue))
        {
            throw new ArgumentOutOfRangeException(nameof(seconds), Invariant.Text($"spike cut: found {seconds:R} s; expected 0 s or more"));
        }
        return this with { SpikeCutSteps = (int)steps };
    }

    /// <summary>Checks that the simulator can run this config.</summary>
    /// <exception cref="ArgumentException">A value is impossible; the message names the Allen key, what was found and what is
    /// expected.</exception>
    public void Validate()
    {
        if (NeuronConfigRules.FirstFault(this) is { } fault)
            throw new ArgumentException(fault);
    }

    private NeuronConfig Changed(string allenKey, double value) =>
        allenKey switch
        {
            GlifParameter.Capacitance => this with { CapacitanceFarads = value },
            GlifParameter.RestingPotential => this with { RestingPotentialVolts = value },
            GlifParameter.InputResistance => this with { InputResistanceOhms = value },
            GlifParameter.TimeStep => this with { DtSeconds = value },
            GlifParameter.Threshold => this with { ThresholdInfinityVolts = value },
            "El_reference" => this with { RestingReferenceVolts = value },
            "init_voltage" => this with { InitialVoltageVolts = value },
            "init_threshold" => this with { InitialThresholdVolts = value },
            "spike_cut_length" => this with { SpikeCutSteps = WholeSteps(value) },
            _ => throw UnknownKey(allenKey),
        };

    private static int WholeSteps(double value) =>
        value >= 0 && value <= int.MaxValue && value == Math.Floor(value)
            ? (int)value
            : throw new ArgumentException(
                Invariant.Text($"spike_cut_length: found {value:R}; expected a whole number of steps, 0 or more")
            );

    private static ArgumentException UnknownKey(string key) =>
        new($"found neuron key {Quoted.Of(key)}; expected one of {string.Join(", ", NearestName.Find(key, ScalarKeys, ScalarKeys.Count))}");
}

/// <summary>
/// The <c>coeffs</c> object of an Allen neuron_config: factors found by the fit, each multiplied onto the parameter of the same name.
/// </summary>
public sealed record NeuronCoefficients
{
    /// <summary>Factor on <c>a_voltage</c> of the threshold's voltage component. Default 1.</summary>
    public double A { get; init; } = 1;

    /// <summary>Factor on <c>b_voltage</c> of the threshold's voltage component. Default 1.</summary>
    public double B { get; init; } = 1;

    /// <summary>Factor on the capacitance. Default 1.</summary>
    public double C { get; init; } = 1;

    /// <summary>Factor on the conductance 1 / R_input. Default 1.</summary>
    public double G { get; init; } = 1;

    /// <summary>Factor on th_inf. Default 1.</summary>
    public double ThInf { get; init; } = 1;

    /// <summary>Factors on the afterspike amplitudes, one a current.</summary>
    public double[] AfterspikeAmplitudes { get; init; } = [];
}

/// <summary>One of the six method choices of an Allen neuron_config: a name and its parameters.</summary>
public sealed class NeuronMethod
{
    private static readonly FrozenDictionary<string, double> NoScalars = FrozenDictionary<string, double>.Empty;
    private static readonly FrozenDictionary<string, double[]> NoVectors = FrozenDictionary<string, double[]>.Empty;

    /// <summary>Creates a method.</summary>
    /// <param name="name">The name in the Allen schema, for example <c>linear_forward_euler</c>.</param>
    /// <param name="scalars">Parameters that are one number each, for example <c>a_spike</c> in V. Default: none.</param>
    /// <param name="vectors">Parameters that are one number an afterspike current, for example <c>r</c>. Default: none.</param>
    public NeuronMethod(
        string name,
        IReadOnlyDictionary<string, double>? scalars = null,
        IReadOnlyDictionary<string, double[]>? vectors = null
    )
    {
        Name = name;
        Scalars = scalars ?? NoScalars;
        Vectors = vectors ?? NoVectors;
    }

    /// <summary>The method's name in the Allen schema.</summary>
    public string Name { get; }

    /// <summary>The parameters that are one number each, by Allen name, in SI units.</summary>
    public IReadOnlyDictionary<string, double> Scalars { get; }

    /// <summary>The parameters that are one number an afterspike current, by Allen name.</summary>
    public IReadOnlyDictionary<string, double[]> Vectors { get; }
}
