namespace GlifMl.Datasets;

/// <summary>
/// Igor binary waves: a file of voltage and beside it one of current, with the same samples and nearly the same name
/// (<c>cell1_V.ibw</c> and <c>cell1_I.ibw</c>). A wave of two dimensions has a sweep a column.
/// </summary>
internal static class IgorFile
{
    /// <summary>How their names end.</summary>
    public const string Ending = ".ibw";

    private static readonly ColumnUnit Millivolt = ColumnUnit.Known("mV");
    private static readonly ColumnUnit Picoampere = ColumnUnit.Known("pA");

    // Words by which two names of a pair differ.
    private static readonly HashSet<string> Sides =
    [
        .. "v vm voltage response resp ad adc primary pri ch channel".Split(' '),
        .. "i im iinj current curr injected stim stimulus cmd command da dac secondary sec".Split(' '),
    ];

    /// <summary>Opens a file and the one of current beside it, where there is one.</summary>
    public static RecordingFile Open(string path)
    {
        var wave = IgorWave.Open(path);
        try
        {
            if (wave.Unit is null)
                throw wave.Fault($"unit {Quoted.Of(wave.UnitText)} of the wave", $"one of {ColumnUnit.Of(Quantity.Voltage)}");
            if (wave.Unit.Quantity != Quantity.Voltage)
                throw wave.Fault($"a wave in {wave.Unit.Symbol}", "the one of voltage, beside which its current is looked for");
            var current = Beside(path, wave, Quantity.Current);
            var notes = new List<string>();
            if (current is null)
                notes.Add("no wave of current beside it, with the same samples and name but for the channel: the current is not known");
            else
                notes.Add($"current of {Path.GetFileName(current.Path)}");
            if (wave.WasGuessed)
                notes.Add("no unit of time: taken as s, which Igor means");
            return new RecordingFile(
                path,
                $"Igor binary wave {wave.Version}",
                [
                    .. Enumerable
                        .Range(0, wave.Columns)
                        .Select(column => new RecordedSweep(
                            path,
                            wave.Interval,
                            wave.Column(column, Millivolt),
                            current?.Column(Math.Min(column, current.Columns - 1), Picoampere)
                        )
                        {
                            Number = column,
                            StartSeconds = wave.Start,
                            Notes = notes,
                        }),
                ],
                new Pair(wave, current)
            );
        }
        catch
        {
            wave.Dispose();
            throw;
        }
    }

    /// <summary>Whether a file is the current of a pair, whose voltage stands beside it.</summary>
    public static bool IsOfCurrent(string path)
    {
        if (!path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
            return false;
        try
        {
            using var wave = IgorWave.Open(path);
            using var voltage = wave.Unit?.Quantity == Quantity.Current ? Beside(path, wave, Quantity.Voltage) : null;
            return voltage is not null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // Whoever reads it says what is wrong with it.
            return false;
        }
    }

    /// <summary>Whether two files' names are those of a pair.</summary>
    public static bool MayBePaired(string path, string other) =>
        path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)
        && other.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)
        && Path.GetFileName(path) != Path.GetFileName(other)
        && Stem(path) == Stem(other);

    private static IgorWave? Beside(string path, IgorWave wave, Quantity quantity)
    {
        foreach (var other in Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!).Order(StringComparer.Ordinal))
        {
            if (!MayBePaired(path, other))
                continue;
            IgorWave? found = null;
            try
            {
                found = IgorWave.Open(other);
                if (found.Unit?.Quantity == quantity && found.IsLike(wave))
                    return found;
            }
            catch (InvalidDataException)
            {
                // Not the one that is looked for.
            }
            found?.Dispose();
        }
        return null;
    }

    // The words of a name that do not say which side of the amplifier it is, without the digits right behind those that do.
    private static string Stem(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        var words = new List<string>();
        for (var at = 0; at < name.Length; )
        {
            var start = at;
            while (
                at < name.Length
                && char.IsLetter(name[at]) == char.IsLetter(name[start])
                && char.IsDigit(name[at]) == char.IsDigit(name[start])
            )
                at++;
            var word = name[start..at].ToLowerInvariant();
            if (
                char.IsLetterOrDigit(word[0])
                && !Sides.Contains(word)
                && !(char.IsDigit(word[0]) && words.LastOrDefault() is "" && word.Length == 1)
            )
                words.Add(word);
            else if (Sides.Contains(word))
                words.Add("");
        }
        return string.Join(' ', words.Where(word => word.Length > 0));
    }

    private sealed class Pair(IgorWave voltage, IgorWave? current) : IDisposable
    {
        public void Dispose()
        {
            voltage.Dispose();
            current?.Dispose();
        }
    }
}
