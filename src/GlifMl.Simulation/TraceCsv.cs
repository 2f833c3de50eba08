using System.Text;

namespace GlifMl.Simulation;

/// <summary>GLIF traces in CSV files: columns <c>time_s,stimulus_A,voltage_V,threshold_V,asc0_A,...</c></summary>
public static class TraceCsv
{
    /// <summary>Writes a trace; doubles round-trip, spike cuts are <c>NaN</c>. A file appears whole or not at all.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="stimulusAmperes">[N] the injected current in A.</param>
    /// <param name="trace">What the neuron did under it.</param>
    /// <exception cref="ArgumentException">The stimulus and the trace differ in length.</exception>
    public static void Write(string path, ReadOnlyMemory<double> stimulusAmperes, GlifTrace trace)
    {
        if (stimulusAmperes.Length != trace.VoltageVolts.Length)
            throw new ArgumentException(
                $"trace: found {trace.VoltageVolts.Length} steps for {stimulusAmperes.Length} stimulus samples, expected as many"
            );
        OutputFile.Write(
            path,
            stream =>
            {
                using var writer = new StreamWriter(
                    stream,
                    new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
                    1 << 16,
                    leaveOpen: true
                )
                {
                    NewLine = "\n",
                };
                writer.Write("time_s,stimulus_A,voltage_V,threshold_V");
                for (var k = 0; k < trace.AfterspikeCurrentsAmperes.Length; k++)
                    writer.Write($",asc{k}_A");
                writer.WriteLine();
                var stimulus = stimulusAmperes.Span;
                for (var n = 0; n < stimulus.Length; n++)
                {
                    writer.Write($"{n * trace.DtSeconds:R},{stimulus[n]:R},{trace.VoltageVolts[n]:R},{trace.ThresholdVolts[n]:R}");
                    foreach (var current in trace.AfterspikeCurrentsAmperes)
                        writer.Write($",{current[n]:R}");
                    writer.WriteLine();
                }
            }
        );
    }
}
