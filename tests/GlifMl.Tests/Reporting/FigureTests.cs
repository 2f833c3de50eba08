using System.Globalization;
using System.Text.RegularExpressions;
using GlifMl.Reporting;
using GlifMl.Tests.Simulation;
using GlifMl.Torch;

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

    [Fact]
    public void WidthFigure_HonestAndOverconfident_SaysWhich()
    {
        var random = new GlifMl.Simulation.SeededRandom(1, "widths", 0);
        double[] widths = [.. Enumerable.Range(0, 4000).Select(i => 0.01 + (0.5 * i / 4000))];
        double[] told = [.. widths.Select(w => 1 - w)];
        double[] honest = [.. widths.Select(w => w * random.NextGaussian())];

        var bins = WidthFigure.BinsOf(told, honest);

        Assert.Equal(10, bins.Length);
        Assert.All(bins, bin => Assert.InRange(bin.Error / bin.Width, 0.85, 1.15));
        Assert.Equal(bins.Select(bin => bin.Width).Order(), bins.Select(bin => bin.Width));
        Assert.All(WidthFigure.BinsOf(told, Array.ConvertAll(honest, e => 3 * e)), bin => Assert.InRange(bin.Error / bin.Width, 2.5, 3.5));
        // 1 less the mean square of an even width from 0.01 to 0.51.
        Assert.StartsWith("C: contraction 0.912 claimed, 0.9", WidthFigure.Of("C", told, honest).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void LearningFigure_Epochs_CountsTracesAndSeconds()
    {
        EpochRecord Epoch(int epoch, double? validation) =>
            new(epoch, 1, validation, 0.01, Seconds: 2, WaitSeconds: 0) { TracesSeen = 1000 * epoch };
        Assert.Null(LearningFigure.Of([Epoch(1, 0.5)], "loss"));
        Assert.Null(LearningFigure.Of([Epoch(1, null), Epoch(2, null)], "loss"));
        var figure = LearningFigure.Of([Epoch(1, 0.5), Epoch(2, 0.25), Epoch(3, 0.125)], "loss")!;
        Assert.Equal("After 3000 traces and 6 s the validation loss is 0.1250.", figure.Description);
        Assert.Contains("<svg", FigureRenderer.Svg(figure), StringComparison.Ordinal);
    }

    [GeneratedRegex("M[0-9]", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex MoveTo();
}
