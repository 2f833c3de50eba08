using GlifMl.Estimators;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Estimators;

/// <summary>What is known of a trace becomes channels, in process and in ONNX.</summary>
public sealed class KnownTests
{
    private static readonly ScaleTargetsOptions Scales = new() { Dt = new(TargetScaleKind.Log), El = new(TargetScaleKind.Fixed, 100) };

    [Fact]
    public void Transform_Series_HasAChannelForEachAndEndsWhereItEnded()
    {
        var data = View(new TraceShape(3, 2), [1, 10, 2, 20, 3, 30], [4, 40, 5, 50, float.NaN, float.NaN]);
        var rows = Scores(data, areFeatures: false);
        // dt of 1e-4 and 4e-4: one deviation of the logarithm below and above its mean.
        Assert.Equal([1, 10, -1, 0.5f, 2, 20, -1, 0.5f, 3, 30, -1, 0.5f], rows[0].Select(Rounded));
        Assert.Equal([4, 40, 1, -0.7f, 5, 50, 1, -0.7f, float.NaN, float.NaN, float.NaN, float.NaN], rows[1].Select(Rounded));
    }

    [Fact]
    public void Transform_Features_HaveThemAtTheEnd() =>
        Assert.Equal(
            [
                [7, 8, 9, -1, 0.5f],
                [1, 2, 3, 1, -0.7f],
            ],
            Scores(View(new TraceShape(3, 1), [7, 8, 9], [1, 2, 3]), areFeatures: true).Select(row => row.Select(Rounded).ToArray())
        );

    [Fact]
    public void Fit_NoScaleSaid_StandardisesTheLogarithm()
    {
        var data = View(new TraceShape(1, 1), [0], [0]);
        var rows = TraceRows.Scores(
            new KnownEstimator(new MLContext(1), "Trace", ["dt"], "Output", new ScaleTargetsOptions(), areFeatures: true).Fit(data),
            data
        );
        Assert.Equal([-1, 1], rows.Select(row => Rounded(row[1])));
    }

    [Fact]
    public void Fit_SameInAllRows_SaysSo()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(
            [new Row { Trace = [1, 2], dt = 1e-4 }, new Row { Trace = [1, 2], dt = 1e-4 }],
            Schema(new(2, 1))
        );
        Assert.Equal(
            "known: found dt the same in all 2 rows; expected it to vary, because its scale is log",
            Assert
                .Throws<InvalidDataException>(() =>
                    new KnownEstimator(new MLContext(1), "Trace", ["dt"], "Output", Scales, false).Fit(data)
                )
                .Message
        );
    }

    private static float Rounded(float value) => MathF.Round(value, 5);

    private static List<float[]> Scores(IDataView data, bool areFeatures) =>
        TraceRows.Scores(new KnownEstimator(new MLContext(1), "Trace", ["dt", "El"], "Output", Scales, areFeatures).Fit(data), data);

    private static IDataView View(TraceShape shape, float[] first, float[] second) =>
        new MLContext(1).Data.LoadFromEnumerable(
            [
                new Row
                {
                    Trace = first,
                    dt = 1e-4,
                    El = 0.005,
                },
                new Row
                {
                    Trace = second,
                    dt = 4e-4,
                    El = -0.007,
                },
            ],
            Schema(shape)
        );

    private static SchemaDefinition Schema(TraceShape shape)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Trace)].ColumnType = shape.Type;
        return schema;
    }

    private sealed class Row
    {
        public float[] Trace { get; set; } = [];

        public double dt { get; set; }

        public double El { get; set; }
    }
}
