using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// Scores readings of cells by what was published of each: of plain methods, of the closed form, of networks, and of <c>fit</c>.
/// </summary>
internal static class CellScoring
{
    // Of a normal distribution: 90 % lie within.
    private const double NinetyPercent = 1.6448536269514722;

    // With fewer neither a median over them nor ridge across them says anything.
    private const int FewestToLearnFrom = 10;

    private delegate LogReading? Method(RealCell cell, IReadOnlyList<SweepFeatures> sweeps);

    // What a reading is given; every cell counts once, however many such choices it has.
    private static readonly (string Name, Func<RealCell, IEnumerable<IReadOnlyList<SweepFeatures>>> Of)[] Choices =
    [
        ("one sweep", cell => cell.Firing.Select(sweep => new[] { sweep })),
        ("all sweeps", cell => cell.Firing.Count > 0 ? [cell.Firing] : []),
        (
            "all and those below threshold",
            cell =>
                IsBelow(cell) && cell.Firing.Count > 0
                    ?
                    [
                        [.. Steps(cell)],
                    ]
                    : []
        ),
        ("ramp", cell => cell.Sweeps.Where(sweep => sweep.Kind == SweepKind.Ramp).ToArray() is { Length: > 0 } ramps ? [ramps] : []),
        (
            "noise below threshold",
            cell => cell.Sweeps.Where(sweep => IsNoise(sweep) && sweep.SpikeCount == 0).ToArray() is { Length: > 0 } noise ? [noise] : []
        ),
        ("noise", cell => cell.Sweeps.Where(IsNoise).ToArray() is { Length: > 0 } noise ? [noise] : []),
        (
            "steps and noise",
            cell =>
                cell.Sweeps.Any(IsNoise) && Steps(cell).Any()
                    ?
                    [
                        [.. Steps(cell), .. cell.Sweeps.Where(IsNoise)],
                    ]
                    : []
        ),
    ];

    /// <summary>Scores every method on every choice of sweeps that the cells have.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="models">Networks of readings by name; one is compared with all else, of several each alone.</param>
    public static IReadOnlyList<RealCellScore> Scores(RealCells cells, IReadOnlyList<(string Name, OnnxModel Model)> models)
    {
        var scores = new List<RealCellScore>();
        if (models.Count <= 1)
            scores.AddRange(PlainMethods(cells).Select(plain => Score(plain.Name, cells, 0, plain.Read)).OfType<RealCellScore>());
        for (var choice = 0; choice < Choices.Length; choice++)
        {
            if (choice == 1 && cells.Cells.All(cell => cell.Firing.Count <= 1))
                continue;
            if (models.Count <= 1)
                Add("closed form", (_, sweeps) => WithIntervals(CellReading.Of(sweeps)));
            foreach (var (name, model) in models)
                Add(name, (_, sweeps) => CellPosterior.Read(model, sweeps));
            if (models is [var (_, one)])
                Add("fit", (_, sweeps) => WithIntervals(CellPosterior.Correct(CellReading.Of(sweeps), sweeps, one)));

            void Add(string name, Method read)
            {
                if (Score($"{name}, {Choices[choice].Name}", cells, choice, read) is { } score)
                    scores.Add(score);
            }
        }
        return scores;
    }

    /// <summary>What <c>fit</c> answers of a cell's sweeps, and its 90 % interval.</summary>
    public static LogReading Fit(IReadOnlyList<SweepFeatures> sweeps) =>
        WithIntervals(CellPosterior.Correct(CellReading.Of(sweeps), sweeps));

    private static IEnumerable<(string Name, Method Read)> PlainMethods(RealCells cells)
    {
        var isEnough = cells.Cells.Count >= FewestToLearnFrom;
        var middle = isEnough
            ? Array.ConvertAll([0, 1, 2], k => Weighted.Median(cells.Cells.Select(cell => (cell.Log[k], 1.0))))
            : CellRatio.PopulationMean;
        yield return (isEnough ? "always the cells' median" : "always the population's median", (_, _) => new(middle, null, null));
        if (isEnough)
        {
            var ridge = PlainFits.Ridge(cells);
            yield return ("ridge on the other cells, one sweep", (cell, sweeps) => ridge(cell, sweeps[0]));
        }
        yield return ("exponential through 10 ms and the late mean, one sweep", (_, sweeps) => PlainFits.ExponentialOfFeatures(sweeps[0]));
        yield return (
            "exponential fitted to the onset, one sweep",
            (cell, sweeps) => cell.Exponentials.ElementAtOrDefault(cell.Firing.Index().First(s => ReferenceEquals(s.Item, sweeps[0])).Index)
        );
        yield return ("output error: the nearest GLIF1, one sweep", (_, sweeps) => PlainFits.NearestGlif1(sweeps[0]));
        yield return ("output error: dendrite, falling leak, prior, one sweep", (_, sweeps) => PlainFits.MembraneOfOnset(sweeps[0]));
    }

    private static bool IsNoise(SweepFeatures sweep) => sweep.Kind == SweepKind.Waveform;

    private static bool IsBelow(RealCell cell) =>
        cell.Sweeps.Any(sweep => sweep.Kind is SweepKind.Depolarising or SweepKind.Hyperpolarising);

    private static IEnumerable<SweepFeatures> Steps(RealCell cell) => cell.Sweeps.Where(sweep => sweep.IsStep);

    private static LogReading WithIntervals(CellReading reading) =>
        new(
            reading.Log,
            [.. reading.Log.Zip(reading.Deviations, (log, sd) => log - (NinetyPercent * sd))],
            [.. reading.Log.Zip(reading.Deviations, (log, sd) => log + (NinetyPercent * sd))]
        );

    private static RealCellScore? Score(string name, RealCells cells, int choice, Method read)
    {
        var found = cells
            .Cells.Select(cell => (Cell: cell, Choices: Choices[choice].Of(cell).ToArray()))
            .SelectMany(pair =>
                pair.Choices.Select(sweeps => (pair.Cell, Reading: read(pair.Cell, sweeps), Weight: 1.0 / pair.Choices.Length))
            )
            .Where(f => f.Reading is not null && f.Reading.Middle.All(double.IsFinite))
            .Select(f => (f.Cell, Reading: f.Reading!, f.Weight))
            .ToArray();
        if (found.Length == 0)
            return null;
        double[] Each(Func<RealCell, LogReading, int, double> value, Func<IEnumerable<(double, double)>, double> sum) =>
            Array.ConvertAll([0, 1, 2], k => sum(found.Select(f => (value(f.Cell, f.Reading, k), f.Weight))));
        double[] R2(Func<RealCell, int, double> truth, Func<double, double> of) =>
            Array.ConvertAll(
                [0, 1, 2],
                k => Weighted.R2(found.Select(f => (of(truth(f.Cell, k)), of(f.Reading.Middle[k]), f.Weight)).ToArray())
            );
        var hasIntervals = found[0].Reading.Low is not null;
        var isEnough = found.Select(f => f.Cell).Distinct().Count() >= FewestToLearnFrom;
        return new RealCellScore(
            name,
            Each((cell, reading, k) => Math.Abs(Math.Exp(reading.Middle[k] - cell.Log[k]) - 1), Weighted.Median),
            Each((cell, reading, k) => Math.Exp(reading.Middle[k] - cell.Log[k]) - 1, Weighted.Median),
            hasIntervals
                ? Each(
                    (cell, reading, k) => cell.Log[k] >= reading.Low![k] && cell.Log[k] <= reading.High![k] ? 1 : 0,
                    values => values.Sum(v => v.Item1 * v.Item2) / values.Sum(v => v.Item2)
                )
                : null,
            hasIntervals ? Each((_, reading, k) => reading.High![k] - reading.Low![k], Weighted.Median) : null
        )
        {
            Cells = found.Select(f => f.Cell).Distinct().Count(),
            R2 = isEnough ? R2((cell, k) => cell.Log[k], Math.Exp) : null,
            R2OfLogarithms = isEnough ? R2((cell, k) => cell.Log[k], log => log) : null,
            // Noise shows a label's scatter, and so there is no other label to be judged by.
            R2Unscattered =
                isEnough && cells.Cells.All(cell => cell.Unscattered is not null && !Choices[choice].Of(cell).Any(s => s.Any(IsNoise)))
                    ? R2((cell, k) => cell.Unscattered![k], log => log)
                    : null,
        };
    }
}

/// <summary>Statistics of values that count differently.</summary>
internal static class Weighted
{
    /// <summary>The value that a share of the weight lies below; values that are not finite are left out.</summary>
    public static double Quantile(IEnumerable<(double Value, double Weight)> values, double share)
    {
        var sorted = values.Where(v => double.IsFinite(v.Value)).OrderBy(v => v.Value).ToArray();
        var (total, below) = (sorted.Sum(v => v.Weight), 0.0);
        foreach (var (value, weight) in sorted)
        {
            below += weight;
            if (below >= share * total)
                return value;
        }
        return double.NaN;
    }

    /// <summary>The value that half of the weight lies below; where that is between two, their mean.</summary>
    public static double Median(IEnumerable<(double Value, double Weight)> values)
    {
        var all = values.ToArray();
        const double Nearly = 1e-9;
        return (Quantile(all, 0.5 - Nearly) + Quantile(all, 0.5 + Nearly)) / 2;
    }

    /// <summary>The share of the variance of what is so that what is said of it has.</summary>
    public static double R2(IReadOnlyList<(double Truth, double Said, double Weight)> values)
    {
        var total = values.Sum(v => v.Weight);
        var mean = values.Sum(v => v.Weight * v.Truth) / total;
        return 1
            - (
                values.Sum(v => v.Weight * (v.Said - v.Truth) * (v.Said - v.Truth))
                / values.Sum(v => v.Weight * (v.Truth - mean) * (v.Truth - mean))
            );
    }
}

/// <summary>How far a reading is from what was published of cells, for R_input, C and th_inf.</summary>
/// <param name="Reading">What read them, and from which sweeps.</param>
/// <param name="MedianError">[3] median absolute error, as a share.</param>
/// <param name="Bias">[3] median of the ratio to what was published, less 1.</param>
/// <param name="Coverage">[3] how often the 90 % interval holds; null without intervals.</param>
/// <param name="Width">[3] the intervals' median width, in log; null without intervals.</param>
internal sealed record RealCellScore(string Reading, double[] MedianError, double[] Bias, double[]? Coverage, double[]? Width)
{
    /// <summary>How many cells have such sweeps.</summary>
    public int Cells { get; init; }

    /// <summary>[3] R2 in MΩ, pF and mV; null of few cells.</summary>
    public double[]? R2 { get; init; }

    /// <summary>[3] R2 of the logarithms; null of few cells.</summary>
    public double[]? R2OfLogarithms { get; init; }

    /// <summary>[3] of simulated cells R2 of the logarithms against labels that do not scatter; null: not known.</summary>
    public double[]? R2Unscattered { get; init; }
}
