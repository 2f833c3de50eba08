using GlifMl.Estimators;
using GlifMl.Onnx;
using GlifMl.Pipelines;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Pipelines.Metrics;

/// <summary>Posteriors that are right pass, and such as are too narrow, too wide or beside the truth do not.</summary>
public sealed class CalibrationTests
{
    private const int Traces = 2000;
    private static readonly string[] Targets = ["C", "El"];

    [Fact]
    public void Complete_RightPosteriors_HoldWhatTheySay()
    {
        var metrics = Evaluate(width: 1, shift: 0);
        foreach (var parameter in metrics.Parameters.Values)
        {
            foreach (var (percent, share) in parameter.Coverage!)
                Assert.Equal(double.Parse(percent, System.Globalization.CultureInfo.InvariantCulture) / 100, share, 0.04);
            Assert.InRange(parameter.SbcP!.Value, 0.001, 1);
            Assert.InRange(parameter.Told!.Value, 0.3, 0.95);
        }

        Assert.InRange(metrics.Posterior!.TarpP, 0.001, 1);
    }

    [Theory]
    [InlineData(0.6, 0)]
    [InlineData(1.6, 0)]
    [InlineData(1, 0.5)]
    public void Complete_WrongPosteriors_AreFoundOut(double width, double shift)
    {
        var (right, wrong) = (Evaluate(1, 0), Evaluate(width, shift));
        Assert.True(wrong.Parameters["C"].SbcP < 1e-6);
        Assert.True(wrong.Posterior!.TarpP < 0.01, $"TARP p {wrong.Posterior.TarpP}");
        Assert.True(wrong.Parameters["C"].LogScore < right.Parameters["C"].LogScore);
    }

    [Fact]
    public void LogScore_OfThePriorItself_IsAboutNothing()
    {
        // A Gaussian as wide as a prior that is even: the divergence of the two, log(sqrt(12)) less log(sqrt(2 pi e)).
        var info = new PosteriorInfo(1, [false], [0.5], [Math.Sqrt(1.0 / 12)]);
        var calibration = new Calibration(["El"], info, [new PriorRange(0, 1, ByRatio: false)]);
        var random = new Random(2);
        for (var i = 0; i < 20_000; i++)
            calibration.Add(new Posterior(info, new GaussianMixture([1], [0.5], [Math.Sqrt(1.0 / 12)])), [random.NextDouble()], [0.5]);
        var expected = -(0.5 * Math.Log(2 * Math.PI * Math.E)) + Math.Log(Math.Sqrt(12));
        Assert.Equal(expected, calibration.Complete(Metrics("El")).Parameters["El"].LogScore!.Value, 0.01);
    }

    [Theory]
    [InlineData(0.5, 0.9639)] // Kolmogorov's distribution at 1 / 2 and at 1.3581, which 5 % exceed.
    [InlineData(1.3581, 0.05)]
    public void P_OfKnownDistances_IsKolmogorovs(double x, double expected)
    {
        // Even up to a little below 1: the distance that belongs to x.
        const int Count = 100_000;
        var distance = x / (Math.Sqrt(Count) + 0.12 + (0.11 / Math.Sqrt(Count)));
        var uniformity = new Uniformity();
        for (var i = 0; i < Count; i++)
            uniformity.Add((i + 0.5) / Count * (1 - distance));
        Assert.Equal(expected, uniformity.P(), 0.003);
    }

    [Fact]
    public void File_Written_ReadsBack()
    {
        using var folder = new TempFolder();
        TraceCalibration[] rows = [new([0.1, 0.25], [0.5, 1], 0.75), new([1, 0], [0, 0.125], 1e-3)];
        using (var file = CalibrationFile.Create(folder["calibration.csv"], Targets))
        {
            Array.ForEach(rows, row => CalibrationFile.Add(file, row));
            Assert.False(File.Exists(folder["calibration.csv"]));
            file.Commit();
        }

        var read = CalibrationFile.Load(folder["calibration.csv"])!;
        Assert.Equal(Targets, read.Targets);
        Assert.Equal(rows.SelectMany(r => r.Ranks), read.Rows.SelectMany(r => r.Ranks));
        Assert.Equal(rows.Select(r => r.JointRank), read.Rows.Select(r => r.JointRank));
        Assert.Equal(
            "C_rank,C_told,El_rank,El_told,joint_rank\n0.1,0.5,0.25,1,0.75\n1,0,0,0.125,0.001\n",
            File.ReadAllText(folder["calibration.csv"])
        );
        File.WriteAllText(folder["calibration.csv"], "C_rank,C_told,joint_rank\n0.5,2,0.5\n");
        Assert.Contains(
            "calibration.csv:2: found '0.5,2,0.5'; expected 3 numbers from 0 to 1",
            Assert.Throws<InvalidDataException>(() => CalibrationFile.Load(folder["calibration.csv"])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Fit_PointsOfAMixture_FindsIt()
    {
        // Errors with heavy tails: nine in ten of deviation 1, one in ten of 6.
        var truth = new GaussianMixture([0.9, 0.1], [0, 0, 0, 0], [1, 0, 0.5, 1, 6, 0, 0, 6]);
        var random = new Random(3);
        var points = new double[4000][];
        for (var n = 0; n < points.Length; n++)
            truth.Draw(random, points[n] = new double[2]);
        var found = MixtureFit.Of(points, 2);
        Assert.Equal(truth.Deviation(0), found.Deviation(0), 0.15);
        foreach (var p in new[] { 0.05, 0.5, 0.95 })
            Assert.Equal(truth.Marginal(1).Quantile(p), found.Marginal(1).Quantile(p), 0.15);
        Assert.Equal(points.Average(point => truth.LogDensity(point)), points.Average(point => found.LogDensity(point)), 0.02);
    }

    /// <summary>Posteriors of truths that are drawn from them, then made wider, or shifted by a share of their deviation.</summary>
    private static SplitMetrics Evaluate(double width, double shift)
    {
        var info = new PosteriorInfo(2, [true, false], [0, 0], [1, 1]);
        var calibration = new Calibration(Targets, info, [new PriorRange(0.02, 50, ByRatio: true), new PriorRange(-4, 4, ByRatio: false)]);
        var random = new Random(1);
        var draw = new double[2];
        var rows = new List<(Posterior Said, double[] Truth)>();
        for (var n = 0; n < Traces; n++)
        {
            double[] means = [.. Enumerable.Range(0, 4).Select(_ => (2 * random.NextDouble()) - 1)];
            var mixture = new GaussianMixture([0.7, 0.3], means, [0.2, 0, 0.1, 0.15, 0.3, 0, -0.2, 0.3]);
            mixture.Draw(random, draw);
            var said = new GaussianMixture(mixture.Weights, Array.ConvertAll(means, m => m + (shift * 0.3)), mixture.Factors).Widened(
                width,
                width
            );
            rows.Add((new Posterior(info, said), [Math.Exp(draw[0]), draw[1]]));
        }

        foreach (var (row, reference) in rows.Zip(Calibration.References(() => rows.Select(row => row.Truth), Traces)))
            calibration.Add(row.Said, row.Truth, reference);

        return calibration.Complete(Metrics(Targets));
    }

    private static SplitMetrics Metrics(params string[] targets) =>
        new(1, 1, 0, 1, 0, "", 0, targets.ToDictionary(t => t, _ => new ParameterMetrics(0, 0, 1, 0, "F")));
}
