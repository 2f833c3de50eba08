using GlifMl.Datasets;
using GlifMl.Pipelines;
using GlifMl.Tests.Simulation;

namespace GlifMl.Tests.Pipelines.Generation;

/// <summary>What traces leave open of th_inf.</summary>
public sealed class ThresholdFloorTests : IDisposable
{
    private const int Traces = 400;
    private const double Low = 0.008,
        High = 0.045;
    private readonly GridFolder _folder = new();

    [Theory]
    [InlineData("drop")]
    [InlineData("keep")]
    public void Of_SilentTraces_IsThePriorCutOffAtTheLargestVoltage(string cuts)
    {
        var definition = Load(cuts);
        var open = ThresholdFloor.Of(definition, "test", Traces)!.ToArray();
        var source = new SimulatedTraceSource(definition, "test");
        var batch = new TraceBatch(source.Schema, Traces);
        source.Fill(0, batch);
        var neuron = NeuronConfig.Load(Neurons.Path(1));
        var coefficient = neuron.EffectiveThresholdVolts / neuron.Get(GlifParameter.Threshold);
        var silent = 0;
        for (var row = 0; row < Traces; row++)
        {
            var threshold = batch.Labels(4)[row];
            if (batch.SpikeCounts[row] > 0)
            {
                // A step of this membrane is small beside the range.
                Assert.InRange(open[row], 0, 1e-6);
                continue;
            }

            silent++;
            var largest = 0f;
            foreach (var v in batch.Voltage(row))
                largest = MathF.Max(largest, v);
            var cut = Math.Max(Low, largest * 1e-3 / coefficient);
            Assert.True(threshold > cut * (1 - 1e-6));
            Assert.Equal(VarianceOfLogUniform(cut, High), open[row], 1e-9);
        }

        Assert.InRange(silent, 20, Traces - 20);
    }

    [Fact]
    public void Of_NoisyTraces_AreWhatTheyAreWithoutNoise() =>
        Assert.Equal(
            ThresholdFloor.Of(Load("keep"), "test", 20),
            ThresholdFloor.Of(Load("keep", "dataset.trace.noise={sd_mv: 1}"), "test", 20)
        );

    [Fact]
    public void Of_ThresholdInHeldOutCells_IsNotKnown() =>
        Assert.Null(ThresholdFloor.Of(Load("keep", "dataset.hold_out={keys: [C, th_inf]}"), "test", 20));

    [Theory]
    [InlineData(0.01, 0.04, RangeScale.Log)]
    [InlineData(0.01, 0.04, RangeScale.Linear)]
    [InlineData(0.02, 0.02002, RangeScale.Log)]
    [InlineData(0.02, 0.02001, RangeScale.Log)]
    [InlineData(0.001, 1, RangeScale.Log)]
    public void Variance_PartOfARange_IsThatOfItsDraws(double below, double above, RangeScale scale)
    {
        var range = new NumberRange
        {
            Min = Low,
            Max = High,
            Scale = scale,
        };
        var (a, b) = (Math.Max(Low, below), Math.Min(High, above));
        double[] draws =
        [
            .. Enumerable
                .Range(0, 20001)
                .Select(i => i / 20000.0)
                .Select(share => scale == RangeScale.Log ? a * Math.Pow(b / a, share) : a + ((b - a) * share)),
        ];
        var mean = draws.Average();
        var expected = draws.Average(x => (x - mean) * (x - mean));
        Assert.Equal(1, new ThresholdPrior([], range).Variance(below, above) / expected, 2e-3);
    }

    [Fact]
    public void Variance_Values_IsThatOfThoseLeft()
    {
        var prior = new ThresholdPrior([0.01, 0.02, 0.03, 0.04], null);
        Assert.Equal(1e-4 * 2 / 3, prior.Variance(0.02, 1), 1e-15);
        Assert.Equal(0, prior.Variance(0.035, 1), 1e-15);
        Assert.Equal(0, prior.Variance(0.015, 0.025), 1e-15);
        Assert.Equal(0, prior.Variance(0.05, 0.06));
    }

    public void Dispose() => _folder.Dispose();

    private static double VarianceOfLogUniform(double a, double b)
    {
        var log = Math.Log(b / a);
        return (((b * b) - (a * a)) / (2 * log)) - Math.Pow((b - a) / log, 2);
    }

    private PipelineDefinition Load(string cuts, params string[] more) =>
        _folder.Load(
            GridFolder.Yaml(
                "train: {stimulus: noise-1, traces: 5}\n    "
                    + $"test: {{stimulus: {{name: noise, seed: per-trace, mean_pA: {{min: 30, max: 300}}}}, traces: {Traces}}}",
                trace: $"{{samples: 2000, simulate: 3000, dt: live, spike_cuts: {cuts}, spike_cut: time, stimulus: true}}"
            ),
            [
                "dataset.parameters.design=sobol",
                "dataset.parameters.values=~",
                "dataset.parameters.ranges={C: {min: 30e-12, max: 400e-12, scale: log}, El: {min: -0.01, max: 0.01}, "
                    + "R_input: {min: 60e6, max: 600e6, scale: log}, dt: {min: 5e-5, max: 2e-4, scale: log}, "
                    + "th_inf: {min: 0.008, max: 0.045, scale: log}}",
                .. more,
            ]
        );
}
