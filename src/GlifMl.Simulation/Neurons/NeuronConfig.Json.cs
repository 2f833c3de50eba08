using System.Text;
using System.Text.Json;
using GlifMl.Simulation;

namespace GlifMl;

public sealed partial record NeuronConfig
{
    /// <summary>Loads an Allen neuron_config file: the bare object, or one or several by id, <c>{"modelId": {...}, ...}</c>.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="modelId">Which of several models. Default null: the file's only one.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Not JSON, a key is missing, or a value impossible: one line with file, key, found,
    /// expected.</exception>
    public static NeuronConfig Load(string path, string? modelId = null)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"found no file {path}; expected a neuron config", path);
        return Parse(File.ReadAllText(path), path, modelId);
    }

    /// <summary>
    /// Parses an Allen neuron_config, as AllenSDK takes it. What AllenSDK does without may be missing: each factor of <c>coeffs</c> is
    /// then 1, and <c>El_reference</c>, which neither simulation uses, 0 V. All other keys that the simulation uses are required, so keys
    /// outside the schema (Allen adds <c>type</c>) can be ignored: a misspelt key still shows, as a missing one.
    /// </summary>
    /// <param name="json">The JSON text.</param>
    /// <param name="source">What error messages call it, usually the file's path.</param>
    /// <param name="modelId">Which of several models. Default null: the only one.</param>
    /// <exception cref="InvalidDataException">Not JSON, a key is missing, or a value impossible: one line with source, key, found,
    /// expected.</exception>
    public static NeuronConfig Parse(string json, string source, string? modelId = null)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var config = NeuronConfigReader.Read(document.RootElement, modelId);
            return NeuronConfigRules.FirstFault(config) is { } fault ? throw new InvalidDataException(fault) : config;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{source}:{e.LineNumber + 1}:{e.BytePositionInLine + 1}: found text that is not JSON; expected an Allen neuron_config",
                e
            );
        }
        // What JsonElement throws for a string with half a surrogate pair.
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"{source}: found text that is not Unicode; expected an Allen neuron_config", e);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{source}: {e.Message}", e);
        }
    }

    /// <summary>The config in the Allen schema, as <c>GlifNeuron.from_dict</c> of AllenSDK takes it. Numbers round-trip.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "GLIF");
            writer.WriteNumber(GlifParameter.RestingPotential, RestingPotentialVolts);
            writer.WriteNumber("El_reference", RestingReferenceVolts);
            writer.WriteNumber(GlifParameter.TimeStep, DtSeconds);
            writer.WriteNumber("dt_multiplier", DtMultiplier);
            writer.WriteNumber(GlifParameter.InputResistance, InputResistanceOhms);
            writer.WriteNumber(GlifParameter.Capacitance, CapacitanceFarads);
            writer.WriteNumber(GlifParameter.Threshold, ThresholdInfinityVolts);
            if (ThresholdAdaptation is { } adaptation)
                writer.WriteNumber("th_adapt", adaptation);
            else
                writer.WriteNull("th_adapt");
            writer.WriteNumber("spike_cut_length", SpikeCutSteps);
            WriteArray(writer, "asc_amp_array", AfterspikeAmplitudesAmperes);
            WriteArray(writer, "asc_tau_array", AfterspikeTimeConstantsSeconds);
            writer.WriteNumber("init_voltage", InitialVoltageVolts);
            writer.WriteNumber("init_threshold", InitialThresholdVolts);
            WriteArray(writer, "init_AScurrents", InitialAfterspikeCurrentsAmperes);
            writer.WriteStartObject("coeffs");
            writer.WriteNumber("a", Coefficients.A);
            writer.WriteNumber("b", Coefficients.B);
            writer.WriteNumber(GlifParameter.Capacitance, Coefficients.C);
            writer.WriteNumber("G", Coefficients.G);
            writer.WriteNumber(GlifParameter.Threshold, Coefficients.ThInf);
            WriteArray(writer, "asc_amp_array", Coefficients.AfterspikeAmplitudes);
            writer.WriteEndObject();
            writer.WriteString("extrapolation_method_name", ExtrapolationMethodName);
            WriteMethod(writer, "AScurrent_dynamics_method", AfterspikeDynamics);
            WriteMethod(writer, "AScurrent_reset_method", AfterspikeReset);
            WriteMethod(writer, "voltage_dynamics_method", VoltageDynamics);
            WriteMethod(writer, "voltage_reset_method", VoltageReset);
            WriteMethod(writer, "threshold_dynamics_method", ThresholdDynamics);
            WriteMethod(writer, "threshold_reset_method", ThresholdReset);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteMethod(Utf8JsonWriter writer, string key, NeuronMethod method)
    {
        writer.WriteStartObject(key);
        writer.WriteString("name", method.Name);
        writer.WriteStartObject("params");
        foreach (var (name, value) in method.Scalars.OrderBy(p => p.Key, StringComparer.Ordinal))
            writer.WriteNumber(name, value);
        foreach (var (name, values) in method.Vectors.OrderBy(p => p.Key, StringComparer.Ordinal))
            WriteArray(writer, name, values);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter writer, string key, double[] values)
    {
        writer.WriteStartArray(key);
        foreach (var value in values)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }
}
