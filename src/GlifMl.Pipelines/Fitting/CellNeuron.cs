using System.Text.Json;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>The GLIF1 neuron of a reading, in the forms that other programs take.</summary>
internal static class CellNeuron
{
    // What GLIF models of mouse cells have where no spike says it: their median (Teeter et al. 2018).
    public const double UsualSpikeCutSeconds = 3.8e-3;

    /// <summary>The neuron as the Allen Institute publishes one: potentials from rest, which <c>El_reference</c> holds.</summary>
    /// <param name="reading">R, C, threshold, rest.</param>
    /// <param name="dtSeconds">The integration step, s.</param>
    /// <param name="factor">Recorded samples a step.</param>
    /// <param name="spikeCutSeconds">How long a spike lasts, s.</param>
    public static NeuronConfig Config(CellReading reading, double dtSeconds, int factor, double spikeCutSeconds) =>
        Config(
            reading.ResistanceMegaohms * 1e6,
            reading.CapacitancePicofarads * 1e-12,
            reading.ThresholdMv * 1e-3,
            double.IsFinite(reading.RestMv) ? reading.RestMv * 1e-3 : 0,
            dtSeconds,
            factor,
            spikeCutSeconds
        );

    /// <summary>A GLIF1 neuron.</summary>
    public static NeuronConfig Config(
        double ohms,
        double farads,
        double thresholdVolts,
        double restVolts,
        double dtSeconds,
        int factor,
        double spikeCutSeconds
    )
    {
        var config = new NeuronConfig
        {
            RestingPotentialVolts = 0,
            RestingReferenceVolts = restVolts,
            DtSeconds = dtSeconds,
            DtMultiplier = factor,
            InputResistanceOhms = ohms,
            CapacitanceFarads = farads,
            ThresholdInfinityVolts = thresholdVolts,
            SpikeCutSteps = 0,
            // Published GLIF1 files have these too, and use none of them.
            AfterspikeAmplitudesAmperes = [0, 0],
            AfterspikeTimeConstantsSeconds = [0.1, 0.01],
            InitialVoltageVolts = 0,
            InitialThresholdVolts = thresholdVolts,
            InitialAfterspikeCurrentsAmperes = [0, 0],
            Coefficients = new NeuronCoefficients { AfterspikeAmplitudes = [1, 1] },
            ExtrapolationMethodName = "endpoints",
            AfterspikeDynamics = new NeuronMethod("none"),
            AfterspikeReset = new NeuronMethod("none"),
            VoltageDynamics = new NeuronMethod("linear_forward_euler"),
            VoltageReset = new NeuronMethod("zero"),
            ThresholdDynamics = new NeuronMethod("inf"),
            ThresholdReset = new NeuronMethod("inf"),
        };
        return config.WithSpikeCutDuration(spikeCutSeconds);
    }
}

/// <summary>A GLIF neuron as the parameters of NEST's model <c>glif_psc</c>: absolute mV, ms, pF, nS, pA.</summary>
internal static class NestParameters
{
    private const double Milli = 1e3,
        Pico = 1e12,
        Nano = 1e9;

    // NEST's own names, as they are.
    private static readonly JsonSerializerOptions AsTheyAre = new() { WriteIndented = true };

    /// <summary>The dictionary as a JSON document.</summary>
    public static string ToJson(NeuronConfig neuron) => JsonSerializer.Serialize(Of(neuron), AsTheyAre) + "\n";

    /// <summary>The dictionary, in the order of NEST's documentation.</summary>
    public static IReadOnlyDictionary<string, object> Of(NeuronConfig neuron)
    {
        var rest = Milli * (neuron.RestingReferenceVolts + neuron.RestingPotentialVolts);
        var (threshold, reset) = (neuron.ThresholdDynamics, neuron.VoltageReset);
        var (spikes, currents) = (threshold.Name != "inf", neuron.AfterspikeDynamics.Name == "exp");
        var adapts = threshold.Name == "three_components_exact" && threshold.Scalars["a_voltage"] != 0;
        var values = new Dictionary<string, object>
        {
            ["V_m"] = Milli * (neuron.RestingReferenceVolts + neuron.InitialVoltageVolts),
            ["V_th"] = Milli * (neuron.RestingReferenceVolts + neuron.EffectiveThresholdVolts),
            ["g"] = Nano * neuron.ConductanceSiemens,
            ["E_L"] = rest,
            ["C_m"] = Pico * neuron.EffectiveCapacitanceFarads,
            ["t_ref"] = Milli * neuron.SpikeCutSteps * neuron.DtSeconds,
            ["V_reset"] = Milli * neuron.RestingReferenceVolts,
            ["spike_dependent_threshold"] = spikes,
            ["after_spike_currents"] = currents,
            ["adapting_threshold"] = adapts,
        };
        if (spikes)
        {
            // NEST measures its reset from E_L, Allen's from El_reference: the same where El is 0.
            values["th_spike_add"] = Milli * threshold.Scalars["a_spike"];
            values["th_spike_decay"] = threshold.Scalars["b_spike"] / Milli;
            values["voltage_reset_fraction"] = reset.Name == "v_before" ? reset.Scalars["a"] : 0;
            values["voltage_reset_add"] = reset.Name == "v_before" ? Milli * reset.Scalars["b"] : 0;
        }
        if (adapts)
        {
            values["th_voltage_index"] = neuron.Coefficients.A * threshold.Scalars["a_voltage"] / Milli;
            values["th_voltage_decay"] = neuron.Coefficients.B * threshold.Scalars["b_voltage"] / Milli;
        }
        if (currents)
        {
            values["asc_init"] = Array.ConvertAll(neuron.InitialAfterspikeCurrentsAmperes, a => Pico * a);
            values["asc_decay"] = Array.ConvertAll(neuron.AfterspikeTimeConstantsSeconds, tau => 1 / (Milli * tau));
            values["asc_amps"] = neuron
                .AfterspikeAmplitudesAmperes.Zip(neuron.Coefficients.AfterspikeAmplitudes, (a, c) => Pico * a * c)
                .ToArray();
            values["asc_r"] = neuron.AfterspikeReset.Vectors["r"];
        }
        return values;
    }
}
