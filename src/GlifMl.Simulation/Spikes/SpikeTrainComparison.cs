namespace GlifMl.Simulation;

/// <summary>How much of one spike train another explains (Teeter et al. 2018, Methods, "Explained variance").</summary>
public static class SpikeTrainComparison
{
    /// <summary>Standard deviation of the Gaussian that both trains are smoothed with in the paper, s.</summary>
    public const double PaperSigmaSeconds = 0.01;

    // Beyond 6 standard deviations a Gaussian holds 2e-9 of its area.
    private const double KernelReach = 6;

    /// <summary>
    /// Explained variance of two trains: both binary trains are convolved with a normalised Gaussian, then
    /// EV = (var a + var b - var(a - b)) / (var a + var b). 1 for equal trains, near 0 for unrelated ones; symmetric.
    /// </summary>
    /// <param name="a">Spike times of one train, s; those outside the duration are left out.</param>
    /// <param name="b">Spike times of the other, s.</param>
    /// <param name="durationSeconds">How long both were observed, s.</param>
    /// <param name="sigmaSeconds">Standard deviation of the Gaussian, s. Default 10 ms.</param>
    /// <param name="binSeconds">Bin width of the trains, s. Default 1 ms, a tenth of the default Gaussian.</param>
    /// <returns>The explained variance; null where neither train has a spike, because there is no variance to explain.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The duration, the Gaussian or the bin is not a positive number.</exception>
    public static double? ExplainedVariance(
        IReadOnlyList<double> a,
        IReadOnlyList<double> b,
        double durationSeconds,
        double sigmaSeconds = PaperSigmaSeconds,
        double binSeconds = 1e-3
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(durationSeconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sigmaSeconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(binSeconds);
        var (smoothA, smoothB) = (
            Smooth(a, durationSeconds, sigmaSeconds, binSeconds),
            Smooth(b, durationSeconds, sigmaSeconds, binSeconds)
        );
        return ExplainedVariance(smoothA, smoothB);
    }

    /// <summary>
    /// The paper's score of a model against repeated sweeps of one stimulus: mean EV(model, repeat) / mean EV(trial average, repeat),
    /// so that 1 means as good as the cell's own reliability allows. The trial average is the mean of the smoothed repeats.
    /// </summary>
    /// <param name="model">Spike times of the model, s.</param>
    /// <param name="repeats">Spike times of each repeat, s.</param>
    /// <param name="durationSeconds">How long all were observed, s.</param>
    /// <param name="sigmaSeconds">Standard deviation of the Gaussian, s. Default 10 ms.</param>
    /// <param name="binSeconds">Bin width of the trains, s. Default 1 ms.</param>
    /// <returns>The ratio; null where no repeat has a spike.</returns>
    /// <exception cref="ArgumentException">There is no repeat, or a number is not positive.</exception>
    public static double? ExplainedVarianceRatio(
        IReadOnlyList<double> model,
        IReadOnlyList<IReadOnlyList<double>> repeats,
        double durationSeconds,
        double sigmaSeconds = PaperSigmaSeconds,
        double binSeconds = 1e-3
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(durationSeconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sigmaSeconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(binSeconds);
        if (repeats.Count == 0)
            throw new ArgumentException("repeats: found none; expected at least one", nameof(repeats));
        var smoothModel = Smooth(model, durationSeconds, sigmaSeconds, binSeconds);
        var smoothRepeats = repeats.Select(times => Smooth(times, durationSeconds, sigmaSeconds, binSeconds)).ToArray();
        var average = new double[smoothModel.Length];
        for (var bin = 0; bin < average.Length; bin++)
            average[bin] = smoothRepeats.Average(repeat => repeat[bin]);
        if (Variance(average) == 0)
            return null;

        // A silent model beside a silent repeat explains nothing of it, rather than being undefined.
        var explained = smoothRepeats.Average(repeat => ExplainedVariance(smoothModel, repeat) ?? 0);
        return explained / smoothRepeats.Average(repeat => ExplainedVariance(average, repeat) ?? 0);
    }

    private static double? ExplainedVariance(double[] a, double[] b)
    {
        var total = Variance(a) + Variance(b);
        if (total == 0)
            return null;
        var difference = new double[a.Length];
        for (var bin = 0; bin < a.Length; bin++)
            difference[bin] = a[bin] - b[bin];
        return (total - Variance(difference)) / total;
    }

    /// <summary>The binary train of a list of times, convolved with the Gaussian.</summary>
    private static double[] Smooth(IReadOnlyList<double> times, double duration, double sigma, double bin)
    {
        var smooth = new double[Math.Max(1, (int)Math.Round(duration / bin))];
        var reach = (int)Math.Ceiling(KernelReach * sigma / bin);
        var kernel = Enumerable.Range(-reach, 2 * reach + 1).Select(k => Math.Exp(-0.5 * Math.Pow(k * bin / sigma, 2))).ToArray();
        var area = kernel.Sum();
        foreach (var centre in times.Select(time => (int)Math.Floor(time / bin)).Distinct())
        {
            if (centre < 0 || centre >= smooth.Length)
                continue;
            for (var k = Math.Max(0, centre - reach); k <= Math.Min(smooth.Length - 1, centre + reach); k++)
                smooth[k] += kernel[k - centre + reach] / area;
        }
        return smooth;
    }

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Average(value => (value - mean) * (value - mean));
    }
}
