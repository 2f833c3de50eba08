using System.Buffers.Binary;
using System.Text;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Datasets;

/// <summary>
/// Recordings as recorders write them: NWB files that h5py wrote (Fixtures/recordings/make_nwb.py), and ABF and Igor files put together
/// here, field by field, from their published layouts.
/// </summary>
internal static class RecordingFixtures
{
    public const int Samples = 500;

    public static string Nwb(string name) => Glifml.Path($"tests/GlifMl.Tests/Fixtures/recordings/{name}.nwb");

    /// <summary>The whole numbers of a response in make_nwb.py.</summary>
    public static short[] Volts(int seed) => [.. Enumerable.Range(0, Samples).Select(i => (short)((((i * 37) + seed) % 1000) - 500))];

    /// <summary>The whole numbers of a stimulus in make_nwb.py.</summary>
    public static short[] Amps(int seed) => [.. Enumerable.Range(0, Samples).Select(i => (short)(i is >= 100 and < 400 ? 10 + seed : 0))];

    /// <summary>
    /// An ABF1 file: two channels (mV and pA) of 16-bit integers or Singles, episodic or gap-free, a step and a ramp on output 0.
    /// </summary>
    public static byte[] Abf1(
        short[][] sweeps,
        bool isFloat = false,
        short mode = 5,
        string unit = "mV",
        short channels = 2,
        short waveformEnable = 1,
        string outputUnit = "pA",
        short epochType = 1,
        float version = 1.83f,
        short userList = 0
    )
    {
        var points = sweeps.Sum(sweep => sweep.Length);
        var bytes = new byte[8192 + (points * (isFloat ? 4 : 2))];
        var h = new Writer(bytes);
        h.Text(0, "ABF ");
        h.Single(4, version);
        h.Int16(3362, userList);
        h.Int16(8, mode);
        h.Int32(10, points);
        h.Int32(16, sweeps.Length);
        h.Int32(40, 16);
        h.Int16(100, (short)(isFloat ? 1 : 0));
        h.Int16(120, channels);
        h.Single(122, 50f / channels);
        h.Single(244, 10);
        h.Int32(252, 32768);
        // Channel 0 is the third physical one, so that gains are looked up where they stand.
        h.Int16(410, 2);
        h.Int16(412, 5);
        foreach (
            var (physical, text, scale, gain, telegraph) in ((int, string, float, float, float)[])
                [(2, unit, 0.01f, 2, 5), (5, "pA", 0.0005f, 1, 1)]
        )
        {
            h.Text(602 + (8 * physical), text.PadRight(8));
            h.Single(730 + (4 * physical), gain);
            h.Single(922 + (4 * physical), scale);
            h.Single(986 + (4 * physical), 3);
            h.Single(1050 + (4 * physical), 1);
            h.Single(1114 + (4 * physical), 1);
            h.Int16(4512 + (2 * physical), (short)(telegraph == 1 ? 0 : 1));
            h.Single(4576 + (4 * physical), telegraph);
        }
        h.Text(1346, outputUnit.PadRight(8));
        h.Single(1394, -20);
        h.Int16(2296, waveformEnable);
        h.Int16(2300, 1);
        h.Int16(2308, epochType);
        h.Int16(2310, 2);
        h.Single(2348, 100);
        h.Single(2352, 40);
        h.Single(2428, 20);
        h.Int32(2508, 30);
        h.Int32(2512, 11);
        h.Int32(2588, 1);
        Data(bytes.AsSpan(8192), sweeps, isFloat);
        return bytes;
    }

    /// <summary>An ABF2 file of the same kind: sections, and texts in one of them.</summary>
    public static byte[] Abf2(short[][] sweeps, short mode = 5, string outputUnit = "pA", short source = 1, int[]? lengths = null)
    {
        var points = sweeps.Sum(sweep => sweep.Length);
        var bytes = new byte[(10 * 512) + (points * 2)];
        var h = new Writer(bytes);
        h.Text(0, "ABF2");
        bytes[4] = 0;
        bytes[5] = 0;
        bytes[6] = 6;
        bytes[7] = 2;
        h.Int32(12, sweeps.Length);
        h.Section(76, 1, 512, 1);
        h.Section(92, 2, 128, 2);
        h.Section(108, 3, 256, 1);
        h.Section(156, 4, 48, 3);
        h.Section(220, 5, 200, 1);
        h.Section(236, 10, 2, points);
        if (lengths is not null)
            h.Section(316, 6, 8, lengths.Length);
        h.Int16(512, mode);
        h.Single(514, 50);
        h.Single(512 + 110, 10);
        h.Int32(512 + 118, 32768);
        foreach (var (k, scale, gain, telegraph, text) in ((int, float, float, float, int)[])[(0, 0.01f, 2, 5, 2), (1, 0.0005f, 1, 1, 4)])
        {
            var at = 1024 + (128 * k);
            h.Int16(at + 2, (short)(telegraph == 1 ? 0 : 1));
            h.Single(at + 6, telegraph);
            h.Single(at + 28, gain);
            h.Single(at + 40, scale);
            h.Single(at + 44, 3);
            h.Single(at + 48, 1);
            h.Single(at + 52, 1);
            h.Int32(at + 78, text);
        }
        h.Single(1536 + 12, -20);
        h.Int32(1536 + 28, 6);
        h.Int16(1536 + 40, 1);
        h.Int16(1536 + 42, source);
        // A step that grows, a ramp, a train of two pulses.
        foreach (
            var (k, type, level, dl, samples, ds, period, width) in ((int, short, float, float, int, int, int, int)[])
                [(0, 1, 100, 20, 30, 1, 0, 0), (1, 2, 40, 0, 11, 0, 0, 0), (2, 3, 70, 0, 20, 0, 10, 4)]
        )
        {
            var at = 2048 + (48 * k);
            h.Int16(at, (short)k);
            h.Int16(at + 4, type);
            h.Single(at + 6, level);
            h.Single(at + 10, dl);
            h.Int32(at + 14, samples);
            h.Int32(at + 18, ds);
            h.Int32(at + 22, period);
            h.Int32(at + 26, width);
        }
        h.Text(2560, "SSCH\0\0\0\0preamble\0\0IN 0\0mV\0IN 2\0pA\0Cmd 0\0" + outputUnit + "\0");
        foreach (var (k, length) in (lengths ?? []).Index())
            h.Int32(3072 + (8 * k) + 4, length);
        Data(bytes.AsSpan(5120), sweeps, isFloat: false);
        return bytes;
    }

    /// <summary>An Igor binary wave of version 5 or 2, of either byte order.</summary>
    public static byte[] Igor(
        double[] values,
        string unit,
        short version = 5,
        short type = 2,
        int columns = 1,
        double interval = 0.05,
        string timeUnit = "ms",
        bool isBigEndian = false
    )
    {
        var size = type switch
        {
            4 => 8,
            2 or 0x20 => 4,
            0x10 => 2,
            _ => 1,
        };
        var start = version == 5 ? 384 : 126;
        var bytes = new byte[start + (values.Length * size) + 16];
        var h = new Writer(bytes, isBigEndian);
        h.Int16(0, version);
        if (version == 5)
        {
            h.Int32(4, 320 + (values.Length * size));
            h.Int16(64 + 16, type);
            h.Int32(64 + 68, values.Length / columns);
            h.Int32(64 + 72, columns == 1 ? 0 : columns);
            h.Double(64 + 84, interval);
            // A unit of more than three letters stands behind the data.
            if (unit.Length > 3)
            {
                h.Int32(16, unit.Length);
                h.Text(start + (values.Length * size), unit);
            }
            else
            {
                h.Text(64 + 148, unit);
            }
            h.Text(64 + 152, timeUnit);
        }
        else
        {
            h.Int16(16, type);
            h.Text(16 + 34, unit);
            h.Text(16 + 38, timeUnit);
            h.Int32(16 + 42, values.Length);
            h.Double(16 + 48, interval);
        }
        foreach (var (i, value) in values.Index())
        {
            var at = start + (i * size);
            if (type == 4)
                h.Double(at, value);
            else if (type == 2)
                h.Single(at, (float)value);
            else if (type == 0x20)
                h.Int32(at, (int)value);
            else if (type == 0x10)
                h.Int16(at, (short)value);
            else
                bytes[at] = (byte)(sbyte)value;
        }
        return bytes;
    }

    private static void Data(Span<byte> into, short[][] sweeps, bool isFloat)
    {
        var at = 0;
        foreach (var value in sweeps.SelectMany(sweep => sweep))
        {
            if (isFloat)
                BinaryPrimitives.WriteSingleLittleEndian(into[(4 * at)..], value);
            else
                BinaryPrimitives.WriteInt16LittleEndian(into[(2 * at)..], value);
            at++;
        }
    }

    private sealed class Writer(byte[] bytes, bool isBigEndian = false)
    {
        public void Int16(int at, short value) => Put(at, BitConverter.GetBytes(value));

        public void Int32(int at, int value) => Put(at, BitConverter.GetBytes(value));

        public void Single(int at, float value) => Put(at, BitConverter.GetBytes(value));

        public void Double(int at, double value) => Put(at, BitConverter.GetBytes(value));

        public void Text(int at, string text) => Encoding.Latin1.GetBytes(text).CopyTo(bytes, at);

        public void Section(int at, int block, int size, long count)
        {
            Int32(at, block);
            Int32(at + 4, size);
            Put(at + 8, BitConverter.GetBytes(count));
        }

        private void Put(int at, byte[] value)
        {
            if (isBigEndian)
                Array.Reverse(value);
            value.CopyTo(bytes, at);
        }
    }
}
