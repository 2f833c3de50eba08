using GlifMl.Simulation;
using GlifMl.Tests.Simulation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Estimators;

/// <summary>What the simulator was given comes back out of its traces.</summary>
public sealed class ClosedFormTests
{
    private const int Samples = 3000;
    private const double Pa = 1e12,
        Mv = 1e3;
    private static readonly string[] Targets = ["C", "El", "R_input", "dt", "th_inf"];
    private static readonly NeuronConfig Cell = Neurons.Load(1);
    private static readonly Row[] Cells = [.. Enumerable.Range(0, 24).Select(i => Simulate(i, dt: null))];
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_TracesWithoutNoise_GiveTheParametersBack(bool calibrate)
    {
        var scores = Scores(Cells, new ClosedFormOptions { Calibrate = calibrate });
        for (var i = 0; i < Cells.Length; i++)
        {
            var row = Cells[i];
            Assert.Equal(row.R, scores[i][2], 1e-3 * row.R);
            Assert.Equal(row.El, scores[i][1], 1e-5);
            // The clock is a pulse of 50 samples and more: half a sample either way.
            Assert.Equal(row.Dt, scores[i][3], 0.015 * row.Dt);
            Assert.Equal(row.C, scores[i][0], 0.015 * row.C);
            if (row.Spikes > 0)
                Assert.Equal(row.Th, scores[i][4], 0.01 * row.Th);
        }

        Assert.InRange(Cells.Count(c => c.Spikes > 0), 6, 23);
    }

    [Fact]
    public void Fit_SilentCell_AnswersTheMeanOfTheThresholdsAboveItsVoltage()
    {
        var scores = Scores(Cells, new ClosedFormOptions());
        var coefficient = Cell.Coefficients.ThInf;
        for (var i = 0; i < Cells.Length; i++)
        {
            if (Cells[i].Spikes > 0)
                continue;
            var largest = Cells[i].VoltageMv.Max() / Mv / coefficient;
            Assert.Equal(Cells.Select(c => c.Th).Where(th => th > largest).Average(), scores[i][4], 1e-4);
        }
    }

    [Fact]
    public void Fit_TraceThatTellsNothing_AnswersTheMeanOfSuchRowsAndStillReadsTheClock()
    {
        var silent = Cells.Take(3).Select(c => c with { VoltageMv = new float[Samples] }).ToArray();
        var scores = Scores([.. Cells.Skip(3), .. silent], new ClosedFormOptions());
        for (var k = 0; k < 3; k++)
        {
            var row = scores[Cells.Length - 3 + k];
            // A mean in label units, which are logarithms here.
            Assert.Equal(Math.Exp(silent.Average(c => Math.Log(c.R))), row[2], 1e-3 * row[2]);
            Assert.Equal(silent[k].Dt, row[3], 0.015 * silent[k].Dt);
        }
    }

    [Fact]
    public void Fit_DtThatTouchesNothing_CalibratesToItsMean()
    {
        Row[] rows = [.. Enumerable.Range(0, 25).Select(i => Simulate(i, 1e-4) with { Dt = 1e-5 * (1 + (i % 5)) })];
        var scores = Scores(rows, new ClosedFormOptions { Calibrate = true });
        Assert.All(scores, s => Assert.Equal(rows.Average(r => r.Dt), s[3], 1e-9));
    }

    [Fact]
    public void Fit_VoltageAlone_SaysWhatIsMissing()
    {
        var data = Label(View(Cells));
        var e = Assert.Throws<ArgumentException>(() => new ClosedFormTrainer(_ml, "Label", "VoltageMv", "Output", new()).Fit(data));
        Assert.Equal(
            "closed-form: found 3000 samples of 1 channel; expected voltage and stimulus, from 'channels: {columns: [voltage, "
                + "stimulus]}' with dataset.trace.stimulus: true",
            e.Message
        );
    }

    private List<float[]> Scores(Row[] rows, ClosedFormOptions options)
    {
        var data = Label(View(rows));
        data = new ChannelsEstimator(_ml, ["VoltageMv", "StimulusPa"], "Trace").Fit(data).Transform(data);
        var fitted = new ClosedFormTrainer(_ml, "Label", "Trace", "Score", options).Fit(data);
        _ = TraceRows.Scores(fitted, data, "Score");
        var scored = fitted.Transform(data);
        return Onnx.TestRows.Read(new RestoreTargetsEstimator(_ml, "Score", "Label", "Output").Fit(scored).Transform(scored), "Output");
    }

    private IDataView View(Row[] rows) => _ml.Data.LoadFromEnumerable(rows);

    private IDataView Label(IDataView data)
    {
        TargetScale log = new(TargetScaleKind.Log),
            standardise = new(TargetScaleKind.Standardise);
        var options = new ScaleTargetsOptions
        {
            C = log,
            El = standardise,
            RInput = log,
            Dt = new(TargetScaleKind.Fixed, 1e5),
        };
        return new ScaleTargetsEstimator(_ml, Targets, "Label", options).Fit(data).Transform(data);
    }

    // A 50 pA pulse of 10 ms, then white current about a mean.
    private static Row Simulate(int index, double? dt)
    {
        var random = new SeededRandom(4, "closed-form", index);
        double Log(double least, double most) => least * Math.Pow(most / least, random.NextDouble());
        var row = new Row
        {
            C = Log(5e-11, 2e-10),
            El = 0.01 * ((2 * random.NextDouble()) - 1),
            R = Log(1e8, 4e8),
            Dt = dt ?? Log(5e-5, 2e-4),
            Th = Log(0.01, 0.04),
        };
        var mean = Log(20e-12, 300e-12);
        var amperes = new double[Samples];
        for (var n = 0; n < Samples; n++)
            amperes[n] = (float)(Pa * (n * row.Dt < 0.010 - 1e-9 ? 50e-12 : mean * (1 + (0.5 * random.NextGaussian())))) / Pa;
        var neuron = Cell.With("C", row.C).With("El", row.El).With("R_input", row.R).With("dt", row.Dt).With("th_inf", row.Th);
        var voltage = Array.ConvertAll(GlifSimulator.Run(neuron, amperes).VoltageVolts.ToArray(), v => (float)(v * Mv));
        var last = Array.FindLastIndex(voltage, v => !float.IsNaN(v));
        return row with
        {
            VoltageMv = voltage,
            StimulusPa = Array.ConvertAll(amperes, i => (float)(i * Pa)),
            Spikes = Enumerable.Range(1, Math.Max(0, last - 1)).Count(t => float.IsNaN(voltage[t]) && !float.IsNaN(voltage[t - 1])),
        };
    }

    private sealed record Row
    {
        [VectorType(Samples)]
        public float[] VoltageMv { get; init; } = [];

        [VectorType(Samples)]
        public float[] StimulusPa { get; init; } = [];

        public double C { get; init; }

        public double El { get; init; }

        [ColumnName("R_input")]
        public double R { get; init; }

        [ColumnName("dt")]
        public double Dt { get; init; }

        [ColumnName("th_inf")]
        public double Th { get; init; }

        public int Spikes { get; init; }
    }
}
