using System.Globalization;
using System.Text.RegularExpressions;
using GlifMl.Reporting;
using GlifMl.Tests.Simulation;

namespace GlifMl.Tests.Reporting;

public sealed partial class FigureTests
{
    /// <summary>A moving threshold is a dashed line of many short pieces; what rounding left of a dash was once drawn for ever.</summary>
    [Fact]
    public void Svg_MovingThresholds_AreDashesAsManyAsTheirLengthHolds()
    {
        var neuron = NeuronConfig.Load(Neurons.Path(5));
        var responses = Response.Simulate(
            [new ComparedNeuron("fitted", "fitted", neuron, SeriesColour.Fitted)],
            Protocol.Full(neuron.DtSeconds),
            CancellationToken.None
        );
        Assert.All(
            responses,
            response =>
            {
                var svg = FigureRenderer.Svg(ResponseFigure.Of("moving", response));
                // 800 points of at most 150 pixels' height, a dash and its gap being 9.
                Assert.InRange(MoveTo().Count(svg), 1, 800 * 150 / 9);
            }
        );
    }

    [Fact]
    public void ShownRows_OfASobolSplit_AreFromBothHalves()
    {
        var rows = PredictionFigure.ShownRows(1000);
        Assert.Equal(PredictionFigure.ShownPoints, rows.Distinct().Count());
        Assert.InRange(rows.Count(r => r % 2 == 0), 160, 240);
        Assert.Equal(Enumerable.Range(0, 9), PredictionFigure.ShownRows(9).Order());
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(5, true)]
    public void MovingThreshold_GlifLevel_IsThereWhereTheModelHasOne(int level, bool moves)
    {
        var neuron = NeuronConfig.Load(Neurons.Path(level));
        var square = StimulusCatalog.Create("long-square", new StimulusOptions { AmplitudePicoamperes = 290 });
        var protocol = new Protocol("square", "Long Square", square, neuron.DtSeconds, Stimulus.SampleCount(1.5, neuron.DtSeconds));

        var response = Response.Simulate(
            [new ComparedNeuron("fitted", "fitted", neuron, SeriesColour.Fitted)],
            [protocol],
            CancellationToken.None
        )[0][0];

        Assert.NotEmpty(response.Trace.SpikeSteps);
        Assert.Equal(moves, response.MovingThresholdMv is not null);
        // The drawn threshold is one that the potential never stands above.
        Assert.All(
            response.VoltageMv.Zip(response.MovingThresholdMv ?? [.. response.VoltageMv.Select(_ => response.ThresholdMv)]),
            p => Assert.False(p.First > p.Second + 1e-9, string.Create(CultureInfo.InvariantCulture, $"{p.First} mV above {p.Second} mV"))
        );
    }

    [GeneratedRegex("M[0-9]", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex MoveTo();
}
