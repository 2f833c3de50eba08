using CsCheck;
using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Metrics;

public sealed class MetricsAccumulatorTests
{
    private static readonly float[] InputA = [1, 2, 3],
        InputB = [1, 2, 4];

    [Fact]
    public void Compute_ParameterThatTouchesNothing_HasItsChanceAsFloor()
    {
        var metrics = Score(
            new MetricsAccumulator(["dt", "El"], ["dt", "C"]),
            [new([1e-5, 1], [3e-5f, 2], InputKey.Of(new float[] { 1 })), new([3e-5, 3], [1e-5f, 2], InputKey.Of(new float[] { 2 }))]
        );
        Assert.Equal(1, metrics.Parameters["dt"].Floor!.Value, 9);
        Assert.Equal((null, null), (metrics.Parameters["El"].Floor, metrics.Floor));
        Assert.Equal(
            "no two inputs are equal, so that none is known; " + "dt touches nothing in these traces, so that its floor is its chance",
            metrics.FloorNote
        );
    }

    [Fact]
    public void Compute_MeanPredicted_ScoresChance()
    {
        // Labels 1, 2, 3, 6 nF: mean 3, variance (4 + 1 + 0 + 9) / 4.
        var metrics = Score(["C"], [([1e-9], [3e-9f], [0]), ([2e-9], [3e-9f], [1]), ([3e-9], [3e-9f], [2]), ([6e-9], [3e-9f], [3])]);
        Assert.Equal(3.5, metrics.Chance, 1e-12);
        Assert.Equal(3.5, metrics.MseScaled, 1e-6);
        Assert.Equal(0, metrics.Parameters["C"].R2!.Value, 1e-6);
        Assert.Null(metrics.LearnableLeft);
        Assert.Equal("F", metrics.Parameters["C"].Unit);
    }

    [Fact]
    public void Compute_DistinctInputs_HaveNoFloor()
    {
        var metrics = Score(["El"], [([1], [1], [0]), ([2], [2], [1])]);
        Assert.Equal((null, 2L), (metrics.Floor, metrics.DistinctInputs));
        Assert.Equal("no two inputs are equal, so that none is known", metrics.FloorNote);
        Assert.Null(metrics.LearnableLeft);
        Assert.Equal((0.0, 1.0), (metrics.MseScaled, metrics.Parameters["El"].R2));
    }

    [Fact]
    public void Compute_DistinctInputsThatLeaveTheThresholdOpen_HaveItsFloorAlone()
    {
        var metrics = Score(
            new MetricsAccumulator(["El", "th_inf"]),
            [new([1, 1], [1, 2], InputKey.Of(InputA), 0.25), new([2, 3], [1, 2], InputKey.Of(InputB), 0.75)]
        );
        Assert.Equal((null, null, 0.5), (metrics.Floor, metrics.Parameters["El"].Floor, metrics.Parameters["th_inf"].Floor));
        Assert.Equal((null, 1.0), (metrics.LearnableLeft, metrics.Parameters["th_inf"].LearnableLeft));
        Assert.StartsWith(
            "no two inputs are equal, so that none is known but that of th_inf, ",
            metrics.FloorNote,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Compute_IdenticalInputs_FloorIsTheErrorOfTheirConditionalMean()
    {
        // A: labels 1 and 3 about 2; B: label 5 alone. Floor (1 + 1 + 0) / 3, chance the variance of 1, 3, 5: 8/3.
        var metrics = Score(["th_inf"], [([1], [2], InputA), ([3], [2], InputA), ([5], [5], InputB)]);
        Assert.Equal(2, metrics.DistinctInputs);
        Assert.Equal(2.0 / 3, metrics.Floor!.Value, 1e-12);
        Assert.Equal(8.0 / 3, metrics.Chance, 1e-12);
        Assert.Equal(metrics.Floor!.Value, metrics.MseScaled, 1e-12);
        Assert.Equal(0, metrics.LearnableLeft!.Value, 1e-12);
        Assert.Equal(
            "2 distinct inputs among 3 traces: the conditional mean over identical inputs, taken within this split, scores this",
            metrics.FloorNote
        );
    }

    [Fact]
    public void Compute_InputsThatDifferInOneChannel_AreDistinct()
    {
        var metrics = Score(
            new MetricsAccumulator(["El"]),
            [
                new([1], [1], InputKey.Of(InputA, InputA)),
                new([2], [1], InputKey.Of(InputA, InputB)),
                new([3], [1], InputKey.Of(InputA, InputB)),
            ]
        );
        Assert.Equal(2, metrics.DistinctInputs);
    }

    [Fact]
    public void Compute_PaddedInputs_AreIdenticalWhereTheirNaNsAre()
    {
        var metrics = Score(["El"], [([1], [1], [1, float.NaN]), ([2], [1], [1, float.NaN])]);
        Assert.Equal(1, metrics.DistinctInputs);
    }

    [Fact]
    public void Compute_LabelThatDoesNotVary_HasNeitherR2NorAnythingToLearn()
    {
        var metrics = Score(["El"], [([1], [1.5f], [0]), ([1], [0.5f], [1])]);
        Assert.Null(metrics.Parameters["El"].R2);
        Assert.Null(metrics.LearnableLeft);
        Assert.Equal((0.25, 0.0), (metrics.MseScaled, metrics.Chance));
    }

    [Fact]
    public void Compute_Mean_IsOverTheParameters()
    {
        var metrics = Score(["El", "th_inf"], [([0, 10], [0, 10], [0]), ([2, 14], [0, 10], [1])]);
        Assert.Equal((2.0, 8.0), (metrics.Parameters["El"].MseScaled, metrics.Parameters["th_inf"].MseScaled));
        Assert.Equal((5.0, 2.5), (metrics.MseScaled, metrics.Chance));
    }

    [Fact]
    public void Compute_AnyLabelsAndInputs_FloorIsAtMostChanceAndReachedByTheConditionalMean() =>
        Gen.Select(Gen.Double[-10, 10], Gen.Int[0, 4])
            .Array[2, 40]
            .Sample(rows =>
            {
                var best = rows.GroupBy(r => r.Item2).ToDictionary(g => g.Key, g => (float)g.Average(r => r.Item1));
                var metrics = Score(["El"], rows.Select(r => (new[] { r.Item1 }, new[] { best[r.Item2] }, new float[] { r.Item2 })));
                Assert.Equal(best.Count == rows.Length, metrics.Floor is null);
                Assert.True((metrics.Floor ?? 0) <= metrics.Chance + 1e-9);
                Assert.Equal(metrics.Floor ?? 0, metrics.MseScaled, 1e-4);
            });

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void Add_PredictionThatIsNoNumber_IsRefusedByParameterAndTrace(float prediction, string shown)
    {
        var accumulator = new MetricsAccumulator(["C", "El"]);
        accumulator.Expect([1, 1], 0);
        accumulator.Expect([1, 1], 0);
        accumulator.Add([1, 1], 0, [1, 1]);
        var e = Assert.Throws<InvalidDataException>(() => accumulator.Add([1, 1], 0, [1, prediction]));
        Assert.Equal($"found prediction {shown} for El of trace 1; expected a finite number", e.Message);
    }

    [Fact]
    public void Compute_NothingAdded_IsRefused()
    {
        var e = Assert.Throws<InvalidDataException>(() => new MetricsAccumulator(["C"]).Compute());
        Assert.Equal("found no traces in the split; expected at least one to evaluate on", e.Message);
    }

    [Fact]
    public void Compute_PartOfASplit_HasTheInputsOfThatPart()
    {
        // The first three share an input, of which the part has two.
        var groups = InputGroups.Of("aaab".Select(c => InputKey.Of(new float[] { c })), 4);
        var part = new MetricsAccumulator(["El"]);
        double[] truth = [1, 2, 4, 8];
        foreach (var row in new[] { 1, 2, 3 })
            part.Expect([truth[row]], groups.Of(row));
        foreach (var row in new[] { 1, 2, 3 })
            part.Add([truth[row]], groups.Of(row), [0]);
        var metrics = part.Compute();
        Assert.Equal((3, 2), (metrics.Rows, metrics.DistinctInputs));
        Assert.Equal(2.0 / 3, metrics.Floor!.Value, 1e-12);
    }

    [Fact]
    public void Firsts_OfInputs_AreThoseThatWereNotMetBefore()
    {
        var groups = InputGroups.Of("cabbacd".Select(c => InputKey.Of(new float[] { c })), 7);
        Assert.Equal([0, 1, 2, 6], groups.Firsts());
        Assert.Equal([0, 1, 2, 2, 1, 0, null], Enumerable.Range(0, 7).Select(groups.Of));
        Assert.Equal((4, 7, 2, false), (groups.Distinct, groups.Rows, groups.SizeOf(2), groups.AreAllDistinct));
    }

    [Fact]
    public void P_OfMoreThanAreKept_IsThatOfAllOfThem()
    {
        var (kept, counted, random) = (new Uniformity(), new Uniformity(), new Random(1));
        const int Kept = 1 << 20;
        for (var n = 0; n < Kept; n++)
        {
            // Each number twice has the distance of all of them once.
            var number = Math.Pow(random.NextDouble(), 1.001);
            kept.Add(number);
            counted.Add(number);
            counted.Add(number);
        }

        // Of twice as many numbers the same distance is less likely: compared as what the limit is a function of.
        double Distance(double p) => Math.Sqrt(-Math.Log(p / 2) / 2);
        Assert.InRange(kept.P(), 1e-6, 0.9);
        Assert.Equal(Distance(kept.P()) * Math.Sqrt(2), Distance(counted.P()), 0.02);
    }

    private static SplitMetrics Score(string[] targets, IEnumerable<(double[] Truth, float[] Predicted, float[] Input)> rows) =>
        Score(new MetricsAccumulator(targets), [.. rows.Select(row => new Row(row.Truth, row.Predicted, InputKey.Of(row.Input)))]);

    private static SplitMetrics Score(MetricsAccumulator accumulator, Row[] rows)
    {
        var groups = InputGroups.Of(rows.Select(row => row.Input), rows.Length);
        foreach (var (n, row) in rows.Index())
            accumulator.Expect(row.Truth, groups.Of(n));
        foreach (var (n, row) in rows.Index())
            accumulator.Add(row.Truth, groups.Of(n), row.Predicted, row.OpenThreshold);
        return accumulator.Compute();
    }

    private sealed record Row(double[] Truth, float[] Predicted, InputKey Input, double? OpenThreshold = null);
}
