namespace GlifMl;

/// <summary>The current of a recorded sweep as a stimulus.</summary>
public static class SweepStimulus
{
    private const double PicoamperesPerAmpere = 1e12;

    /// <summary>Reads the current of one sweep; time counts from its first sample, and each sample is held until the next.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="selection">Which sweep; it must be one.</param>
    /// <param name="notes">Takes what was made of the file that its user might not expect, a sentence each. Default null.</param>
    /// <returns>The stimulus.</returns>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">It is no recording, has no such sweep or several, or no current.</exception>
    public static Stimulus Load(string path, SweepSelection selection, ICollection<string>? notes = null)
    {
        using var file = RecordingFile.Open(path);
        var sweeps = file.Select(selection);
        if (sweeps is not [var recorded])
        {
            var numbers = string.Join(", ", sweeps.Take(5).Select(sweep => sweep.Number));
            throw new InvalidDataException(
                $"{path}: found {sweeps.Count} sweeps ({numbers}{(sweeps.Count > 5 ? ", ..." : "")}); "
                    + "expected one: choose it by its number (--sweeps)"
            );
        }
        var sweep = recorded.Load();
        if (sweep.CurrentPa is not { } current)
            throw new InvalidDataException($"{path}: found no current in sweep {sweep.Number}; expected one");
        if (Array.FindIndex(current, c => !float.IsFinite(c)) is >= 0 and var missing)
        {
            throw new InvalidDataException(
                Invariant.Text(
                    $"{path}: found no current at {missing * sweep.SamplingIntervalSeconds:G6} s of sweep {sweep.Number}; "
                        + $"expected one for every sample"
                )
            );
        }
        foreach (var note in sweep.Notes)
            notes?.Add(note);
        notes?.Add(Invariant.Text($"current of sweep {sweep.Number}{(sweep.Stimulus.Length > 0 ? $" ({sweep.Stimulus})" : "")}"));
        return new SegmentStimulus(
            path,
            [new SampledSegment(0, sweep.SamplingIntervalSeconds, Array.ConvertAll(current, c => c / PicoamperesPerAmpere))]
        );
    }
}
