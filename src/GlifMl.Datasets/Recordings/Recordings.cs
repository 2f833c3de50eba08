using GlifMl.Datasets;

namespace GlifMl;

/// <summary>Recordings in files.</summary>
public static class Recordings
{
    private static readonly string[] TextEndings = [".csv", ".tsv", ".txt", ".dat", ".asc", ".atf"];
    private static readonly string[] BinaryEndings = [".nwb", ".abf", ".ibw", ".h5", ".hdf5"];

    /// <summary>
    /// Reads a recording whole: what <see cref="RecordingFile"/> reads, or text in columns, one of time, one or more of voltage, perhaps
    /// some of current, units in the header.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>Its sweeps that can be used, one at least, with <paramref name="path"/> as their source.</returns>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// It is no recording; a column, a unit or a number is missing or unknown; time goes backward or is
    /// uneven; no voltage at all: with file and line.
    /// </exception>
    public static IReadOnlyList<Sweep> Load(string path)
    {
        using var file = RecordingFile.Open(path);
        return [.. file.Select(null).Select(sweep => sweep.Load())];
    }

    /// <summary>Reads a recording from a stream, such as standard input.</summary>
    /// <param name="stream">The bytes; closed afterwards. It need not be able to seek.</param>
    /// <param name="source">Its name in messages, and the sweeps' source.</param>
    /// <returns>Its sweeps, one at least.</returns>
    /// <exception cref="InvalidDataException">As of a file.</exception>
    public static IReadOnlyList<Sweep> Load(Stream stream, string source) => RecordingCsv.Read(stream, source);

    /// <summary>
    /// Whether a file's name ends as recordings' names do: .csv, .tsv, .txt, .dat, .asc, .atf, .nwb, .abf, .ibw, .h5 or .hdf5.
    /// </summary>
    /// <param name="path">The file; it need not exist.</param>
    public static bool HasEnding(string path) => IsText(path) || IsBinary(path);

    /// <summary>Whether a file's name ends as those of recorders' own files do: .nwb, .abf, .ibw, .h5 or .hdf5.</summary>
    internal static bool IsBinary(string path) => BinaryEndings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    private static bool IsText(string path) => TextEndings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The recordings of a folder, by their endings, in the order of their names; of a pair of Igor waves the voltage's.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <returns>Their paths; none where there are none.</returns>
    public static IReadOnlyList<string> Files(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(path => HasEnding(path) && !IgorFile.IsOfCurrent(path)).Order(StringComparer.Ordinal)];
}

/// <summary>One sweep of a recorded neuron, evenly sampled.</summary>
/// <param name="Source">Where it comes from, such as a path.</param>
/// <param name="SamplingIntervalSeconds">Time between samples, s.</param>
/// <param name="VoltageMv">Membrane potential, mV; NaN where a sample is missing.</param>
/// <param name="CurrentPa">Injected current, pA, as long as the voltage, NaN where a sample is missing; null when it was not
/// recorded.</param>
public sealed record Sweep(string Source, double SamplingIntervalSeconds, float[] VoltageMv, float[]? CurrentPa)
{
    /// <summary>Its number in the file: that of its columns or rows where they say one, or else its place, from 0. Default: 0.</summary>
    public long Number { get; init; }

    /// <summary>What the file calls its stimulus, such as <c>Noise 1</c>; empty where it says nothing.</summary>
    public string Stimulus { get; init; } = "";

    /// <summary>The time of the first sample by the file's own clock, s. Default: 0.</summary>
    public double StartSeconds { get; init; }

    /// <summary>
    /// Whether voltages are measured from the bath, as recordings are, and not from rest, as a simulated GLIF's are. Default: true.
    /// </summary>
    public bool IsAbsolute { get; init; } = true;

    /// <summary>What was made of the file that its user might not expect, a sentence each. Default: nothing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
