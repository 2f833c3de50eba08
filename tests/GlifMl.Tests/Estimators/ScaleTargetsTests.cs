using CsCheck;
using Microsoft.ML;

namespace GlifMl.Tests.Estimators;

public sealed class ScaleTargetsTests
{
    private static readonly string[] Targets = ["C", "El", "R_input"];
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Fit_FixedStandardiseAndLog_GiveTheLabelsTheyPromise()
    {
        var data = Data((1e-10, -0.01, 1e8), (2e-10, 0.01, 2e8), (3e-10, 0.03, 4e8));
        var options = new ScaleTargetsOptions
        {
            C = TargetScale.Parse("1e10", null),
            El = TargetScale.Parse("standardise", null),
            RInput = TargetScale.Parse("log", null),
        };
        var labels = TraceRows.Scores(new ScaleTargetsEstimator(_ml, Targets, "Output", options).Fit(data), data);
        var unit = (float)Math.Sqrt(1.5);
        TraceRows.AssertClose(
            [
                [1, -unit, -unit],
                [2, 0, 0],
                [3, unit, unit],
            ],
            labels,
            1e-5
        );
    }

    [Fact]
    public void Restore_OfLabels_GivesTheTargetsBack()
    {
        var value = Gen.Double[-1, 1];
        var positive = Gen.Double[1, 1000];
        // A scale that is fitted needs a target that varies.
        static bool Varies(IEnumerable<double> target) => target.Max() - target.Min() > 1e-3;
        Gen.Select(positive, value, positive)
            .Array[3, 8]
            .Where(rows => Varies(rows.Select(r => r.Item1)) && Varies(rows.Select(r => r.Item2)))
            .Sample(
                rows =>
                {
                    var data = Data([.. rows.Select(r => (r.Item1 * 1e-12, r.Item2, r.Item3 * 1e6))]);
                    var options = new ScaleTargetsOptions
                    {
                        C = TargetScale.Parse("log", null),
                        El = TargetScale.Parse("standardise", null),
                        RInput = TargetScale.Parse("1e-9", null),
                    };
                    var labelled = new ScaleTargetsEstimator(_ml, Targets, "Label", options).Fit(data).Transform(data);
                    var restored = TraceRows.Scores(new RestoreTargetsEstimator(_ml, "Label", "Label", "Output").Fit(labelled), labelled);
                    TraceRows.AssertClose(
                        [.. rows.Select(r => new[] { (float)(r.Item1 * 1e-12), (float)r.Item2, (float)(r.Item3 * 1e6) })],
                        restored,
                        1e-5
                    );
                },
                iter: 30
            );
    }

    [Fact]
    public void Restore_LogTargetBesideAHugeLabel_DoesNotOverflow()
    {
        var data = Data((1e-10, 0, 1e8), (2e-10, 0.1, 2e8));
        var labelled = new ScaleTargetsEstimator(
            _ml,
            Targets,
            "Label",
            new ScaleTargetsOptions { C = TargetScale.Parse("log", null), RInput = new(TargetScaleKind.Fixed) }
        )
            .Fit(data)
            .Transform(data);
        var restored = TraceRows.Scores(new RestoreTargetsEstimator(_ml, "Label", "Label", "Output").Fit(labelled), labelled);
        Assert.Equal(2e8f, restored[1][2]);
        Assert.Equal(2e-10f, restored[1][0], 1e-15f);
    }

    [Fact]
    public void Fit_LogOfNothingPositiveOrConstantTarget_SaysSo()
    {
        var options = new ScaleTargetsOptions { El = TargetScale.Parse("log", null) };
        Assert.Equal(
            "scale-targets: found El -0.5 in row 1; expected a positive number, because its scale is log",
            Assert
                .Throws<InvalidDataException>(() =>
                    new ScaleTargetsEstimator(_ml, Targets, "Label", options).Fit(Data((1, 1, 1), (2, -0.5, 2)))
                )
                .Message
        );
        Assert.Equal(
            "scale-targets: found El the same in all 2 rows; expected it to vary, because its scale is log",
            Assert
                .Throws<InvalidDataException>(() =>
                    new ScaleTargetsEstimator(_ml, Targets, "Label", options).Fit(Data((1, 1, 1), (2, 1, 2)))
                )
                .Message
        );
    }

    [Fact]
    public void Restore_LabelWithoutScales_SaysSo()
    {
        var data = TraceRows.View(new(1, 1), [1f]);
        var e = Assert.Throws<ArgumentException>(() => new RestoreTargetsEstimator(_ml, "Trace", "Trace", "Output").Fit(data));
        Assert.StartsWith(
            "column 'Trace': found no target scales; expected the label column of a scale-targets step",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("0")]
    [InlineData("NaN")]
    [InlineData("logarithm")]
    public void TargetScale_Parse_RefusesWhatIsNone(string text) =>
        Assert.Equal(
            $"found '{text}'; expected a number other than 0, 'standardise' or 'log'",
            Assert.Throws<FormatException>(() => TargetScale.Parse(text, null)).Message
        );

    [Theory]
    [InlineData("1E-09")]
    [InlineData("standardise")]
    [InlineData("log")]
    public void TargetScale_ToString_IsReadBack(string text) => Assert.Equal(text, TargetScale.Parse(text, null).ToString());

    private IDataView Data(params (double C, double El, double R)[] rows) =>
        _ml.Data.LoadFromEnumerable(
            rows.Select(r => new Row
                {
                    C = r.C,
                    El = r.El,
                    R = r.R,
                })
                .ToArray()
        );

    private sealed class Row
    {
        public double C { get; set; }

        public double El { get; set; }

        [Microsoft.ML.Data.ColumnName("R_input")]
        public double R { get; set; }
    }
}
