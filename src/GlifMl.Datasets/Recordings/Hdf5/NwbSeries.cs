using PureHDF;

namespace GlifMl.Datasets;

/// <summary>One time series of an NWB file, of either layout: what its fields and attributes say.</summary>
internal sealed record NwbSeries
{
    private static readonly ColumnUnit Millivolt = ColumnUnit.Known("mV");
    private static readonly ColumnUnit Picoampere = ColumnUnit.Known("pA");

    // An interval of more digits is one that was computed from a rate in Single.
    private const int RateDigits = 7;

    // Two channels of one series, or one sample of many channels: a picture, not a sweep.
    private const int Rank = 1;

    /// <summary>The name of its group.</summary>
    public required string Name { get; init; }

    /// <summary>The path of its group, by which it is found again.</summary>
    public required string Path { get; init; }

    /// <summary>Its NWB type, such as CurrentClampSeries; empty where the file says none.</summary>
    public string Type { get; private init; } = "";

    /// <summary>The number of its sweep; null where it has none.</summary>
    public long? SweepNumber { get; private init; }

    /// <summary>What it calls the stimulus; empty where it says nothing.</summary>
    public string Stimulus { get; private init; } = "";

    /// <summary>Which electrode it belongs to; empty where that is not told.</summary>
    public string Electrode { get; private init; } = "";

    /// <summary>The current that held the cell besides the stimulus, A; 0 where there was none, or none is told.</summary>
    public double BiasAmperes { get; private init; }

    /// <summary>Whether it says that its voltages are measured from rest, as a simulated neuron's may be.</summary>
    public bool IsFromRest { get; private init; }

    /// <summary>How many samples there are; what its data must have, where it says so.</summary>
    public (long Found, long? Said) Samples { get; private init; }

    /// <summary>Time between samples, s; 0 where it is not told.</summary>
    public double Interval { get; private init; }

    /// <summary>The unit after conversion; null where none is told.</summary>
    public string? Unit { get; private init; }

    /// <summary>What the numbers are to be multiplied by for that unit, and what is to be added then.</summary>
    public (double Factor, double Offset) Conversion { get; private init; }

    /// <summary>What is wrong with it; null where it can be read.</summary>
    public string? Fault { get; private init; }

    /// <summary>Whether it is a sweep of a patch clamp amplifier.</summary>
    public bool IsPatchClamp => Type is "CurrentClampSeries" or "VoltageClampSeries" or "IZeroClampSeries";

    /// <summary>Reads the fields of a series.</summary>
    /// <param name="group">Its group.</param>
    /// <param name="path">Where that is.</param>
    public static NwbSeries Of(IH5Group group, string path)
    {
        var series = new NwbSeries
        {
            Name = group.Name,
            Path = path,
            Type = group.Text("neurodata_type") ?? group.Texts("ancestry").LastOrDefault() ?? "",
            SweepNumber = group.Number("sweep_number") is { } number and >= 0 and < long.MaxValue ? (long)number : null,
            Stimulus = Known(group.TextOf("aibs_stimulus_name") ?? group.Text("stimulus_description")),
            IsFromRest = group.Text("comments") == TraceNwb.FromRest,
            Electrode = group.Find<IH5Group>("electrode")?.Text("object_id") ?? group.TextOf("electrode_name") ?? "",
            BiasAmperes = group.NumberOf("bias_current") is { } bias && double.IsFinite(bias) ? bias : 0,
        };
        if (group.Find<IH5Dataset>("data") is not { } data)
            return series with { Fault = "found no data; expected some" };
        var dimensions = data.Space.Dimensions;
        if (dimensions.Length == 0 || dimensions.Skip(Rank).Any(d => d != 1))
            return series with { Fault = $"found data of {string.Join(" x ", dimensions)} samples; expected one channel" };
        if (!Hdf5Nodes.IsNumber(data.Type))
            return series with
            {
                Fault = $"found {Hdf5Nodes.Described(data.Type)}; expected integers or floating-point numbers of 8 to 64 bits",
            };
        if (dimensions[0] > long.MaxValue / 16)
            return series with { Fault = $"found {dimensions[0]} samples; expected fewer" };
        return (
            series with
            {
                Samples = ((long)dimensions[0], group.NumberOf("num_samples") is { } said and >= 0 and < 1e15 ? (long)said : null),
                Unit = data.Text("unit"),
                Conversion = (data.Number("conversion") ?? 1, data.Number("offset") ?? 0),
            }
        ).WithTimes(group);
    }

    /// <summary>The signal in mV or pA; null where it cannot be read, which <paramref name="fault"/> then says.</summary>
    /// <param name="file">The file.</param>
    /// <param name="quantity">What it has to be.</param>
    /// <param name="notes">Takes what is to be said of it.</param>
    /// <param name="fault">Why it cannot be read.</param>
    public SweepSignal? Signal(Hdf5File file, Quantity quantity, List<string> notes, out string? fault)
    {
        fault = Fault;
        if (fault is not null)
            return null;
        var word = quantity == Quantity.Voltage ? "voltage" : "current";
        var basic = quantity == Quantity.Voltage ? "V" : "A";
        var unit = ColumnUnit.Of(Unit ?? "");
        if (unit is null && Known(Unit).Length > 0 || unit is not null && unit.Quantity != quantity)
        {
            fault = $"found unit {Quoted.Of(Unit)} of the {word}; expected one of {ColumnUnit.Of(quantity)}";
            return null;
        }
        if (unit is null)
            notes.Add($"no unit of the {word}: taken as {basic}, which NWB asks for");
        var (factor, offset) = Conversion;
        if (!(factor != 0 && double.IsFinite(factor) && double.IsFinite(offset)))
        {
            fault = Invariant.Text($"found conversion {factor} and offset {offset} of the {word}; expected a finite factor that is not 0");
            return null;
        }
        if (Samples.Said is { } said && said != Samples.Found)
            notes.Add($"{Samples.Found} of {said} samples of {word} are there: the sweep was cut short");
        return new NwbSignal(
            file,
            Path + "/data",
            Samples.Found,
            factor,
            offset,
            (unit ?? ColumnUnit.Known(basic)).To(quantity == Quantity.Voltage ? Millivolt : Picoampere)
        );
    }

    private static string Known(string? text) =>
        text?.Trim().ToLowerInvariant() is null or "" or "n/a" or "na" or "unknown" or "none" or "not available" or "no description"
            ? ""
            : text.Trim();

    private NwbSeries WithTimes(IH5Group group)
    {
        if (group.Find<IH5Dataset>("starting_time") is { } start)
        {
            var rate = start.Number("rate") ?? 0;
            if (!(rate > 0 && double.IsFinite(rate)))
                return this with { Fault = Invariant.Text($"found a sampling rate of {rate} Hz; expected a positive one") };
            // The time itself is that of the session; a sweep's own clock begins with it.
            return this with { Interval = IntervalOf(rate) };
        }
        if (group.Find<IH5Dataset>("timestamps") is not { } stamps || !Hdf5Nodes.IsNumber(stamps.Type) || stamps.Space.Rank != 1)
            return this with { Fault = "found neither starting_time nor timestamps; expected a sampling rate" };
        var count = (long)Math.Min(stamps.Space.Dimensions[0], (ulong)Samples.Found);
        if (count < 2)
            return this with { Fault = $"found {count} timestamps; expected at least 2" };
        // The first, the last and one in between tell an even clock from one that stood still.
        var (first, middle, last) = (At(0), At(count / 2), At(count - 1));
        var interval = (last - first) / (count - 1);
        if (!(interval > 0) || Math.Abs(first + (interval * (count / 2)) - middle) > interval)
            return this with { Fault = "found uneven timestamps; expected a sampling rate" };
        return this with { Interval = IntervalOf(1 / interval) };

        double At(long sample) => stamps.Values(sample, 1)[0];
    }

    // A rate is a round number of hertz more often than not, and Single does not hold all of its digits.
    private static double IntervalOf(double rate)
    {
        var digits = RateDigits - 1 - (int)Math.Floor(Math.Log10(rate));
        var rounded = digits is >= 0 and <= 15 ? Math.Round(rate, digits) : rate;
        return 1 / rounded;
    }
}

/// <summary>The data of a series, read by slices.</summary>
internal sealed class NwbSignal(Hdf5File file, string path, long length, double factor, double offset, double scale) : SweepSignal(length)
{
    // Larger than a chunk as recorders write them, so that few are unpacked twice.
    private const int SliceSamples = 1 << 22;

    public override void Read(long first, Span<float> into)
    {
        for (var done = 0; done < into.Length; done += SliceSamples)
        {
            var (from, count) = (first + done, Math.Min(SliceSamples, into.Length - done));
            var values = file.Read(root => Slice(root, from, count));
            var slice = into.Slice(done, count);
            for (var i = 0; i < count; i++)
                slice[i] = (float)(((values[i] * factor) + offset) * scale);
        }
    }

    private double[] Slice(IH5Group root, long from, int count) =>
        root.Find<IH5Dataset>(path)?.Values(from, count) ?? throw file.Fault($"found no {path}; expected it as when the file was opened");
}
