using System.Globalization;
using System.IO.Compression;
using System.Text;
using Files = GlifMl.Recordings;

namespace GlifMl.Tests.Datasets;

/// <summary>One recording as many programs write it.</summary>
public sealed class DialectTests
{
    [Theory]
    [InlineData("time_s,current_pA,voltage_mV\n0,0,-70\n0.0001,0,-70.5\n0.0002,50,-69\n")]
    [InlineData("voltage_mV,time_s,current_pA\n-70,0,0\n-70.5,0.0001,0\n-69,0.0002,50\n")]
    [InlineData("Time (s);Current (pA);Voltage (mV)\n0,0000;0;-70\n0,0001;0;-70,5\n0,0002;50;-69\n")]
    [InlineData("t [ms]\tV [mV]\tI [nA]\r\n0\t-70\t0\r\n0.1\t-70.5\t0\r\n0.2\t-69\t0.05\r\n")]
    [InlineData("\"time_s\",\"current_pA\",\"voltage_mV\"\n\"0\",\"0\",\"-70\"\n\"0.0001\",\"0\",\"-70.5\"\n\"0.0002\",\"50\",\"-69\"\n")]
    [InlineData("\"time_s\",\"current_pA\",\"voltage_mV\"\n\"0,0000\",0,\"-70,0\"\n\"0,0001\",0,\"-70,5\"\n\"0,0002\",50,\"-69,0\"\n")]
    [InlineData("# rig \"3\n% cell 4\ntime_s,current_pA,voltage_mV\n0,0,-70\n# a note, here\n0.0001,0,-70.5\n0.0002,50,-69\n")]
    [InlineData("# time_s current_pA voltage_mV\n0 0 -70\n0.0001 0 -70.5\n0.0002 50 -69\n")]
    [InlineData("  Time (s)   Current (pA)  Voltage (mV)\n   0.0000   0   -70\n   0.0001   0   -70.5\n   0.0002   50   -69\n")]
    [InlineData("time,current,voltage\ns,pA,mV\n0,0,-70\n0.0001,0,-70.5\n0.0002,50,-69\n")]
    [InlineData("Time\tIm\tVm\n(us)\t(pA)\t(mV)\n0\t0\t-70\n100\t0\t-70.5\n200\t50\t-69\n")]
    [InlineData("time (\u00b5s)|i_inj_pA|Vm/mV\n0|0|-70\n100|0|-70.5\n200|50|-69\n")]
    [InlineData("time_s,stimulus_A,voltage_V\n0,0,-0.07\n0.0001,0,-0.0705\n0.0002,5e-11,-0.069\n")]
    [InlineData("TimeMs,StimulusPa,VoltageMv\n0,0,-70\n.1,0,-70.5\n.2,50,-69\n")]
    [InlineData("TIME_S,CURRENT_PA,VOLTAGE_MV\n0,0,-70\n1E-4,0,-70.5\n2E-4,50,-69\n")]
    [InlineData("Rig 3, cell 4\nInterval= 0.1 ms\n\ntime_s,current_pA,voltage_mV\n0,0,-70\n0.0001,0,-70.5\n0.0002,50,-69\n")]
    [InlineData(
        "ATF\t1.0\n1\t3\n\"Mode=Episodic\"\n\"Time (s)\"\t\"Trace #1 (mV)\"\t\"Trace #1 "
            + "(pA)\"\n0\t-70\t0\n0.0001\t-70.5\t0\n0.0002\t-69\t50\n"
    )]
    [InlineData("sep=;\nt (ms);I (pA);V (mV)\n0;0;-70\n0,1;0;-70,5\n0,2;50;-69\n")]
    [InlineData("time_s,current_pA,voltage_mV\n0,0,-70\n0.0001,0,-70.5\n0.0002,50,-69\nNaN,NaN,NaN\nNaN,NaN,NaN\n")]
    [InlineData("time_s,current_pA,voltage_mV,\n0,0,-70,\n0.0001,0,-70.5,\n0.0002,50,-69,\n")]
    [InlineData(",time_s,current_pA,voltage_mV\n0,0,0,-70\n1,0.0001,0,-70.5\n2,0.0002,50,-69\n")]
    [InlineData("time_s,current_pA,voltage_mV\r0,0,-70\r0.0001,0,-70.5\r0.0002,50,-69\r")]
    [InlineData("time_s,current_pA,voltage_mV\n0,0,\u221270\n0.0001,0,\u221270.5\n0.0002,50,\u221269\n\n  \n,,\n")]
    public void Load_AnyDialect_IsTheSameRecording(string text)
    {
        foreach (var encoding in (Encoding[])[new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            var sweep = Assert.Single(Load([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]));
            Assert.Equal(1e-4, sweep.SamplingIntervalSeconds);
            Assert.Equal([-70, -70.5f, -69], sweep.VoltageMv);
            Assert.Equal([0, 0, 50], sweep.CurrentPa!);
            Assert.True(sweep.IsAbsolute);
            Assert.Empty(sweep.Notes);
        }
    }

    [Fact]
    public void Load_Latin1AndUtf16WithoutMark_AreTold()
    {
        const string Text = "time (\u00b5s),voltage (mV)\n0,-70\n100,-71\n";
        Assert.Equal(1e-4, Assert.Single(Load(Encoding.Latin1.GetBytes(Text))).SamplingIntervalSeconds);
        Assert.Equal(1e-4, Assert.Single(Load(Encoding.Unicode.GetBytes(Text))).SamplingIntervalSeconds);
        Assert.Equal(1e-4, Assert.Single(Load(Encoding.BigEndianUnicode.GetBytes(Text))).SamplingIntervalSeconds);
    }

    [Theory]
    [InlineData("NA")]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("-nan(ind)")]
    [InlineData("#N/A")]
    [InlineData("1.#QNAN")]
    [InlineData("null")]
    [InlineData("-")]
    public void Load_MissingValues_AreNaNInVoltageAndCurrent(string missing)
    {
        var sweep = Assert.Single(Load($"time_s,current_pA,voltage_mV\n0,{missing},-70\n1,5,{missing}\n2,{missing},{missing}\n"));
        Assert.Equal([-70, float.NaN, float.NaN], sweep.VoltageMv);
        Assert.Equal([float.NaN, 5, float.NaN], sweep.CurrentPa!);
    }

    [Theory]
    [InlineData("1,234.5", "1,234.6", 1.2345)]
    [InlineData("1.234,5", "1.234,6", 1.2345)]
    [InlineData("1234,5", "1234,6", 1.2345)]
    [InlineData("-0,3", "-0,2", -0.0003)]
    [InlineData("+1e3", "+1.0001e3", 1)]
    public void Load_NumbersOfManyForms_BeginAtTheFilesOwnTime(string first, string second, double start)
    {
        var sweep = Assert.Single(Load($"time_ms;voltage_mV\n{first};-70\n{second};-71\n"));
        Assert.Equal(start, sweep.StartSeconds, 1e-12);
        Assert.Equal(1e-4, sweep.SamplingIntervalSeconds, 1e-12);
    }

    [Fact]
    public void Load_MoreColumns_AreNamedAndNotRead()
    {
        var sweep = Assert.Single(
            Load("time_s,temperature_C,voltage_mV,voltage_filtered_mV,holding_pA,note\n0,33,-70,-70,-20,a\n1,33,-71,-71,-20,b c\n")
        );
        Assert.Equal([-70, -71], sweep.VoltageMv);
        Assert.Null(sweep.CurrentPa);
        Assert.Equal(["columns not read: temperature_C, voltage_filtered_mV, holding_pA, note"], sweep.Notes);
    }

    [Fact]
    public void Load_NamesOfAnotherLanguage_AreToldByTheirUnits()
    {
        var sweep = Assert.Single(Load("Zeit (s);Spannung (mV);Strom (nA)\n0;-70;0\n0,5;-71;0,1\n"));
        Assert.Equal([0, 100], sweep.CurrentPa!);
        Assert.Equal(
            ["column Zeit (s) read as the time", "column Spannung (mV) read as the voltage", "column Strom (nA) read as the current"],
            sweep.Notes
        );
    }

    [Fact]
    public void Load_WhatSimulateWrites_IsMeasuredFromRest()
    {
        var sweep = Assert.Single(
            Load("time_s,stimulus_A,voltage_V,threshold_V,asc0_A\n0,0,0,0.03,0\n5E-05,1E-10,0.01,0.03,0\n0.0001,1E-10,NaN,0.03,1E-12\n")
        );
        Assert.False(sweep.IsAbsolute);
        Assert.Equal([0, 10, float.NaN], sweep.VoltageMv);
        Assert.Equal([0, 100, 100], sweep.CurrentPa!);
        Assert.Equal(5e-5, sweep.SamplingIntervalSeconds);
    }

    [Theory]
    [InlineData("time_s,current_pA,voltage_mV_1,voltage_mV_2\n0,0,-70,-60\n1,5,-71,-61\n", "1 2", "5 5")]
    [InlineData("time_s,voltage_mV,voltage_mV.1,current_pA,current_pA.1\n0,-70,-60,0,0\n1,-71,-61,5,6\n", "0 1", "5 6")]
    [InlineData("Time (s)\tSweep 3 (mV)\tSweep 5 (mV)\n0\t-70\t-60\n1\t-71\t-61\n", "3 5", "- -")]
    [InlineData("time_s,voltage_mV,voltage_mV\n0,-70,-60\n1,-71,-61\n", "0 1", "- -")]
    [InlineData("sweep,time_s,voltage_mV,current_pA\n3,0,-70,0\n3,1,-71,5\n7,0,-60,0\n7,1,-61,6\n", "3 7", "5 6")]
    [InlineData("time_s,voltage_mV,current_pA,trial_number\n0,-70,0,0\n0,-60,0,1\n1,-71,5,0\n1,-61,6,1\n", "0 1", "5 6")]
    public void Load_SeveralSweeps_AreToldApart(string text, string numbers, string lastCurrents)
    {
        var sweeps = Load(text);
        Assert.Equal(numbers, string.Join(' ', sweeps.Select(s => s.Number)));
        Assert.Equal(
            [
                [-70, -71],
                [-60, -61],
            ],
            sweeps.Select(s => s.VoltageMv)
        );
        Assert.Equal(
            lastCurrents,
            string.Join(' ', sweeps.Select(s => s.CurrentPa is null ? "-" : s.CurrentPa[^1].ToString(CultureInfo.InvariantCulture)))
        );
    }

    public static TheoryData<string, byte[]> NoText =>
        new()
        {
            { "an HDF5 file (NWB?)", [0x89, .. "HDF\r\n\x1a\n"u8, .. new byte[64]] },
            { "an HDF5 file (NWB?)", [.. new byte[512], 0x89, .. "HDF\r\n\x1a\n"u8, .. new byte[64]] },
            { "an Axon binary file (ABF2)", [.. "ABF2"u8, .. new byte[64]] },
            { "an Axon binary file (ABF1)", [.. "ABF "u8, .. new byte[64]] },
            { "an Igor binary wave (.ibw)", [5, 0, .. new byte[64]] },
            { "a MATLAB file", [.. "MATLAB 5.0 MAT-file, Platform: GLNXA64"u8, .. new byte[64]] },
            { "a Parquet file", [.. "PAR1"u8, .. new byte[64]] },
            { "a ZIP archive (a workbook, NumPy's .npz?)", [.. "PK\u0003\u0004"u8, .. new byte[64]] },
            { "a NumPy file (.npy)", [0x93, .. "NUMPY"u8, .. new byte[64]] },
            { "a gzip file", Gzip("time_s,voltage_mV\n0,1\n1,2\n") },
            { "a binary file", [1, 2, 3, 0, 5, 6, 0, 0, 7] },
        };

    [Theory]
    [MemberData(nameof(NoText))]
    public void Load_WhatIsNoText_IsNamed(string what, byte[] bytes) =>
        Assert.Equal(
            $"cell.csv: found {what}; expected text: a header and rows of numbers",
            Assert.Throws<InvalidDataException>(() => Load(bytes, "cell.csv")).Message
        );

    [Fact]
    public void Load_HeaderThatATerminalWouldObey_IsQuoted()
    {
        var e = Assert.Throws<InvalidDataException>(() => Load("time_s,\u001b[31mcurrent\u001b[0m,\u001b]0;owned\u0007\n0,0,0\n"));
        Assert.Equal(
            "-:1: found header 'time_s,\\u001b[31mcurrent\\u001b[0m,\\u001b]0;owned\\u0007'; "
                + "expected columns time_s, voltage_mV and optionally current_pA",
            e.Message
        );
        Assert.Contains(
            new string('x', 77) + "...'",
            Assert.Throws<InvalidDataException>(() => Load(new string('x', 6000))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("time_s,voltage_mV\n0,1\n", 3)]
    public void Load_EndlessLine_IsNotReadToItsEnd(string before, int line)
    {
        using var endless = new EndlessStream(Encoding.UTF8.GetBytes(before));
        var e = Assert.Throws<InvalidDataException>(() => Files.Load(endless, "cell.csv"));
        Assert.Equal($"cell.csv:{line}: found a line of more than 65536 characters; expected a header and rows of numbers", e.Message);
        Assert.InRange(endless.Given, 0, 1 << 18);
    }

    [Fact]
    public void Files_OfAFolder_AreItsRecordingsInOrder()
    {
        using TempFolder folder = new();
        foreach (var name in (string[])["b.csv", "a.TSV", "c.txt", "notes.md", "d.mat"])
            File.WriteAllText(folder[name], "");
        Assert.Equal([folder["a.TSV"], folder["b.csv"], folder["c.txt"]], Files.Files(folder.Path));
    }

    private static IReadOnlyList<Sweep> Load(string text) => Load(Encoding.UTF8.GetBytes(text));

    private static IReadOnlyList<Sweep> Load(byte[] bytes, string source = "-") => Files.Load(new MemoryStream(bytes), source);

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    // Some bytes, then the digit 1 for ever.
    private sealed class EndlessStream(byte[] before) : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (var i = 0; i < count; i++)
                buffer[offset + i] = Given + i < before.Length ? before[Given + i] : (byte)'1';
            Given += count;
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
