using System.Runtime;

namespace GlifMl.Pipelines;

/// <summary>The sweeps of a cell: those it is read from, and why others are not.</summary>
/// <param name="Used">Those it is read from, in the order of the files.</param>
/// <param name="Skipped">Those that are not, by name, with the reason.</param>
/// <param name="Notes">What is to be said of the files.</param>
internal sealed record CellSweeps(
    IReadOnlyList<FittedSweep> Used,
    IReadOnlyList<(string Sweep, string Reason)> Skipped,
    IReadOnlyList<string> Notes
)
{
    // 10 s at 200 kHz: with what is made of them 100 MB.
    private const int LongSamples = 2_000_000;

    /// <summary>Reads the sweeps, a few in memory at a time.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="selection">Which sweeps.</param>
    /// <param name="repair">What is mended in each before it is looked at.</param>
    /// <param name="progress">Told how much is done, 0 to 1.</param>
    /// <param name="cancellation">Stops between sweeps.</param>
    /// <exception cref="InvalidDataException">None can be used, or a file is no recording: in one line.</exception>
    public static CellSweeps Read(
        CellInput cell,
        SweepSelection selection,
        Func<Sweep, Sweep> repair,
        Action<double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        var (used, skipped, notes) = (new List<FittedSweep>(), new List<(string, string)>(), new List<string>());
        var waiting = new Queue<(string Name, Task<FittedSweep> Work)>();
        foreach (var (place, path) in cell.Files.Index())
        {
            using var input = new InputFile(path);
            using var file = input.Read(RecordingFile.Open);
            notes.AddRange(file.Notes.Select(input.Named));
            var sweeps = input.Read(_ => file.Select(selection));
            if (!selection.IsGiven)
                skipped.AddRange(file.Sweeps.Where(sweep => sweep.Refusal is not null).Select(sweep => (Name(sweep), sweep.Refusal!)));
            foreach (var (number, recorded) in sweeps.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    var sweep = repair(recorded.Load()) with { Source = path };
                    if (recorded.Samples > LongSamples)
                        GiveBack();
                    notes.AddRange(sweep.Notes.Select(note => $"{Name(recorded)}: {note}"));
                    waiting.Enqueue((Name(recorded), Task.Run(() => FittedSweep.Of(sweep), cancellation)));
                }
                catch (InvalidDataException e)
                {
                    skipped.Add((Name(recorded), Bare(e.Message, recorded)));
                }
                // One is read while another is measured; of long ones no more than one is in memory, and what was made of it is given back
                // at once: the collector would let it grow to several.
                var isLong = recorded.Samples > LongSamples;
                while (waiting.Count > (isLong ? 0 : Environment.ProcessorCount - 1))
                    Take();
                if (isLong)
                    GiveBack();
                progress?.Invoke((place + ((number + 1.0) / sweeps.Count)) / cell.Files.Count);
            }
        }
        while (waiting.Count > 0)
            Take();
        if (used.Count == 0)
        {
            throw new InvalidDataException(
                skipped.Count == 1
                    ? $"{cell.Files[0]}: {skipped[0].Item2}"
                    : $"{cell.Files[0]}: found {skipped.Count} sweeps, none of which can be used; the first: {skipped[0].Item2}"
            );
        }
        return new CellSweeps(used, skipped, [.. notes.Distinct()]);

        void Take()
        {
            var (name, work) = waiting.Dequeue();
            try
            {
                used.Add(work.GetAwaiter().GetResult());
            }
            catch (InvalidDataException e)
            {
                skipped.Add((name, e.Message));
            }
        }

        string Name(RecordedSweep sweep)
        {
            var stimulus = sweep.Stimulus.Length > 0 ? $" ({sweep.Stimulus})" : "";
            return (cell.Files.Count > 1 ? $"{Path.GetFileName(sweep.Source)}, " : "") + $"sweep {sweep.Number}{stimulus}";
        }
    }

    /// <summary>The numbers of those used, as <c>--sweeps</c> takes them; of several files each with its name.</summary>
    public string Numbers() => Numbers(Used);

    /// <summary>The numbers of some sweeps, as <see cref="Numbers()"/> has them.</summary>
    public static string Numbers(IEnumerable<FittedSweep> sweeps)
    {
        var files = sweeps.GroupBy(sweep => sweep.File).ToArray();
        return files.Length == 1
            ? Ranges(files[0])
            : string.Join(' ', files.Select(file => $"{Path.GetFileName(file.Key)}:{Ranges(file)}"));
    }

    // Arrays of some ten megabytes leave holes that none of the next fits into.
    private static void GiveBack()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect();
    }

    private static string Ranges(IEnumerable<FittedSweep> sweeps)
    {
        long[] numbers = [.. sweeps.Select(sweep => sweep.Number).Order()];
        var parts = new List<string>();
        for (var first = 0; first < numbers.Length; )
        {
            var last = first;
            while (last + 1 < numbers.Length && numbers[last + 1] == numbers[last] + 1)
                last++;
            parts.Add(first == last ? Invariant.Text($"{numbers[first]}") : Invariant.Text($"{numbers[first]}-{numbers[last]}"));
            first = last + 1;
        }
        return string.Join(',', parts);
    }

    private static string Bare(string message, RecordedSweep sweep)
    {
        var place = $"{sweep.Source}, sweep {sweep.Number}: ";
        return message.StartsWith(place, StringComparison.Ordinal) ? message[place.Length..] : message;
    }
}
