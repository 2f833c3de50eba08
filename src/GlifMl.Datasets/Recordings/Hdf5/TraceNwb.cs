using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PureHDF;

namespace GlifMl;

/// <summary>
/// GLIF traces as NWB 2 files, in the layout that pynwb writes: the voltage as a CurrentClampSeries, the current as its
/// CurrentClampStimulusSeries, threshold and afterspike currents as time series beside them.
/// </summary>
/// <remarks>
/// The file has no copy of the specification (pynwb then takes its own), and no dates but the epoch: a simulation has none, and the same
/// simulation gives the same bytes.
/// </remarks>
public static class TraceNwb
{
    /// <summary>What the comments of a series say whose voltages are measured from rest.</summary>
    internal const string FromRest = "voltage measured from rest: the neuron's El_reference is not known";

    private const string Version = "2.6.0";
    private const string Epoch = "1970-01-01T00:00:00+00:00";
    private const string Device = "/general/devices/simulator";
    private const string Electrode = "/general/intracellular_ephys/soma";

    /// <summary>Writes a trace. The file appears whole or not at all.</summary>
    /// <param name="path">The NWB file.</param>
    /// <param name="stimulusAmperes">[N] the injected current in A.</param>
    /// <param name="trace">What the neuron did under it.</param>
    /// <param name="referenceVolts">
    /// The neuron's El_reference in V, which is added to its voltages, as those of a recording are absolute; 0 where it is not known, and
    /// voltages are then measured from rest, which the file says.
    /// </param>
    /// <param name="stimulusName">What the stimulus is called.</param>
    /// <exception cref="ArgumentException">The stimulus and the trace differ in length.</exception>
    public static void Write(string path, double[] stimulusAmperes, GlifTrace trace, double referenceVolts, string stimulusName)
    {
        if (stimulusAmperes.Length != trace.VoltageVolts.Length)
        {
            throw new ArgumentException(
                $"trace: found {trace.VoltageVolts.Length} steps for {stimulusAmperes.Length} stimulus samples; expected as many"
            );
        }
        using var whole = new MemoryStream();
        File(stimulusAmperes, trace, referenceVolts, stimulusName).Write(whole);
        whole.Position = 0;
        OutputFile.Write(path, whole.CopyTo);
    }

    private static H5File File(double[] stimulus, GlifTrace trace, double reference, string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Bytes([stimulus, trace.VoltageVolts])));
        var comments = reference == 0 ? FromRest : Invariant.Text($"voltage plus the neuron's El_reference, {reference:R} V");
        var acquisition = new H5Group
        {
            ["voltage"] = Series(
                "CurrentClampSeries",
                $"voltage {hash}",
                Array.ConvertAll(trace.VoltageVolts, v => v + reference),
                "volts",
                trace.DtSeconds,
                name,
                "membrane potential of a simulated GLIF neuron; NaN where it is refractory after a spike",
                comments
            ),
            ["threshold"] = Series(
                "TimeSeries",
                $"threshold {hash}",
                Array.ConvertAll(trace.ThresholdVolts, v => v + reference),
                "volts",
                trace.DtSeconds,
                null,
                "threshold of the same neuron",
                comments
            ),
        };
        foreach (var (k, current) in trace.AfterspikeCurrentsAmperes.Index())
        {
            acquisition[Invariant.Text($"afterspike_current_{k}")] = Series(
                "TimeSeries",
                $"afterspike current {k} {hash}",
                current,
                "amperes",
                trace.DtSeconds,
                null,
                "afterspike current of the same neuron",
                ""
            );
        }
        return new H5File
        {
            Attributes = Typed("NWBFile", hash, ("nwb_version", Version)),
            ["identifier"] = new H5Dataset($"glifml-{hash[..32]}"),
            ["session_description"] = new H5Dataset("a simulated GLIF neuron; a simulation has no date, and the epoch stands for it"),
            ["session_start_time"] = new H5Dataset(Epoch),
            ["timestamps_reference_time"] = new H5Dataset(Epoch),
            ["file_create_date"] = new H5Dataset(new[] { Epoch }),
            ["acquisition"] = acquisition,
            ["analysis"] = new H5Group(),
            ["processing"] = new H5Group(),
            ["stimulus"] = new H5Group
            {
                ["presentation"] = new H5Group
                {
                    ["current"] = Series(
                        "CurrentClampStimulusSeries",
                        $"current {hash}",
                        stimulus,
                        "amperes",
                        trace.DtSeconds,
                        name,
                        "current injected into the soma",
                        ""
                    ),
                },
                ["templates"] = new H5Group(),
            },
            ["general"] = new H5Group
            {
                ["devices"] = new H5Group
                {
                    ["simulator"] = new H5Group
                    {
                        Attributes = Typed("Device", Device, ("description", "GlifMl"), ("manufacturer", "GlifMl")),
                    },
                },
                ["intracellular_ephys"] = new H5Group
                {
                    ["soma"] = new H5Group
                    {
                        Attributes = Typed("IntracellularElectrode", Electrode),
                        ["description"] = new H5Dataset("the whole of a point neuron"),
                        ["device"] = new H5SoftLink(Device),
                    },
                },
            },
        };
    }

    private static H5Group Series(
        string type,
        string identity,
        double[] values,
        string unit,
        double dt,
        string? stimulus,
        string description,
        string comments
    )
    {
        var attributes = Typed(type, identity, ("description", description), ("comments", comments));
        var group = new H5Group
        {
            Attributes = attributes,
            ["data"] = new H5Dataset(values)
            {
                Attributes = new()
                {
                    ["unit"] = unit,
                    ["conversion"] = 1.0,
                    ["offset"] = 0.0,
                    ["resolution"] = -1.0,
                },
            },
            ["starting_time"] = new H5Dataset(0.0)
            {
                Attributes = new() { ["rate"] = 1 / dt, ["unit"] = "seconds" },
            },
        };
        if (stimulus is null)
            return group;
        attributes["stimulus_description"] = stimulus;
        attributes["sweep_number"] = 0u;
        group["electrode"] = new H5SoftLink(Electrode);
        return group;
    }

    // Every object of NWB has a type and an identity of its own.
    private static Dictionary<string, object> Typed(string type, string identity, params (string Key, object Value)[] more)
    {
        var attributes = new Dictionary<string, object>
        {
            ["namespace"] = "core",
            ["neurodata_type"] = type,
            ["object_id"] = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{type} {identity}")).AsSpan(0, 16)).ToString(
                "D",
                CultureInfo.InvariantCulture
            ),
        };
        foreach (var (key, value) in more)
            attributes[key] = value;
        return attributes;
    }

    private static byte[] Bytes(double[][] traces)
    {
        var bytes = new byte[traces.Sum(trace => trace.Length) * sizeof(double)];
        var at = 0;
        foreach (var trace in traces)
        {
            Buffer.BlockCopy(trace, 0, bytes, at, trace.Length * sizeof(double));
            at += trace.Length * sizeof(double);
        }
        return bytes;
    }
}
