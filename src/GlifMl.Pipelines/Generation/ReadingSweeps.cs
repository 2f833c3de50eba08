using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// The sweeps that a simulated cell is read from: a square that it fires under, a depolarising and a hyperpolarising one below threshold,
/// recorded, and measured as a recording is.
/// </summary>
internal static class ReadingSweeps
{
    /// <summary>A time at which a square of the catalogue is on, s.</summary>
    public const double LookSeconds = 0.1;

    // Below threshold, in rheobases.
    private const double LeastDepolarising = 0.25,
        MostDepolarising = 0.95;
    private const double LeastHyperpolarising = -0.25,
        MostHyperpolarising = -1;

    // How often a cell comes with each kind of sweep. The first with no more than a table has, half of the time.
    private const double FiringShare = 0.85,
        TableShare = 0.4,
        DepolarisingShare = 0.4,
        HyperpolarisingShare = 0.4;

    /// <summary>Reads cells.</summary>
    /// <param name="cells">[N] the cells.</param>
    /// <param name="labels">[N] their labels.</param>
    /// <param name="multiples">[N] the current that they fire under, in rheobases.</param>
    /// <param name="dt">The sampling interval, s.</param>
    /// <param name="filterHz">Cutoff of the amplifier's filter; null: none.</param>
    /// <param name="noise">Noise of the recording; null: none.</param>
    /// <param name="random">[N] where a cell's draws come from.</param>
    /// <param name="workspace">Memory.</param>
    /// <returns>[N] the numbers of each cell, and the spikes of its first sweep.</returns>
    public static (float[] Vector, int Spikes)[] Read(
        DrawnCell[] cells,
        PublishedLabels[] labels,
        double[] multiples,
        double dt,
        double? filterHz,
        RecordingNoise? noise,
        SeededRandom[] random,
        MembraneWorkspace workspace
    )
    {
        var which = Array.ConvertAll(random, Which.Draw);
        var (depolarising, hyperpolarising) = (Array.ConvertAll(random, Depolarising), Array.ConvertAll(random, Hyperpolarising));
        var recorder = new CellRecorder(cells, labels, dt, filterHz, noise, random, workspace);
        var sweeps = new SweepFeatures?[3][];
        sweeps[0] = recorder.Squares(multiples, n => which[n].Firing);
        sweeps[1] = recorder.Squares(depolarising, n => which[n].Depolarising);
        sweeps[2] = recorder.Squares(hyperpolarising, n => which[n].Hyperpolarising);
        return
        [
            .. cells.Select(
                (_, n) => (CellVector.Of(sweeps[0][n], sweeps[1][n], sweeps[2][n], which[n].HasTrace), sweeps[0][n]?.SpikeCount ?? 0)
            ),
        ];
    }

    /// <summary>Draws a depolarising square below threshold, in rheobases.</summary>
    public static double Depolarising(SeededRandom random) => Between(random, LeastDepolarising, MostDepolarising);

    /// <summary>Draws a hyperpolarising square, in rheobases.</summary>
    public static double Hyperpolarising(SeededRandom random) => Between(random, LeastHyperpolarising, MostHyperpolarising);

    private static double Between(SeededRandom random, double low, double high) => low + ((high - low) * random.NextDouble());

    // Which sweeps there are of a cell; at least one.
    private readonly record struct Which(bool Firing, bool HasTrace, bool Depolarising, bool Hyperpolarising)
    {
        public static Which Draw(SeededRandom random)
        {
            var (firing, table) = (random.NextDouble() < FiringShare, random.NextDouble() < TableShare);
            var (depolarising, hyperpolarising) = (random.NextDouble() < DepolarisingShare, random.NextDouble() < HyperpolarisingShare);
            return new Which(firing || !(depolarising || hyperpolarising), !table, depolarising, hyperpolarising);
        }
    }
}
