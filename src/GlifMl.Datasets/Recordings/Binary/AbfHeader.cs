using System.Globalization;
using System.Text;

namespace GlifMl.Datasets;

/// <summary>
/// What an Axon binary file says of itself. Offsets are those of the published layout: ABF1 is one header of fixed fields, ABF2 a list of
/// sections, each with records of fixed fields.
/// </summary>
internal sealed record AbfHeader
{
    private const int Abf1Bytes = 6144,
        Abf1OldBytes = 2048;
    private const int MostChannels = 16;
    private const int MostSweeps = 1_000_000;
    private const int BlockBytes = 512;
    private const int EpochsOfAbf1 = 10;
    private const int ListsOfAbf1 = 4;

    // From this version on the header has a second part: telegraphs, epochs and lists of each output. It is written as a Single.
    private const float FirstExtended = 1.595f;

    // A section of strings, outputs or epochs; the longest that was seen has some kilobytes.
    private const long MostSectionBytes = 1 << 22;

    public required string Version { get; init; }

    /// <summary>1 and 2 event-driven, 3 gap-free, 4 oscilloscope, 5 episodic.</summary>
    public required int Mode { get; init; }

    /// <summary>Sweeps; 1 of a gap-free file.</summary>
    public required int Sweeps { get; init; }

    /// <summary>Numbers in the data, of all channels and sweeps.</summary>
    public required long Points { get; init; }

    /// <summary>Where the data begin.</summary>
    public required long DataStart { get; init; }

    /// <summary>Whether numbers are Singles in their unit; 16-bit integers otherwise.</summary>
    public required bool IsFloat { get; init; }

    /// <summary>Time between two samples of a channel, s.</summary>
    public required double Interval { get; init; }

    public required AbfInput[] Inputs { get; init; }

    public required AbfOutput[] Outputs { get; init; }

    /// <summary>Whether a list of the user's own changes epochs from sweep to sweep.</summary>
    public bool HasUserList { get; init; }

    /// <summary>Lengths of the sweeps in numbers of all channels; empty where they are equal.</summary>
    public int[] Lengths { get; init; } = [];

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static AbfHeader Read(BlockFile file)
    {
        var header = Encoding.Latin1.GetString(file.Read(0, 4)) == "ABF2" ? OfSections(file) : OfFixedFields(file);
        if (header.Inputs.Length == 0)
            throw file.Damaged("no channel");
        if (!(header.Interval > 0 && double.IsFinite(header.Interval)))
            throw file.Damaged(Invariant.Text($"a sampling interval of {header.Interval} s"));
        if (header.Points < 0 || header.DataStart < BlockBytes)
            throw file.Damaged(Invariant.Text($"{header.Points} points from byte {header.DataStart} on"));
        return header;
    }

    private static AbfHeader OfFixedFields(BlockFile file)
    {
        // A short file of an old version has no second part.
        var h = new FixedLayout([.. file.Read(0, Math.Clamp(file.Length, Abf1OldBytes, Abf1Bytes)), .. new byte[Abf1Bytes]]);
        var channels = Count(file, h.Int16(120), 0, MostChannels, "channels");
        var isFloat = Format(file, h.Int16(100));
        var range = h.Single(244) / h.Int32(252);
        var dataStart = (long)h.Int32(40) * BlockBytes;
        var isExtended = h.Single(4) >= FirstExtended && dataStart >= Abf1Bytes;
        var inputs = Enumerable
            .Range(0, channels)
            .Select(channel =>
            {
                var physical = Count(file, h.Int16(410 + (2 * channel)), 0, MostChannels - 1, "as a channel");
                return Input(
                    h.Text(602 + (8 * physical), 8),
                    isFloat,
                    range,
                    h.Single(730 + (4 * physical)),
                    (h.Single(922 + (4 * physical)), h.Single(986 + (4 * physical))),
                    (h.Single(1050 + (4 * physical)), h.Single(1114 + (4 * physical))),
                    isExtended ? Telegraphed(h.Int16(4512 + (2 * physical)), h.Single(4576 + (4 * physical)))
                        : h.Int16(264) == physical ? Telegraphed(h.Int16(262), h.Single(268))
                        : 1
                );
            })
            .ToArray();
        // Two of the four outputs have waveforms.
        var outputs = Enumerable
            .Range(0, 2)
            .Select(output => new AbfOutput(
                h.Text(1346 + (8 * output), 8),
                h.Single(1394 + (4 * output)),
                isExtended ? Waveform(h.Int16(2296 + (2 * output)), h.Int16(2300 + (2 * output))) : AbfWaveform.Older,
                isExtended && h.Int16(2304 + (2 * output)) != 0,
                [
                    .. Enumerable
                        .Range(EpochsOfAbf1 * output, isExtended ? EpochsOfAbf1 : 0)
                        .Select(epoch => new AbfEpoch(
                            h.Int16(2308 + (2 * epoch)),
                            h.Single(2348 + (4 * epoch)),
                            h.Single(2428 + (4 * epoch)),
                            h.Int32(2508 + (4 * epoch)),
                            h.Int32(2588 + (4 * epoch)),
                            0,
                            0
                        )),
                ]
            ))
            .ToArray();
        var mode = h.Int16(8);
        return new AbfHeader
        {
            Version = h.Single(4).ToString("0.0#", CultureInfo.InvariantCulture),
            Mode = mode,
            Sweeps = mode == 3 ? 1 : Count(file, h.Int32(16), 0, MostSweeps, "sweeps"),
            Points = h.Int32(10),
            DataStart = dataStart + (h.Int16(14) * (isFloat ? 4 : 2)),
            IsFloat = isFloat,
            Interval = h.Single(122) * Math.Max(channels, 1) / 1e6,
            Inputs = inputs,
            Outputs = outputs,
            HasUserList = isExtended && Enumerable.Range(0, ListsOfAbf1).Any(list => h.Int16(3360 + (2 * list)) != 0),
        };
    }

    private static float Telegraphed(short isEnabled, float gain) => isEnabled == 1 ? gain : 1;

    private static AbfHeader OfSections(BlockFile file)
    {
        var h = new FixedLayout(file.Read(0, BlockBytes));
        var (_, _, _, protocol) = Section(file, h, 76, least: 208);
        var (_, inputBytes, inputCount, adc) = Section(file, h, 92, least: 82);
        var (_, outputBytes, outputCount, dac) = Section(file, h, 108, least: 46);
        var (_, epochBytes, epochCount, epochs) = Section(file, h, 156, least: 30);
        if (inputCount == 0 || protocol.Bytes.Length == 0)
            throw file.Damaged("no protocol or no channel");
        var (_, lengthBytes, lengthCount, lengths) = Section(file, h, 316, least: 8);
        var texts = Texts(Section(file, h, 220, least: 1));
        var isFloat = Format(file, h.Int16(30));
        var range = protocol.Single(110) / protocol.Int32(118);
        var inputs = Enumerable
            .Range(0, Count(file, inputCount, 0, MostChannels, "channels"))
            .Select(input => input * inputBytes)
            .Select(at =>
                Input(
                    Text(texts, adc.Int32(at + 78)),
                    isFloat,
                    range,
                    adc.Single(at + 28),
                    (adc.Single(at + 40), adc.Single(at + 44)),
                    (adc.Single(at + 48), adc.Single(at + 52)),
                    Telegraphed(adc.Int16(at + 2), adc.Single(at + 6))
                )
            )
            .ToArray();
        var outputs = Enumerable
            .Range(0, Count(file, outputCount, 0, MostChannels, "outputs"))
            .Select(output =>
            {
                var at = output * outputBytes;
                return new AbfOutput(
                    Text(texts, dac.Int32(at + 28)),
                    dac.Single(at + 12),
                    Waveform(dac.Int16(at + 40), dac.Int16(at + 42)),
                    dac.Int16(at + 44) != 0,
                    [
                        .. Enumerable
                            .Range(0, epochCount)
                            .Select(epoch => epoch * epochBytes)
                            .Where(e => epochs.Int16(e + 2) == output)
                            .Select(e => new AbfEpoch(
                                epochs.Int16(e + 4),
                                epochs.Single(e + 6),
                                epochs.Single(e + 10),
                                epochs.Int32(e + 14),
                                epochs.Int32(e + 18),
                                epochs.Int32(e + 22),
                                epochs.Int32(e + 26)
                            )),
                    ]
                );
            })
            .ToArray();
        var mode = protocol.Int16(0);
        int[] each = [.. Enumerable.Range(0, lengthCount).Select(sweep => lengths.Int32((sweep * lengthBytes) + 4))];
        return new AbfHeader
        {
            Version = string.Join('.', h.Bytes[4..8].Reverse()),
            Mode = mode,
            Sweeps = mode == 3 ? 1 : Count(file, h.Int32(12), 0, MostSweeps, "sweeps"),
            DataStart = (long)(uint)h.Int32(236) * BlockBytes,
            Points = h.Int64(244),
            IsFloat = isFloat,
            Interval = protocol.Single(2) / 1e6,
            Inputs = inputs,
            Outputs = outputs,
            HasUserList = h.Int64(172 + 8) > 0,
            Lengths = each.Distinct().Count() > 1 ? each : [],
        };
    }

    // Place, length of a record and number of records of a section, and the records.
    private static (long Start, int Bytes, int Count, FixedLayout Records) Section(BlockFile file, FixedLayout header, int at, int least)
    {
        var (start, bytes, count) = ((long)(uint)header.Int32(at) * BlockBytes, header.Int32(at + 4), header.Int64(at + 8));
        if (start == 0 || count == 0)
            return (0, 0, 0, new FixedLayout([]));
        if (bytes < least || count < 0 || count > MostSectionBytes / bytes)
            throw file.Damaged(Invariant.Text($"a section of {count} records of {bytes} bytes"));
        return (start, bytes, (int)count, new FixedLayout(file.Read(start, bytes * count)));
    }

    // The first record holds all texts, each ended by a zero, after a preamble that ends in two.
    private static string[] Texts((long Start, int Bytes, int Count, FixedLayout Records) section)
    {
        if (section.Count == 0)
            return [];
        var bytes = section.Records.Bytes.AsSpan(0, section.Bytes);
        var preamble = bytes.TrimEnd((byte)0).LastIndexOf((ReadOnlySpan<byte>)[0, 0]);
        return Encoding.Latin1.GetString(bytes[Math.Max(preamble, 0)..]).Split('\0')[1..];
    }

    private static string Text(string[] texts, int number) => number >= 0 && number < texts.Length ? texts[number].Trim() : "";

    private static AbfInput Input(
        string unit,
        bool isFloat,
        double voltsPerNumber,
        double programmableGain,
        (double Scale, double Offset) instrument,
        (double Gain, double Offset) signal,
        double telegraphed
    ) =>
        isFloat
            ? new AbfInput(unit, 1, 0)
            : new AbfInput(
                unit,
                voltsPerNumber / (instrument.Scale * signal.Gain * programmableGain * telegraphed),
                instrument.Offset - signal.Offset
            );

    private static AbfWaveform Waveform(short isEnabled, short source) =>
        isEnabled == 0 ? AbfWaveform.None
        : source == 1 ? AbfWaveform.Epochs
        : source == 0 ? AbfWaveform.None
        : AbfWaveform.File;

    private static bool Format(BlockFile file, short format) =>
        format switch
        {
            0 => false,
            1 => true,
            _ => throw file.Damaged($"data format {format}"),
        };

    private static int Count(BlockFile file, long found, int least, int most, string of) =>
        found >= least && found <= most ? (int)found : throw file.Damaged(Invariant.Text($"{found} {of}"));
}

/// <summary>One input of the digitizer.</summary>
/// <param name="Unit">Its unit as the file writes it.</param>
/// <param name="Gain">What a number of the file is multiplied by for that unit.</param>
/// <param name="Offset">What is added then.</param>
internal sealed record AbfInput(string Unit, double Gain, double Offset);
