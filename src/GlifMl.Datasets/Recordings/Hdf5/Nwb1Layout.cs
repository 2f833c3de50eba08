using PureHDF;

namespace GlifMl.Datasets;

/// <summary>
/// NWB 1.0: <c>/acquisition/timeseries/Sweep_N</c> is what was recorded and <c>/stimulus/presentation/Sweep_N</c> what was injected; the
/// Allen Cell Types Database has both below <c>/epochs/Sweep_N</c> as well.
/// </summary>
internal static class Nwb1Layout
{
    private const string Prefix = "Sweep_";

    /// <summary>The pairs of a file.</summary>
    public static List<NwbPair> Pairs(IH5Group root)
    {
        var pairs = new SortedDictionary<long, NwbPair>();
        var responses = Series(root, "/acquisition/timeseries");
        var stimuli = Series(root, "/stimulus/presentation");
        foreach (var epoch in root.Groups("/epochs").Where(group => group.Name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (NwbPair.NumberIn(epoch.Name) is not { } number)
                continue;
            // The same series under another path, in files that have both.
            var response = responses.GetValueOrDefault(number) ?? Below(root, $"/epochs/{epoch.Name}/response/timeseries");
            var stimulus = stimuli.GetValueOrDefault(number) ?? Below(root, $"/epochs/{epoch.Name}/stimulus/timeseries");
            if (response is not null)
                pairs[number] = new NwbPair(number, response, stimulus);
        }
        foreach (var (number, response) in responses)
            pairs.TryAdd(number, new NwbPair(number, response, stimuli.GetValueOrDefault(number)));
        return [.. pairs.Values];
    }

    private static Dictionary<long, NwbSeries> Series(IH5Group root, string folder)
    {
        var found = new Dictionary<long, NwbSeries>();
        foreach (var group in root.Groups(folder))
        {
            if ((group.Number("sweep_number") is { } own and >= 0 and < 1e15 ? (long)own : NwbPair.NumberIn(group.Name)) is { } number)
                found.TryAdd(number, NwbSeries.Of(group, $"{folder}/{group.Name}"));
        }
        return found;
    }

    private static NwbSeries? Below(IH5Group root, string path) =>
        root.Find<IH5Group>(path) is { } group ? NwbSeries.Of(group, path) : null;
}
