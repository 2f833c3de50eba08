using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>Real cells with the GLIF1 that was published of each: a table of features of their sweeps, a row a sweep.</summary>
internal sealed class RealCells
{
    private static readonly string[] FeatureColumns =
    [
        "specimen_id",
        "step_pA",
        "n_spikes",
        "first_spike_ms_after_onset",
        "v_10ms_after_onset_rel_mV",
        "mean_trough_rel_mV",
        "mean_peak_rel_mV",
        "mean_v_730_930ms_rel_mV",
        "R_MOhm_published",
        "C_pF_published",
        "th_mV_published",
    ];

    private static readonly string[] SquareColumns = ["specimen_id", "R_long_square", "C_long_square"];

    private RealCells(IReadOnlyList<RealCell> cells) => Cells = cells;

    /// <summary>The cells.</summary>
    public IReadOnlyList<RealCell> Cells { get; }

    /// <summary>What is to be said of them beside the tables; null: nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Reads tables.</summary>
    /// <param name="features">A row a sweep: the columns of OpenSourceBrain's table of Allen cells' Long Squares.</param>
    /// <param name="squares">
    /// A row a cell with <c>R_long_square</c> and <c>C_long_square</c> of hyperpolarising squares; null: no such sweeps.
    /// </param>
    /// <exception cref="InvalidDataException">A column is missing or a row no numbers.</exception>
    public static RealCells Load(string features, string? squares)
    {
        var hyperpolarising = squares is null
            ? []
            : Rows(squares, SquareColumns).ToDictionary(row => row[0], row => Hyperpolarising(row[1], row[2]));
        return new RealCells([
            .. Rows(features, FeatureColumns)
                .GroupBy(row => row[0])
                .Select(rows => new RealCell(
                    Invariant.Text($"{rows.Key}"),
                    [.. rows.Select(Sweep), .. hyperpolarising.GetValueOrDefault(rows.Key) is { } square ? new[] { square } : []],
                    Array.ConvertAll(rows.First()[^3..], Math.Log)
                )),
        ]);
    }

    /// <summary>Takes cells from elsewhere.</summary>
    public static RealCells Of(IReadOnlyList<RealCell> cells, string? note = null) => new(cells) { Note = note };

    private static SweepFeatures Sweep(double[] row) =>
        new()
        {
            Kind = SweepKind.Firing,
            StepPa = row[1],
            StepMs = 1e3,
            SpikeCount = (int)row[2],
            LatencyMs = row[3],
            At10Ms = row[4],
            TroughMv = row[5],
            PeakMv = row[6],
            LateMeanMv = row[7],
        };

    // Of the table's R and C = tau / R the deflection of a step, and the time constant.
    private static SweepFeatures? Hyperpolarising(double megaohms, double picofarads) =>
        megaohms > 0 && picofarads > 0
            ? new()
            {
                Kind = SweepKind.Hyperpolarising,
                StepPa = -100,
                StepMs = 1e3,
                DeflectionMv = -0.1 * megaohms,
                TimeConstantMs = 1e-3 * megaohms * picofarads,
            }
            : null;

    private static List<double[]> Rows(string path, string[] columns)
    {
        var lines = File.ReadAllLines(path);
        var header = lines.Length == 0 ? [] : lines[0].Split(',');
        var places = Array.ConvertAll(columns, column => Array.IndexOf(header, column));
        if (Array.FindIndex(places, place => place < 0) is >= 0 and var missing)
            throw new InvalidDataException($"{path}:1: found no column {columns[missing]}; expected {string.Join(", ", columns)}");
        var rows = new List<double[]>();
        foreach (var (number, line) in lines.Index().Skip(1).Where(line => line.Item.Length > 0))
        {
            var cells = line.Split(',');
            if (cells.Length != header.Length)
                throw new InvalidDataException($"{path}:{number + 1}: found {cells.Length} values; expected {header.Length}");
            rows.Add(
                Array.ConvertAll(
                    places,
                    place =>
                        PlainNumber.Real(cells[place])
                        ?? (
                            cells[place].Length == 0
                                ? double.NaN
                                : throw new InvalidDataException(
                                    $"{path}:{number + 1}: found {Quoted.Of(cells[place])} in {header[place]}; expected a number"
                                )
                        )
                )
            );
        }
        return rows.Count > 0 ? rows : throw new InvalidDataException($"{path}: found no rows; expected at least one");
    }
}

/// <summary>A cell that readings are judged by.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Sweeps">Its sweeps.</param>
/// <param name="Log">[3] ln of the published R (MΩ), C (pF), threshold (mV).</param>
internal sealed record RealCell(string Name, IReadOnlyList<SweepFeatures> Sweeps, double[] Log)
{
    /// <summary>The sweeps that it fires under.</summary>
    public IReadOnlyList<SweepFeatures> Firing { get; } = [.. Sweeps.Where(sweep => sweep.Kind == SweepKind.Firing)];

    /// <summary>What hyperpolarising squares tell of it; null: nothing.</summary>
    public SweepFeatures? Hyperpolarising { get; } = Sweeps.FirstOrDefault(sweep => sweep.Kind == SweepKind.Hyperpolarising);

    /// <summary>[3] of a simulated cell what the labels would be if published ones did not scatter; null: not known.</summary>
    public double[]? Unscattered { get; init; }

    /// <summary>Of cells with traces what an exponential fitted to each firing sweep's onset says; none of tables.</summary>
    public IReadOnlyList<LogReading?> Exponentials { get; init; } = [];

    /// <summary>Rest of the sweeps and of the published model, mV; NaN where one is not known.</summary>
    public (double Read, double Published) RestMv { get; init; } = (double.NaN, double.NaN);
}

/// <summary>
/// What a sweep shows beside what the cell's published GLIF1 would: five ratios by which simulated cells are judged, for their errors are
/// those of a reading.
/// </summary>
internal static class JointRatios
{
    // The sweeps of the real table: cells that fire at least so often, and not within the time at which their onset is read.
    private const int FewestSpikes = 5;
    private const double ShortestLatencyMs = 10;

    /// <summary>What they are called.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "mean V / RI",
        "V at 10 ms / published",
        "trough / th",
        "RI / th",
        "V at latency / th",
        "hyperpolarising R / R",
        "hyperpolarising C / C",
    ];

    /// <summary>
    /// Percentiles 10, 50 and 90 of each over 60 mouse cells, each counted once: Long Squares of the Allen Cell Types Database, 397 sweeps,
    /// features by OpenSourceBrain, beside the models of Teeter et al. 2018; the last two of that paper's long-square R and C.
    /// (c) 2015 Allen Institute for Brain Science, celltypes.brain-map.org.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<double>> OfRealCells { get; } =
    [
        [0.64, 0.91, 1.23],
        [0.98, 1.14, 1.31],
        [0.45, 0.70, 0.97],
        [0.69, 1.00, 1.67],
        [0.61, 0.82, 1.04],
        [0.63, 0.84, 1.32],
        [0.98, 1.18, 1.45],
    ];

    /// <summary>Whether a sweep is of those that are compared.</summary>
    public static bool Counts(SweepFeatures sweep) => sweep.SpikeCount >= FewestSpikes && sweep.LatencyMs >= ShortestLatencyMs;

    /// <summary>The ratios of a sweep.</summary>
    /// <param name="sweep">A sweep that the cell fires under.</param>
    /// <param name="hyperpolarising">A hyperpolarising sweep of it; null: none.</param>
    /// <param name="log">ln of the published R (MΩ), C (pF), threshold (mV).</param>
    public static double[] Of(SweepFeatures sweep, SweepFeatures? hyperpolarising, IReadOnlyList<double> log)
    {
        var (r, c, th) = (Math.Exp(log[0]), Math.Exp(log[1]), Math.Exp(log[2]));
        var steady = 1e-3 * r * sweep.StepPa;
        double Charged(double ms) => steady * (1 - Math.Exp(-ms / (1e-3 * r * c)));
        var resistance = 1e3 * hyperpolarising?.DeflectionMv / hyperpolarising?.StepPa ?? double.NaN;
        return
        [
            sweep.LateMeanMv / steady,
            sweep.At10Ms / Charged(10),
            sweep.TroughMv / th,
            steady / th,
            Charged(sweep.LatencyMs) / th,
            resistance / r,
            1e3 * (hyperpolarising?.TimeConstantMs ?? double.NaN) / resistance / c,
        ];
    }
}
