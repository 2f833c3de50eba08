using PureHDF;
using PureHDF.VOL.Native;

namespace GlifMl.Datasets;

/// <summary>
/// NWB 2.x: CurrentClampSeries in <c>/acquisition</c>, CurrentClampStimulusSeries in <c>/stimulus/presentation</c>. Which belong together
/// the table of intracellular recordings says (2.4 and later), or the sweep numbers of the series and of the sweep table (before), or
/// else their names.
/// </summary>
internal static class Nwb2Layout
{
    private const string Acquisition = "/acquisition";
    private const string Presentation = "/stimulus/presentation";
    private const string Ephys = "/general/intracellular_ephys";

    /// <summary>The pairs of a file.</summary>
    public static List<NwbPair> Pairs(IH5Group root)
    {
        var responses = Series(root, Acquisition).Where(series => series.IsPatchClamp).ToDictionary(series => series.Path);
        var stimuli = Series(root, Presentation).Where(series => IsStimulus(series)).ToDictionary(series => series.Path);
        // Resolving references takes a search each: only where the series do not say it themselves.
        var numbers = responses.Values.All(series => series.SweepNumber is not null) ? [] : SweepTable(root);
        var pairs = new List<NwbPair>();
        var left = new HashSet<string>(responses.Keys);
        foreach (var row in Recordings(root))
        {
            if (row.Response.Path is not { } path || !responses.TryGetValue(path, out var response))
                continue;
            left.Remove(path);
            var stimulus = row.Stimulus.Path is { } of ? stimuli.GetValueOrDefault(of) : null;
            pairs.Add(
                new NwbPair(response.SweepNumber ?? row.Id, response, stimulus)
                {
                    ResponseStretch = Stretch(row.Response, response),
                    StimulusStretch = stimulus is null ? null : Stretch(row.Stimulus, stimulus),
                }
            );
        }
        var isOnly = responses.Count == 1 && stimuli.Count == 1;
        var place = 0L;
        foreach (var response in responses.Values.OrderBy(series => series.Name, StringComparer.Ordinal))
        {
            if (left.Contains(response.Path))
                pairs.Add(Pair(response, [.. stimuli.Values], numbers, place, isOnly));
            place++;
        }
        return pairs;
    }

    private static bool IsStimulus(NwbSeries series) =>
        series.Type is "CurrentClampStimulusSeries" or "VoltageClampStimulusSeries" or "TimeSeries";

    private static IEnumerable<NwbSeries> Series(IH5Group root, string folder) =>
        root.Groups(folder).Select(group => NwbSeries.Of(group, $"{folder}/{group.Name}"));

    private static NwbPair Pair(NwbSeries response, NwbSeries[] stimuli, Dictionary<string, long> numbers, long place, bool isOnly)
    {
        var sweep = Number(response);
        var candidates = sweep is null ? [] : stimuli.Where(series => Number(series) == sweep).ToArray();
        if (candidates.Length > 1 && response.Electrode.Length > 0)
        {
            NwbSeries[] same = [.. candidates.Where(series => series.Electrode == response.Electrode)];
            candidates = same.Length > 0 ? same : candidates;
        }
        if (candidates.Length > 1)
        {
            NwbSeries[] same = [.. candidates.Where(series => Stem(series.Name) == Stem(response.Name))];
            candidates = same.Length > 0 ? same : candidates;
        }
        if (sweep is null)
            candidates = [.. stimuli.Where(series => series.Name == response.Name)];
        if (sweep is null && candidates.Length == 0)
            candidates = isOnly ? stimuli : [.. stimuli.Where(series => Stem(series.Name) == Stem(response.Name))];
        return new NwbPair(sweep ?? NwbPair.NumberIn(response.Name) ?? place, response, candidates is [var only] ? only : null)
        {
            Ambiguity =
                candidates.Length > 1
                    ? $"found {candidates.Length} stimuli for {Quoted.Text(response.Name)}: "
                        + $"{string.Join(", ", candidates.Take(3).Select(series => Quoted.Text(series.Name)))}; expected one"
                    : null,
        };

        long? Number(NwbSeries series) => series.SweepNumber ?? (numbers.TryGetValue(series.Path, out var number) ? number : null);
    }

    // What a name says but for which side of the amplifier it is: ccs-007 and ccss-007, data_00045_AD0 and data_00045_DA0.
    private static string Stem(string name) =>
        string.Concat(name.Select(c => char.IsAsciiDigit(c) ? c : ' ')).Trim() is { Length: > 0 } numbers
            ? string.Join('_', numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            : name;

    private static (long First, long Count)? Stretch((string? Path, long First, long Count) reference, NwbSeries series) =>
        reference is { First: >= 0, Count: > 0 } && (reference.First > 0 || reference.Count < series.Samples.Found)
            ? (reference.First, reference.Count)
            : null;

    // The number of each series in the sweep table: a list of references, cut into rows by an index.
    private static Dictionary<string, long> SweepTable(IH5Group root)
    {
        var numbers = new Dictionary<string, long>();
        var table = $"{Ephys}/sweep_table";
        if (root.Find<IH5Group>(table) is not { } group)
            return numbers;
        var (series, ends, sweeps) = (group.References("series"), group.Integers("series_index"), group.Integers("sweep_number"));
        for (var row = 0; row < Math.Min(ends.Length, sweeps.Length); row++)
        {
            for (var at = row == 0 ? 0 : ends[row - 1]; at < ends[row] && at >= 0 && at < series.Length; at++)
            {
                if ((PathOf(root, Acquisition, series[at]) ?? PathOf(root, Presentation, series[at])) is { } path)
                    numbers[path] = sweeps[row];
            }
        }
        return numbers;
    }

    private static IEnumerable<(
        long Id,
        (string? Path, long First, long Count) Response,
        (string? Path, long First, long Count) Stimulus
    )> Recordings(IH5Group root)
    {
        var table = $"{Ephys}/intracellular_recordings";
        if (root.Find<IH5Group>(table) is not { } group)
            return [];
        var ids = group.Integers("id");
        var responses = References(root, Acquisition, group, "responses/response");
        var stimuli = References(root, Presentation, group, "stimuli/stimulus");
        return Enumerable
            .Range(0, responses.Length)
            .Select(row => (row < ids.Length ? ids[row] : row, responses[row], row < stimuli.Length ? stimuli[row] : default));
    }

    // A reference without samples stands where there was nothing to refer to.
    private static (string? Path, long First, long Count)[] References(IH5Group root, string folder, IH5Group table, string path) =>
        Array.ConvertAll(
            table.SeriesReferences(path),
            row => row.Count > 0 ? (PathOf(root, folder, row.Series), (long)row.First, (long)row.Count) : default
        );

    // Only among the children of the two folders: a search of the whole file for each of a thousand references would take minutes.
    private static string? PathOf(IH5Group root, string folder, NativeObjectReference1 reference)
    {
        try
        {
            return root.Find<IH5Group>(folder) is NativeGroup group && group.Get(reference) is { } found ? $"{folder}/{found.Name}" : null;
        }
        catch (Exception e) when (e is not InvalidDataException and not EndOfStreamException and not InsufficientExecutionStackException)
        {
            // PureHDF has no other way to say that it is not there.
            return null;
        }
    }
}
