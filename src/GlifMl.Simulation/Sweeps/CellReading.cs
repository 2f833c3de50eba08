namespace GlifMl.Simulation;

/// <summary>
/// The closed form: R, C and threshold that a published GLIF1 model of a cell would have, from the features of its sweeps. Each feature's
/// ratio to what the published model itself would show has been measured on real cells; the most probable parameters given all of them and
/// the population are the answer. Sweeps of one kind share their errors: they are averaged at one sweep's width. Another kind of sweep is
/// another measurement.
/// </summary>
/// <param name="Log">[3] ln of R (MΩ), C (pF), threshold above rest (mV): the most probable values.</param>
/// <param name="Covariance">[3, 3] of these, real cells' misfit included.</param>
/// <param name="RestMv">Rest, mV, absolute; NaN where no sweep has a baseline.</param>
/// <param name="RestDeviationMv">Its standard deviation, mV.</param>
internal sealed record CellReading(double[] Log, double[,] Covariance, double RestMv, double RestDeviationMv)
{
    public const int Resistance = 0,
        Capacitance = 1,
        Threshold = 2;

    /// <summary>[3] standard deviations of the logarithms.</summary>
    public double[] Deviations { get; } = [.. Enumerable.Range(0, 3).Select(p => Math.Sqrt(Covariance[p, p]))];

    /// <summary>R, MΩ.</summary>
    public double ResistanceMegaohms => Math.Exp(Log[Resistance]);

    /// <summary>C, pF.</summary>
    public double CapacitancePicofarads => Math.Exp(Log[Capacitance]);

    /// <summary>Threshold above rest, mV.</summary>
    public double ThresholdMv => Math.Exp(Log[Threshold]);

    /// <summary>Kinds of sweeps that say something of R, C and threshold.</summary>
    public required IReadOnlySet<SweepKind> Kinds { get; init; }

    /// <summary>
    /// How far the sweeps are from what one such cell shows, over what chance would: about 1; much more where they disagree, or are those
    /// of no such cell. NaN where nothing is told.
    /// </summary>
    public required double Misfit { get; init; }

    /// <summary>Reads a cell.</summary>
    /// <param name="sweeps">The features of its sweeps; of a single one its reading.</param>
    /// <returns>The reading; without any sweep that says something the population's.</returns>
    public static CellReading Of(IReadOnlyList<SweepFeatures> sweeps)
    {
        var used = WithoutLesser(sweeps).Where(sweep => Array.Exists(CellRatio.All, ratio => ratio.IsTold(sweep))).ToArray();
        var told = CellRatio.All.Index().Where(ratio => Array.Exists(used, ratio.Item.IsTold)).ToArray();
        var root = SmallMatrix.Cholesky(SmallMatrix.Inverse(CellRatio.Covariance([.. told.Select(ratio => ratio.Index)])));
        var estimate = MapEstimate.Find(
            CellRatio.PopulationMean,
            CellRatio.PopulationPrecision,
            told.Length,
            (log, residuals) =>
            {
                Span<double> off = stackalloc double[told.Length];
                for (var k = 0; k < told.Length; k++)
                    off[k] = Off(told[k].Item, used, log);
                // Precision L L': the residuals of unit variance are L' off.
                for (var k = 0; k < told.Length; k++)
                {
                    residuals[k] = 0;
                    for (var j = k; j < told.Length; j++)
                        residuals[k] += root[j, k] * off[j];
                }
            }
        );
        var rest = sweeps.Where(sweep => double.IsFinite(sweep.RestMv)).Select(sweep => sweep.RestMv).ToArray();
        return new CellReading(
            estimate.Values,
            Widened(estimate.Covariance),
            SweepStatistics.Median(rest),
            rest.Length == 0 ? double.NaN : CellRatio.RestDeviationMv
        )
        {
            Kinds = used.Select(sweep => sweep.Kind).ToHashSet(),
            Misfit = told.Length == 0 ? double.NaN : 2 * estimate.Cost / told.Length,
        };
    }

    /// <summary>Whether a sweep is noise that stays below threshold: published R and C are regressed on such.</summary>
    public static bool IsOfPublishedKind(SweepFeatures sweep) =>
        sweep.Kind == SweepKind.Waveform && sweep.Regression.IsBelowThreshold && double.IsFinite(sweep.Regression.ResistanceMegaohms);

    // Published R and C are of noise below threshold, and the threshold is what makes a GLIF1 of that R and C fire under stronger noise.
    // Beside such sweeps what lies between spikes says nothing of R and C, and time constants of steps, which miss C by 50 % in some cells,
    // nothing of C; nor does noise between spikes beside steps. Of noise that always fires R is that under the weakest, where most lies
    // between spikes: under stronger one the leak has fallen further. C is the mean of all.
    private static IEnumerable<SweepFeatures> WithoutLesser(IReadOnlyList<SweepFeatures> sweeps)
    {
        var hasBelow = sweeps.Any(IsOfPublishedKind);
        NoiseRegression[] told =
        [
            .. sweeps
                .Where(sweep => hasBelow ? IsOfPublishedKind(sweep) : sweep.Kind == SweepKind.Waveform)
                .Select(sweep => sweep.Regression)
                .Where(regression => double.IsFinite(regression.ResistanceMegaohms)),
        ];
        if (told.Length == 0)
            return sweeps;
        var (r, c) = hasBelow
            ? (SweepStatistics.Median(told.Select(Megaohms)), SweepStatistics.Median(told.Select(Picofarads)))
            : (
                Megaohms(told.MaxBy(regression => regression.Stretches)),
                Math.Exp(told.Average(regression => Math.Log(Picofarads(regression))))
            );
        var counted = CountedMv(sweeps, r, c);
        var hasSteps = sweeps.Any(sweep => sweep.IsStep);
        NoiseRegression Of(SweepFeatures sweep) =>
            hasBelow ? (IsOfPublishedKind(sweep) ? sweep.Regression : NoiseRegression.None)
            : hasSteps ? NoiseRegression.None
            : sweep.Regression with { ResistanceMegaohms = r, CapacitancePicofarads = c };
        return sweeps.Select(sweep =>
            sweep.Kind == SweepKind.Waveform ? sweep with { CountedThresholdMv = counted, Regression = Of(sweep) }
            : hasBelow ? sweep with { TimeConstantMs = double.NaN }
            : sweep
        );

        static double Megaohms(NoiseRegression regression) => regression.ResistanceMegaohms;
        static double Picofarads(NoiseRegression regression) => regression.CapacitancePicofarads;
    }

    // Published thresholds are fitted to all spikes of all such sweeps: each counts alike. What few say is where the highest peaks are.
    private static double CountedMv(IReadOnlyList<SweepFeatures> sweeps, double megaohms, double picofarads)
    {
        var (sum, spikes) = (0.0, 0);
        foreach (var sweep in sweeps)
        {
            if (sweep.Counted.Millivolts(megaohms, picofarads) is not (> 0 and var millivolts))
                continue;
            (sum, spikes) = (sum + (sweep.SpikeCount * Math.Log(millivolts)), spikes + sweep.SpikeCount);
        }
        return spikes == 0 ? double.NaN : Math.Exp(sum / spikes);
    }

    private static double[,] Widened(double[,] covariance)
    {
        var widened = new double[3, 3];
        for (var p = 0; p < 3; p++)
        {
            for (var q = 0; q < 3; q++)
                widened[p, q] = CellRatio.Widening[p] * CellRatio.Widening[q] * covariance[p, q];
        }
        return widened;
    }

    // Mean over the sweeps that tell it: their errors are the cell's, and do not average out.
    private static double Off(CellRatio ratio, SweepFeatures[] sweeps, ReadOnlySpan<double> log)
    {
        var (sum, count) = (0.0, 0);
        foreach (var sweep in sweeps)
        {
            if (!ratio.IsTold(sweep))
                continue;
            sum += ratio.Off(sweep, log);
            count++;
        }
        return sum / count;
    }
}
