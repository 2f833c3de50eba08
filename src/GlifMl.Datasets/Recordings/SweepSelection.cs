using System.Globalization;

namespace GlifMl;

/// <summary>Which sweeps of a recording are meant: by number, by the name of the stimulus, or all that can be used.</summary>
public sealed record SweepSelection
{
    private const int MostNamed = 12;

    // No recording has more; a range beyond it is a slip.
    private const long MostSweeps = 100_000;

    /// <summary>All that can be used.</summary>
    public static SweepSelection Usable { get; } = new();

    /// <summary>The numbers. Default: any.</summary>
    public IReadOnlyList<long> Numbers { get; init; } = [];

    /// <summary>
    /// The stimulus's name, such as <c>Noise 1</c>; case, blanks and punctuation do not matter, and where no name is the whole of it,
    /// those that contain it are meant. Default: any.
    /// </summary>
    public string? Stimulus { get; init; }

    /// <summary>Whether it says anything.</summary>
    public bool IsGiven => Numbers.Count > 0 || Stimulus is not null;

    /// <summary>Reads a list of numbers and ranges, such as <c>63,65</c> or <c>40-45,63</c>.</summary>
    /// <param name="text">The list.</param>
    /// <returns>The numbers, in the order of the list.</returns>
    /// <exception cref="ArgumentException">It is no such list.</exception>
    public static IReadOnlyList<long> ParseNumbers(string text)
    {
        var numbers = new List<long>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-', 2);
            if (
                !long.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !long.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last < first
                || last - first >= MostSweeps
            )
                throw new ArgumentException($"sweeps: found {Quoted.Of(text)}; expected numbers and ranges such as 63,65 or 40-45");
            for (var number = first; number <= last; number++)
                numbers.Add(number);
        }
        return numbers;
    }

    internal IReadOnlyList<RecordedSweep> Of(RecordingFile file)
    {
        var sweeps = file.Sweeps;
        if (Numbers.Count > 0)
        {
            foreach (var number in Numbers)
            {
                if (!sweeps.Any(sweep => sweep.Number == number))
                    throw Fault($"found no sweep {number}", $"one of {Listed(sweeps.Select(Text).Distinct())}");
            }
            sweeps = [.. sweeps.Where(sweep => Numbers.Contains(sweep.Number))];
        }
        if (Stimulus is { } stimulus)
        {
            var (wanted, named) = (Plain(stimulus), sweeps);
            sweeps = [.. named.Where(sweep => Plain(sweep.Stimulus) == wanted)];
            if (sweeps.Count == 0 && wanted.Length > 0)
                sweeps = [.. named.Where(sweep => Plain(sweep.Stimulus).Contains(wanted, StringComparison.Ordinal))];
            if (sweeps.Count == 0)
            {
                var known = named.Select(sweep => sweep.Stimulus).Where(name => name.Length > 0).Distinct().ToArray();
                throw Fault(
                    $"found no sweep with stimulus {Quoted.Of(stimulus)}",
                    known.Length == 0
                        ? "none, because the file names no stimulus: use sweep numbers"
                        : $"one of {Listed(known.Select(name => Quoted.Of(name)))}"
                );
            }
        }
        if (Numbers.Count > 0)
            return sweeps;
        // By name or without a selection: those that can be used, or the one reason why none can.
        IReadOnlyList<RecordedSweep> usable = [.. sweeps.Where(sweep => sweep.Refusal is null)];
        return usable.Count > 0 ? usable : throw new InvalidDataException($"{file.Path}: {Reason(sweeps)}");

        InvalidDataException Fault(string found, string expected) => new($"{file.Path}: {found}; expected {expected}");
    }

    private static string Reason(IReadOnlyList<RecordedSweep> sweeps) =>
        sweeps.Count == 0 ? "found no sweep; expected one of current clamp"
        : sweeps.Count == 1 ? sweeps[0].Refusal!
        : $"found {sweeps.Count} sweeps, none of which can be used; the first: {sweeps[0].Refusal}";

    private static string Text(RecordedSweep sweep) => sweep.Number.ToString(CultureInfo.InvariantCulture);

    private static string Listed(IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        return string.Join(", ", all.Take(MostNamed)) + (all.Length > MostNamed ? $" and {all.Length - MostNamed} more" : "");
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
