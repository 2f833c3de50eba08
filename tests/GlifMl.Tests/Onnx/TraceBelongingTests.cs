using GlifMl.Onnx;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Onnx;

/// <summary>
/// The measure of belonging, on GLIF1 neurons under noise: one like the others belongs, and what is wrong in six ways does not.
/// </summary>
public sealed class TraceBelongingTests
{
    private const int Samples = 3000;
    private const double Dt = 5e-5;

    private static readonly NeuronConfig Neuron = NeuronConfig.Load(Glifml.Path("datasets/neurons/483101699_glif1.json"));
    private static readonly TraceBelonging Belonging = TraceBelonging
        .Of([.. Enumerable.Range(0, 400).Select(k => Features(Trace(k)))])
        .LimitedBy(Enumerable.Range(1000, 200).Select(k => Features(Trace(k))), 200);

    [Fact]
    public void Doubt_OfTracesOfTheSameKind_IsRare() =>
        Assert.InRange(Enumerable.Range(2000, 100).Count(k => Doubt(Trace(k)) is not null), 0, 5);

    [Theory]
    [InlineData("volts for mV", "voltage")]
    [InlineData("current doubled", "first current")]
    [InlineData("current inverted", "current")]
    [InlineData("GLIF3", "")]
    [InlineData("filter", "")]
    [InlineData("spikes", "")]
    public void Doubt_OfWhatIsWrong_IsSaid(string wrong, string feature)
    {
        var (voltage, current) = Trace(3000, wrong == "GLIF3" ? 3 : 1);
        var changed = wrong switch
        {
            "volts for mV" => (Array.ConvertAll(voltage, v => v * 1000), current),
            "current doubled" => (voltage, Array.ConvertAll(current, i => 2 * i)),
            "current inverted" => (voltage, Array.ConvertAll(current, i => -i)),
            "filter" => (Filtered(voltage), current),
            "spikes" => (Array.ConvertAll(voltage, v => float.IsNaN(v) ? 90f : v), current),
            _ => (voltage, current),
        };

        var doubt = Doubt(changed);
        Assert.StartsWith("unlike the training traces: ", doubt, StringComparison.Ordinal);
        Assert.Contains(feature, doubt, StringComparison.Ordinal);
    }

    [Fact]
    public void Doubt_BeforeEvaluation_IsNone() => Assert.Null((Belonging with { Limit = null }).Doubt([0, 1000, 0], [0, 0, 0]));

    private static string? Doubt((float[] Voltage, float[] Current) trace) => Belonging.Doubt(trace.Voltage, trace.Current);

    private static double[] Features((float[] Voltage, float[] Current) trace) => TraceBelongingFeatures.Of(trace.Voltage, trace.Current);

    // A pulse of 50 pA and slow noise, neurons of several sizes.
    private static (float[] Voltage, float[] Current) Trace(int seed, int level = 1)
    {
        var random = new Random(seed);
        var neuron = level == 1 ? Neuron : NeuronConfig.Load(Glifml.Path($"datasets/neurons/483101699_glif{level}.json"));
        neuron = neuron
            .With("dt", Dt)
            .With("C", neuron.Get("C") * Math.Exp(0.3 * (random.NextDouble() - 0.5)))
            .With("R_input", neuron.Get("R_input") * Math.Exp(0.3 * (random.NextDouble() - 0.5)));
        var (amperes, mean, noise) = (new double[Samples], 3.0e-10 + (1e-10 * random.NextDouble()), 0.0);
        for (var n = 0; n < Samples; n++)
        {
            noise += (0.02 * -noise) + (0.2 * (random.NextDouble() - 0.5));
            amperes[n] = n < 200 ? 5e-11 : mean * (1 + (0.2 * noise));
        }
        var trace = GlifSimulator.Run(neuron, amperes);
        return (Array.ConvertAll(trace.VoltageVolts, v => (float)(v * 1e3)), Array.ConvertAll(amperes, i => (float)(i * 1e12)));
    }

    private static float[] Filtered(float[] voltage)
    {
        var (filtered, last) = ((float[])voltage.Clone(), 0f);
        for (var n = 0; n < filtered.Length; n++)
        {
            if (float.IsNaN(filtered[n]))
                continue;
            last += (float)(1 - Math.Exp(-Dt / 5e-4)) * (voltage[n] - last);
            filtered[n] = last;
        }
        return filtered;
    }
}
