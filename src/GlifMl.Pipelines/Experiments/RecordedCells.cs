using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>Real cells with traces: recordings, each beside the GLIF1 that was published of its cell.</summary>
internal static class RecordedCells
{
    private const char Between = '=';

    /// <summary>Whether an input is a recording with its neuron, or a folder of such.</summary>
    public static bool IsOne(string input) =>
        Directory.Exists(input) || (!File.Exists(input) && input.Contains(Between, StringComparison.Ordinal));

    /// <summary>Reads cells.</summary>
    /// <param name="inputs">
    /// <c>RECORDING=NEURON.json</c>; folders in which a neuron's file begins as its recordings' do, up to the first <c>_</c>.
    /// </param>
    /// <exception cref="InvalidDataException">A recording has no sweep to read, or a file is none.</exception>
    /// <exception cref="FileNotFoundException">There is no such file, or nothing in a folder.</exception>
    public static RealCells Load(IEnumerable<string> inputs) =>
        RealCells.Of([
            .. inputs
                .SelectMany(Pairs)
                .GroupBy(pair => pair.Neuron)
                .Select(files => Cell(files.Key, [.. files.Select(pair => pair.Recording)])),
        ]);

    private static IEnumerable<(string Recording, string Neuron)> Pairs(string input)
    {
        if (!Directory.Exists(input))
        {
            var at = input.IndexOf(Between, StringComparison.Ordinal);
            return [(Existing(input[..at], "a recording"), Existing(input[(at + 1)..], "a neuron"))];
        }
        var neurons = Directory.EnumerateFiles(input, "*.json").ToLookup(Beginning);
        var pairs = Recordings.Files(input).SelectMany(file => neurons[Beginning(file)].Select(neuron => (file, neuron))).ToArray();
        return pairs.Length > 0
            ? pairs
            : throw new FileNotFoundException(
                $"{input}: found no recording with a neuron's file beside it; expected names that begin alike, "
                    + "as in CELL_sweep1.csv and CELL_glif1.json",
                input
            );
    }

    private static RealCell Cell(string neuron, IReadOnlyList<string> recordings)
    {
        var published = NeuronConfig.Load(neuron);
        var name = Beginning(recordings[0]);
        var sweeps = CellSweeps.Read(new CellInput(name, recordings), SweepSelection.Usable, sweep => sweep).Used;
        var cell = new RealCell(
            name,
            [.. sweeps.Select(sweep => sweep.Features)],
            [
                Math.Log(1e-6 / published.ConductanceSiemens),
                Math.Log(1e12 * published.EffectiveCapacitanceFarads),
                Math.Log(1e3 * (published.EffectiveThresholdVolts - published.RestingPotentialVolts)),
            ]
        );
        return cell with
        {
            Exponentials = [.. sweeps.Where(sweep => sweep.Features.Kind == SweepKind.Firing).Select(PlainFits.ExponentialOfOnset)],
            RestMv = (CellReading.Of(cell.Sweeps).RestMv, 1e3 * (published.RestingReferenceVolts + published.RestingPotentialVolts)),
        };
    }

    private static string Existing(string file, string what) =>
        File.Exists(file) ? file : throw new FileNotFoundException($"{file}: found no such file; expected {what}", file);

    private static string Beginning(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        return name.IndexOf('_', StringComparison.Ordinal) is > 0 and var end ? name[..end] : name;
    }
}
