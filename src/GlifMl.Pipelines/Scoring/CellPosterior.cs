using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// What a model of readings (<c>dataset.trace.holds: readings</c>) says of a cell: the GLIF1 that would be published of it, with intervals.
/// </summary>
internal static class CellPosterior
{
    private static readonly string[] Keys = [GlifParameter.InputResistance, GlifParameter.Capacitance, GlifParameter.Threshold];

    // MΩ, pF and mV from SI units.
    private static readonly double[] Units = [1e-6, 1e12, 1e3];

    /// <summary>
    /// By how much intervals are wider than simulated cells say they need to be, for R, C and threshold: real cells are not quite like
    /// them. Chosen on the 60 cells that the simulated ones were compared with.
    /// </summary>
    public static IReadOnlyList<double> RealCellFactors { get; } = [1.05, 1, 1.1];

    // On simulated sessions the network alone would be best, but they are of its own kind; a third is left to what real cells taught.
    private const double NetworkShare = 2.0 / 3;

    // By how much what is answered is wider than the parts that it is made of say, for R, C and threshold: 90 % intervals hold on 1,920
    // simulated sessions of seeds of their own, per kind of sweeps (decision 41). Of steps alone they are never narrower; R of noise is as
    // wide as sweeps of 645 cells lie about what was published.
    private static readonly double[] OfFiring = [1, 1, 1];
    private static readonly double[] OfSteps = [1, 1.11, 1.04];
    private static readonly double[] OfStepsAndNoise = [1.04, 1.44, 0.84];
    private static readonly double[] OfNoise = [0.77, 1.5, 1.02];
    private static readonly double[] OfNoiseBelowThreshold = [0.77, 1.48, 1.24];
    private static readonly double[] OfNoiseBetweenSpikes = [1.04, 2.71, 1.04];
    private static readonly double[] OfRamps = [1.09, 1.19, 1.46];

    // Of a normal distribution: 90 % lie within.
    private const double NinetyPercent = 1.6448536269514722;
    private const string Resource = "recordings.onnx";

    private static readonly Lazy<OnnxModel> Embedded = new(() =>
    {
        using var stream = typeof(CellPosterior).Assembly.GetManifestResourceStream(Resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return OnnxModel.Load(bytes, new OnnxModelOptions { Engine = OnnxEngine.OnnxRuntime });
    });

    /// <summary>The network of models/recordings, which is within the program.</summary>
    public static OnnxModel Shipped => Embedded.Value;

    /// <summary>
    /// A closed form and a network together: R, C and threshold are two parts network and one part closed form, in logarithms, of the
    /// network's width. It reads steps alone; noise tells R and C as they are published, so that there these stay the closed form's. Widths
    /// are those that sessions of such sweeps ask for.
    /// </summary>
    /// <param name="reading">The closed form.</param>
    /// <param name="sweeps">The features that it was read from.</param>
    /// <param name="model">The network. Default null: <see cref="Shipped"/>.</param>
    public static CellReading Correct(CellReading reading, IReadOnlyList<SweepFeatures> sweeps, OnnxModel? model = null)
    {
        var read = Read(model ?? Shipped, sweeps);
        if (reading.Kinds.Count == 0 && read is null)
            return reading;
        var hasNoise = sweeps.Any(CellReading.IsOfPublishedKind);
        var wider = Wider(reading.Kinds, sweeps, read is not null);
        // The correlations stay those of the closed form.
        var (middle, covariance) = ((double[])reading.Log.Clone(), (double[,])reading.Covariance.Clone());
        for (var p = 0; p < middle.Length; p++)
        {
            var factor = wider[p];
            if (read is not null && (p == CellReading.Threshold || !hasNoise))
            {
                middle[p] = (NetworkShare * read.Middle[p]) + ((1 - NetworkShare) * reading.Log[p]);
                factor *= (read.High![p] - read.Low![p]) / (2 * NinetyPercent * reading.Deviations[p]);
            }
            for (var q = 0; q < middle.Length; q++)
            {
                covariance[p, q] *= factor;
                covariance[q, p] *= factor;
            }
        }
        return new CellReading(middle, covariance, reading.RestMv, reading.RestDeviationMv)
        {
            Kinds = reading.Kinds,
            Misfit = reading.Misfit,
        };
    }

    private static double[] Wider(IReadOnlySet<SweepKind> kinds, IReadOnlyList<SweepFeatures> sweeps, bool hasSteps) =>
        (hasSteps, sweeps.Any(CellReading.IsOfPublishedKind)) switch
        {
            (true, true) => OfStepsAndNoise,
            (true, false) => kinds.Contains(SweepKind.Depolarising) || kinds.Contains(SweepKind.Hyperpolarising) ? OfSteps : OfFiring,
            (false, true) => sweeps.Any(sweep => sweep.Kind == SweepKind.Waveform && sweep.SpikeCount > 0)
                ? OfNoise
                : OfNoiseBelowThreshold,
            _ => kinds.Contains(SweepKind.Waveform) ? OfNoiseBetweenSpikes : OfRamps,
        };

    /// <summary>Whether the network has a say in what a sweep tells; what else there is the closed form reads alone.</summary>
    public static bool Reads(SweepFeatures sweep) =>
        sweep.Kind is SweepKind.Firing
        || (sweep.Kind == SweepKind.Depolarising && sweep.SteadyMv > 0)
        || (sweep.Kind == SweepKind.Hyperpolarising && sweep.DeflectionMv < 0);

    /// <summary>Reads a cell from all its sweeps.</summary>
    /// <param name="model">A model of readings with a posterior.</param>
    /// <param name="sweeps">The features of the cell's sweeps.</param>
    /// <returns>The reading; null where no sweep is of a kind that the model reads.</returns>
    public static LogReading? Read(OnnxModel model, IReadOnlyList<SweepFeatures> sweeps)
    {
        // Nearest to threshold, where a depolarising step tells most.
        var depolarising = sweeps.Where(sweep => sweep.Kind == SweepKind.Depolarising && Reads(sweep)).MaxBy(sweep => sweep.SteadyMv);
        var hyperpolarising = sweeps
            .Where(sweep => sweep.Kind == SweepKind.Hyperpolarising && Reads(sweep))
            .MinBy(sweep => sweep.DeflectionMv);
        var firing = sweeps.Where(sweep => sweep.Kind == SweepKind.Firing).ToArray();
        return firing.Length > 0
                ? LogReading.Average(firing.Select(sweep => Read(model, CellVector.Of(sweep, depolarising, hyperpolarising))))
            : depolarising is not null || hyperpolarising is not null ? Read(model, CellVector.Of(null, depolarising, hyperpolarising))
            : null;
    }

    /// <summary>Reads a cell.</summary>
    /// <param name="model">A model of readings with a posterior.</param>
    /// <param name="vector">The cell's numbers, <see cref="CellVector"/>.</param>
    /// <exception cref="InvalidDataException">The model reads something else.</exception>
    public static LogReading Read(OnnxModel model, float[] vector)
    {
        if (model.Info.Readings is not { } names || !names.SequenceEqual(CellVector.Names) || model.Info.Posterior is null)
        {
            throw new InvalidDataException(
                $"model: found one that reads {(model.Info.Readings is null ? "traces" : "other numbers of a cell")}; "
                    + "expected one with a posterior that this version trained on readings of sweeps, such as models/recordings/model.onnx"
            );
        }
        var posterior = model.Posteriors(vector)[0];
        var parameters = model.Info.Parameters.Select(parameter => parameter.Name).ToList();
        var places = Array.ConvertAll(Keys, parameters.IndexOf);
        double[] At(double probability) =>
            Array.ConvertAll([0, 1, 2], k => Math.Log(Units[k] * posterior.Quantile(places[k], probability)));
        var middle = At(0.5);
        double[] Wider(double[] ends) => [.. ends.Select((end, k) => middle[k] + (RealCellFactors[k] * (end - middle[k])))];
        return new LogReading(middle, Wider(At(0.05)), Wider(At(0.95)));
    }
}

/// <summary>R, C and threshold as a reading has them.</summary>
/// <param name="Middle">[3] ln of R (MΩ), C (pF), threshold (mV).</param>
/// <param name="Low">[3] where the 90 % interval begins; null: there is none.</param>
/// <param name="High">[3] where it ends.</param>
internal sealed record LogReading(double[] Middle, double[]? Low, double[]? High)
{
    /// <summary>
    /// One reading of several: sweeps of one kind share their errors, so that their middles are averaged and the width stays one sweep's.
    /// </summary>
    public static LogReading Average(IEnumerable<LogReading> readings)
    {
        var all = readings.ToArray();
        double[] Mean(Func<LogReading, double[]> of) => Array.ConvertAll([0, 1, 2], k => all.Average(reading => of(reading)[k]));
        return new LogReading(Mean(r => r.Middle), Mean(r => r.Low!), Mean(r => r.High!));
    }
}
