using System.Globalization;
using System.Text.RegularExpressions;
using PureHDF;

namespace GlifMl.Datasets;

/// <summary>NWB files: which layout a file has, and its sweeps put together from a series of voltage and one of current.</summary>
internal static class NwbFile
{
    /// <summary>Opens a file.</summary>
    public static RecordingFile Open(string path)
    {
        var file = Hdf5File.Open(path);
        try
        {
            var (version, pairs) = file.Read(root =>
            {
                var found = Version(root);
                return (found, found is not null && found[0] == '1' ? Nwb1Layout.Pairs(root) : Nwb2Layout.Pairs(root));
            });
            if (version is null && pairs.Count == 0)
                throw file.Fault("found an HDF5 file without nwb_version; expected NWB 1.0 or 2.x");
            if (pairs.Count == 0)
                throw file.Fault($"found NWB {version} without a sweep of current or voltage clamp; expected one");
            RecordedSweep[] sweeps = [.. pairs.Select(pair => pair.ToSweep(path, file)).OrderBy(sweep => sweep.Number)];
            return new RecordingFile(path, $"NWB {version ?? "without a version"}", sweeps, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // A dataset in NWB 1 ("NWB-1.0.5"), an attribute in NWB 2 ("2.6.0").
    private static string? Version(IH5Group root)
    {
        var text = root.Text("nwb_version") ?? root.TextOf("nwb_version");
        var number = text is null ? "" : text[(text.IndexOf('-', StringComparison.Ordinal) + 1)..].Trim();
        return number.Length > 0 && char.IsAsciiDigit(number[0]) ? Quoted.Text(number, most: 20) : null;
    }
}

/// <summary>The series of one sweep.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Response">What was recorded.</param>
/// <param name="Stimulus">What was injected; null where that is not told.</param>
internal sealed partial record NwbPair(long Number, NwbSeries Response, NwbSeries? Stimulus)
{
    private const double PicoamperesPerAmpere = 1e12;

    // Rates in Single differ in their last digit.
    private const double SameInterval = 1e-5;

    /// <summary>Samples of the response that are the sweep's, where it is a stretch of a longer series. Default: all.</summary>
    public (long First, long Count)? ResponseStretch { get; init; }

    /// <summary>Samples of the stimulus that are the sweep's. Default: all.</summary>
    public (long First, long Count)? StimulusStretch { get; init; }

    /// <summary>What is to be said of the pairing. Default: nothing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Why it is not known which stimulus it is. Default: null.</summary>
    public string? Ambiguity { get; init; }

    /// <summary>The last number in a name; null where there is none.</summary>
    public static long? NumberIn(string name) =>
        Digits().Match(name) is { Success: true } match
        && long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>The sweep.</summary>
    public RecordedSweep ToSweep(string path, Hdf5File file)
    {
        var notes = new List<string>(Notes);
        var name = Response.Stimulus.Length > 0 ? Response.Stimulus : Stimulus?.Stimulus ?? "";
        if (Response.Type == "VoltageClampSeries")
            return Refused("found a voltage clamp sweep; expected current clamp");
        var voltage = Response.Signal(file, Quantity.Voltage, notes, out var fault);
        if (voltage is null)
            return Refused(fault!);
        if (Ambiguity is not null)
            return Refused(Ambiguity);
        SweepSignal? current = null;
        if (Stimulus is not null)
        {
            current = Stimulus.Signal(file, Quantity.Current, notes, out fault);
            if (current is null)
                return Refused($"stimulus: {fault}");
            if (Math.Abs(Stimulus.Interval - Response.Interval) > SameInterval * Response.Interval)
            {
                return Refused(
                    Invariant.Text(
                        $"found a sampling interval of {Stimulus.Interval:G6} s of the stimulus and {Response.Interval:G6} s of the "
                            + $"response; "
                            + $"expected the same"
                    )
                );
            }
        }
        else if (Response.Type == "IZeroClampSeries")
        {
            notes.Add("recorded without any current (I = 0)");
        }
        else
        {
            notes.Add("no stimulus in the file: the current is not known");
        }
        if (Response.IsFromRest)
            notes.Add("voltages taken as measured from rest: the file says so, as `glifml simulate` writes");
        if (Response.BiasAmperes != 0)
            notes.Add(
                Invariant.Text($"held with {Response.BiasAmperes * PicoamperesPerAmpere:G6} pA besides, which is not in the current")
            );
        return new RecordedSweep(
            path,
            Response.Interval,
            Of(voltage, ResponseStretch),
            current is null ? null : Of(current, StimulusStretch)
        )
        {
            Number = Number,
            Stimulus = Quoted.Text(name),
            IsAbsolute = !Response.IsFromRest,
            Notes = notes,
        };

        RecordedSweep Refused(string why) =>
            new(path, Response.Interval > 0 ? Response.Interval : 1, new NoSignal(), null)
            {
                Number = Number,
                Stimulus = Quoted.Text(name),
                Refusal = why,
                Notes = notes,
            };
    }

    private static SweepSignal Of(SweepSignal whole, (long First, long Count)? stretch) =>
        stretch is { First: >= 0, Count: > 0 } s && s.First <= whole.Length - s.Count ? new StretchSignal(whole, s.First, s.Count) : whole;

    [GeneratedRegex(@"(\d{1,18})(?!.*\d)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Digits();
}
