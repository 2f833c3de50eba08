using System.Runtime.InteropServices;

namespace GlifMl.Datasets;

/// <summary>
/// Axon binary files (pClamp). Voltage is the first input in volts; current is the command where its epochs tell it exactly, or else the
/// first input in amperes.
/// </summary>
internal static class AbfFile
{
    private const int GapFree = 3;
    private const int VariableLength = 1;

    private static readonly ColumnUnit Millivolt = ColumnUnit.Known("mV");
    private static readonly ColumnUnit Picoampere = ColumnUnit.Known("pA");

    /// <summary>Opens a file.</summary>
    public static RecordingFile Open(string path)
    {
        var file = new BlockFile(path, "Axon binary file");
        try
        {
            return Open(file);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException or IndexOutOfRangeException)
        {
            file.Dispose();
            throw file.Damaged("a header that refers beyond itself");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static RecordingFile Open(BlockFile file)
    {
        var header = AbfHeader.Read(file);
        var format = $"ABF {header.Version}";
        if (header.Mode == VariableLength || header.Lengths.Length > 0)
            throw file.Fault($"{format} with sweeps of unequal length", "sweeps of equal length, or a gap-free recording");
        var sweeps = Math.Max(header.Sweeps, 1);
        var (channels, each) = (header.Inputs.Length, header.Points / sweeps / header.Inputs.Length);
        var bytes = header.IsFloat ? 4 : 2;
        if (each < 1)
            throw file.Damaged(Invariant.Text($"{header.Points} points in {sweeps} sweeps of {channels} channels"));
        // Numbers that the file still has: a computer that stopped leaves a header that promises more.
        var there = Math.Max(0, file.Length - header.DataStart) / bytes;
        if (there == 0)
            throw file.Damaged("no data");
        var refusal = Clamp(header, out var voltage, out var recorded, out var command);
        return new RecordingFile(
            file.Path,
            format,
            [
                .. Enumerable
                    .Range(0, sweeps)
                    .Select(sweep =>
                    {
                        var first = sweep * each * channels;
                        var samples = Math.Clamp((there - first) / channels, 0, each);
                        var (notes, why) = (new List<string>(), refusal);
                        if (samples < each)
                            notes.Add($"{samples} of {each} samples are there: the file was cut short");
                        if (samples < 2)
                            why ??= "found no samples, because the file was cut short; expected some";
                        if (why is not null)
                            return new RecordedSweep(file.Path, header.Interval, new NoSignal(), null)
                            {
                                Number = sweep,
                                Refusal = why,
                                Notes = notes,
                            };
                        AbfSignal Input(int input, ColumnUnit unit) =>
                            new(file, header, input, header.DataStart + (first * bytes), samples, unit);
                        var current = Current(header, command, recorded, sweep, samples, each, Input, notes);
                        return new RecordedSweep(file.Path, header.Interval, Input(voltage, Millivolt), current)
                        {
                            Number = sweep,
                            Notes = notes,
                        };
                    }),
            ],
            file
        );
    }

    // Why the file is none of current clamp; null where it is, with its channels.
    private static string? Clamp(AbfHeader header, out int voltage, out int recorded, out int command)
    {
        voltage = Array.FindIndex(header.Inputs, input => IsOf(input.Unit, Quantity.Voltage));
        recorded = Array.FindIndex(header.Inputs, input => IsOf(input.Unit, Quantity.Current));
        command = Array.FindIndex(header.Outputs, output => IsOf(output.Unit, Quantity.Current));
        var isPlayed = command >= 0 && HasPlayed(header.Outputs[command]);
        // Of several outputs in amperes the one that played something.
        if (!isPlayed && Array.FindIndex(header.Outputs, o => IsOf(o.Unit, Quantity.Current) && HasPlayed(o)) is >= 0 and var other)
            (command, isPlayed) = (other, true);
        var units = string.Join(", ", header.Inputs.Select(input => Quoted.Of(input.Unit)));
        if (voltage < 0)
            return $"found channels in {units}; expected one in {ColumnUnit.Of(Quantity.Voltage)}: voltage clamp is not read";
        if (!isPlayed && recorded >= 0 && header.Outputs.Any(o => IsOf(o.Unit, Quantity.Voltage) && HasPlayed(o)))
            return "found a command in volts and a current: voltage clamp; expected current clamp";
        return
            double.IsFinite(header.Inputs[voltage].Gain)
            && header.Inputs[voltage].Gain != 0
            && double.IsFinite(header.Inputs[voltage].Offset)
            ? null
            : Invariant.Text(
                $"found a gain of {header.Inputs[voltage].Gain} and an offset of {header.Inputs[voltage].Offset} of the voltage; "
                    + $"expected a finite factor that is not 0"
            );
    }

    private static SweepSignal? Current(
        AbfHeader header,
        int command,
        int recorded,
        int sweep,
        long samples,
        long each,
        Func<int, ColumnUnit, AbfSignal> input,
        List<string> notes
    )
    {
        if (command >= 0)
        {
            var output = header.Outputs[command];
            if (AbfCommand.Of(output, sweep, each, header.HasUserList, out var reason) is { } epochs)
            {
                var scale = ColumnUnit.Of(output.Unit)!.To(Picoampere);
                // A command that never moved, beside a current that was recorded, is one that another program gave.
                if (output.Source != AbfWaveform.None || recorded < 0)
                    return new StretchSignal(new ComputedSignal(each, sample => (float)(epochs.At(sample) * scale)), 0, samples);
            }
            else
            {
                notes.Add($"the command is not known: {reason}");
            }
        }
        if (recorded >= 0)
        {
            notes.Add("current as it was recorded");
            return input(recorded, Picoampere);
        }
        if (command < 0)
            notes.Add("no output or input in amperes: the current is not known");
        return null;
    }

    // As far as that is known.
    private static bool HasPlayed(AbfOutput output) => output.Source is AbfWaveform.Epochs or AbfWaveform.File;

    private static bool IsOf(string unit, Quantity quantity) => ColumnUnit.Of(unit)?.Quantity == quantity;

    /// <summary>One input of one sweep: every so-many-th number of the data.</summary>
    private sealed class AbfSignal(BlockFile file, AbfHeader header, int input, long start, long length, ColumnUnit unit)
        : SweepSignal(length)
    {
        private const int SliceBytes = 1 << 20;

        public override void Read(long first, Span<float> into)
        {
            var channels = header.Inputs.Length;
            var (channel, bytes) = (header.Inputs[input], header.IsFloat ? 4 : 2);
            var scale = ColumnUnit.Of(channel.Unit)!.To(unit);
            var slice = new byte[Math.Min(SliceBytes / (channels * bytes), into.Length) * channels * bytes];
            for (var done = 0; done < into.Length; )
            {
                var count = Math.Min(slice.Length / (channels * bytes), into.Length - done);
                var block = slice.AsSpan(0, count * channels * bytes);
                file.ReadInto(start + ((first + done) * channels * bytes), block);
                // The format is little-endian, as are the machines that this runs on.
                var singles = MemoryMarshal.Cast<byte, float>(block);
                var shorts = MemoryMarshal.Cast<byte, short>(block);
                for (var i = 0; i < count; i++)
                {
                    double number = header.IsFloat ? singles[(i * channels) + input] : shorts[(i * channels) + input];
                    into[done + i] = (float)(((number * channel.Gain) + channel.Offset) * scale);
                }
                done += count;
            }
        }
    }
}
