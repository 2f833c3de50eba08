using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// Records sweeps of cells: simulates them in lanes, adds what a recording has, and measures them as a recording is measured.
/// </summary>
/// <param name="cells">[N] the cells.</param>
/// <param name="labels">[N] their labels, of which the rheobase is used.</param>
/// <param name="dt">The sampling interval, s.</param>
/// <param name="filterHz">Cutoff of the amplifier's filter; null: none.</param>
/// <param name="noise">Noise of the recording; null: none.</param>
/// <param name="random">[N] where each cell's noise comes from, sweep after sweep.</param>
/// <param name="workspace">Memory.</param>
internal sealed class CellRecorder(
    DrawnCell[] cells,
    PublishedLabels[] labels,
    double dt,
    double? filterHz,
    RecordingNoise? noise,
    SeededRandom[] random,
    MembraneWorkspace workspace
)
{
    /// <summary>Where cells rest that are recorded, mV: spikes are found by an absolute peak.</summary>
    public const double RestMv = -72;

    /// <summary>How long a sweep lasts before its stimulus, s.</summary>
    public const double BeforeSeconds = 0.1;

    private const double SquareSeconds = 1;

    /// <summary>Fills in the current of a cell, A.</summary>
    /// <param name="cell">Its place.</param>
    /// <param name="dt">The sampling interval, s.</param>
    /// <param name="amperes">Takes the current.</param>
    public delegate void Stimulus(int cell, double dt, Span<double> amperes);

    /// <summary>Records a square of one second.</summary>
    /// <param name="rheobases">[N] its currents, in rheobases.</param>
    /// <param name="isThere">Whether a cell has the sweep. Default null: all have.</param>
    /// <returns>[N] what each tells; null where there is none.</returns>
    public SweepFeatures?[] Squares(double[] rheobases, Predicate<int>? isThere = null) =>
        Record(SquareSeconds, (n, _, amperes) => amperes.Fill(rheobases[n] * labels[n].RheobaseAmperes), isThere);

    /// <summary>Records a sweep.</summary>
    /// <param name="seconds">How long its stimulus lasts.</param>
    /// <param name="stimulus">What it is.</param>
    /// <param name="isThere">Whether a cell has the sweep. Default null: all have.</param>
    /// <returns>[N] what each tells; null where there is none.</returns>
    public SweepFeatures?[] Record(double seconds, Stimulus stimulus, Predicate<int>? isThere = null)
    {
        var found = new SweepFeatures?[cells.Length];
        int[] members = [.. Enumerable.Range(0, cells.Length).Where(n => isThere?.Invoke(n) != false)];
        if (members.Length == 0)
            return found;
        var (before, steps) = ((int)(BeforeSeconds / dt), (int)((BeforeSeconds + seconds) / dt));
        MembraneRequest[] requests =
        [
            .. members.Select(
                (n, k) =>
                {
                    var current = workspace.Current(k, steps);
                    current.AsSpan(0, before).Clear();
                    stimulus(n, dt, current.AsSpan(before, steps - before));
                    return new MembraneRequest(cells[n].At(dt), current);
                }
            ),
        ];
        var voltages = workspace.Voltages(members.Length, steps);
        MembraneBatch.RunMillivolts(requests, steps, voltages);
        var picoamperes = new float[steps];
        for (var k = 0; k < members.Length; k++)
        {
            var n = members[k];
            var voltage = voltages.Span.Slice(k * steps, steps);
            for (var i = 0; i < steps; i++)
            {
                voltage[i] += (float)RestMv;
                picoamperes[i] = (float)(1e12 * requests[k].StimulusAmperes[i]);
            }
            cells[n].Record(voltage, picoamperes, dt, filterHz, noise, random[n]);
            found[n] = SweepFeatures.Of(voltage, picoamperes, dt);
        }
        return found;
    }
}
