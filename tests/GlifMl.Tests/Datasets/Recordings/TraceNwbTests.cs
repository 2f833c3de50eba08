using System.Diagnostics;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Datasets;

/// <summary>Simulated traces as NWB 2 files.</summary>
public sealed class TraceNwbTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(-0.07)]
    [InlineData(0)]
    public void Write_Trace_IsReadBack(double reference)
    {
        var (amperes, trace) = Simulated();
        TraceNwb.Write(_folder["a.nwb"], amperes, trace, reference, "a step");
        using var file = RecordingFile.Open(_folder["a.nwb"]);

        var sweep = Assert.Single(file.Sweeps).Load();
        Assert.Equal("a step", sweep.Stimulus);
        Assert.Equal(trace.DtSeconds, sweep.SamplingIntervalSeconds, 1e-18);
        Assert.Equal(reference != 0, sweep.IsAbsolute);
        Assert.Equal(trace.VoltageVolts.Select(v => (float)((v + reference) * 1e3)), sweep.VoltageMv);
        Assert.Equal(amperes.Select(a => (float)(a * 1e12)), sweep.CurrentPa!);
        Assert.Contains(sweep.VoltageMv, float.IsNaN);
    }

    [Fact]
    public void Write_Twice_IsTheSameFile()
    {
        var (amperes, trace) = Simulated();
        TraceNwb.Write(_folder["a.nwb"], amperes, trace, -0.07, "a step");
        TraceNwb.Write(_folder["b.nwb"], amperes, trace, -0.07, "a step");

        Assert.Equal(File.ReadAllBytes(_folder["a.nwb"]), File.ReadAllBytes(_folder["b.nwb"]));
    }

    [H5pyFact]
    public void Write_Trace_HasWhatPynwbLooksFor()
    {
        var (amperes, trace) = Simulated();
        TraceNwb.Write(_folder["a.nwb"], amperes, trace, -0.07, "a step");
        const string script = """
            import sys, h5py, numpy as np
            f = h5py.File(sys.argv[1], "r")
            assert f.attrs["neurodata_type"] == "NWBFile" and f.attrs["nwb_version"] == "2.6.0"
            for name in ("identifier", "session_description", "session_start_time", "timestamps_reference_time"):
                assert isinstance(f[name][()], bytes), name
            assert f["file_create_date"].shape == (1,)
            v, i = f["acquisition/voltage"], f["stimulus/presentation/current"]
            assert v.attrs["neurodata_type"] == "CurrentClampSeries" and i.attrs["neurodata_type"] == "CurrentClampStimulusSeries"
            for s, unit in ((v, "volts"), (i, "amperes")):
                assert s["data"].attrs["unit"] == unit and s["data"].attrs["conversion"] == 1.0 and s["data"].attrs["resolution"] == -1.0
                assert s["starting_time"][()] == 0.0 and s["starting_time"].attrs["unit"] == "seconds"
                assert s["electrode"].attrs["neurodata_type"] == "IntracellularElectrode"
                assert s["electrode/device"].attrs["neurodata_type"] == "Device"
                assert f["general/intracellular_ephys/soma"] == s["electrode"]
            ids = []
            f.visititems(lambda n, o: ids.append(o.attrs["object_id"]) if "object_id" in o.attrs else None)
            assert len(ids) == len(set(ids)) == 7, ids
            print(v["data"].shape[0], v["starting_time"].attrs["rate"], np.isnan(v["data"][:]).sum(), repr(float(v["data"][0])))
            """;
        using var python = Process.Start(
            new ProcessStartInfo(H5pyFactAttribute.Python)
            {
                ArgumentList = { "-c", script, _folder["a.nwb"] },
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        var output = python.StandardOutput.ReadToEnd();
        python.WaitForExit();

        Assert.Equal(0, python.ExitCode);
        Assert.Equal($"{amperes.Length} {1 / trace.DtSeconds:F1} {trace.VoltageVolts.Count(double.IsNaN)} -0.07\n", output);
    }

    private static (double[] Amperes, GlifTrace Trace) Simulated()
    {
        var neuron = NeuronConfig.Load(Glifml.Path("datasets/neurons/483101699_glif3.json"));
        var amperes = new double[4000];
        Array.Fill(amperes, 4e-10, 1000, 2000);
        return (amperes, GlifSimulator.Run(neuron, amperes));
    }
}
