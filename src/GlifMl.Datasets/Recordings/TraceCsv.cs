using System.Globalization;
using System.Text;

namespace GlifMl;

/// <summary>GLIF traces in CSV files: columns <c>time_s,stimulus_A,voltage_V,threshold_V,asc0_A,...</c></summary>
public static class TraceCsv
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Writes a trace; doubles round-trip, spike cuts are <c>NaN</c>. The file appears whole or not at all.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="stimulusAmperes">[N] the injected current in A.</param>
    /// <param name="trace">What the neuron did under it.</param>
    /// <exception cref="ArgumentException">The stimulus and the trace differ in length.</exception>
    public static void Write(string path, ReadOnlyMemory<double> stimulusAmperes, GlifTrace trace)
    {
        if (stimulusAmperes.Length != trace.VoltageVolts.Length)
            throw new ArgumentException(
                $"trace: found {trace.VoltageVolts.Length} steps for {stimulusAmperes.Length} stimulus samples; expected as many"
            );
        var afterspike = Enumerable.Range(0, trace.AfterspikeCurrentsAmperes.Length).Select(k => $",asc{k}_A");
        Write(
            path,
            "time_s,stimulus_A,voltage_V,threshold_V" + string.Concat(afterspike),
            stimulusAmperes.Length,
            (row, n) =>
            {
                row.Add(n * trace.DtSeconds).Add(stimulusAmperes.Span[n]).Add(trace.VoltageVolts[n]).Add(trace.ThresholdVolts[n]);
                foreach (var current in trace.AfterspikeCurrentsAmperes)
                    row.Add(current[n]);
            }
        );
    }

    /// <summary>Writes rows of numbers below a header, whatever the culture.</summary>
    internal static void Write(string path, string header, int rows, Action<Row, int> fill) =>
        OutputFile.Write(
            path,
            stream =>
            {
                using var writer = new StreamWriter(
                    stream,
                    new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
                    BufferBytes,
                    leaveOpen: true
                )
                {
                    NewLine = "\n",
                };
                writer.WriteLine(header);
                var row = new Row(writer);
                for (var n = 0; n < rows; n++)
                {
                    fill(row, n);
                    row.End();
                }
            }
        );

    /// <summary>A row being written.</summary>
    internal sealed class Row(TextWriter writer)
    {
        private bool _isBegun;

        /// <summary>Adds a number that round-trips.</summary>
        public Row Add(double value)
        {
            if (_isBegun)
                writer.Write(',');
            writer.Write(value.ToString("R", CultureInfo.InvariantCulture));
            _isBegun = true;
            return this;
        }

        /// <summary>Ends the row.</summary>
        public void End()
        {
            writer.WriteLine();
            _isBegun = false;
        }
    }
}
