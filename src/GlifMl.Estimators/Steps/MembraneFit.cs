using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>How a leaky membrane is fitted to a trace.</summary>
public sealed record MembraneFitOptions
{
    /// <summary>
    /// Samples a block: fitted and recorded voltages are compared as means of so many. Default 20; at least 1. Samples that do not fill a
    /// last block are left out.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int Size { get; init; } = 20;

    /// <summary>
    /// Leaves the trace as it is, and gives the estimates to the network beside it; otherwise they take the trace's place, as features.
    /// Default true.
    /// </summary>
    public bool Beside { get; init; } = true;
}

/// <summary>
/// Describes a trace by the leaky membrane whose response to the current comes nearest to the voltage: rate, gain, resistance and rest, how
/// sure each is, the noise, the first pulse's length, and the voltages that crossings lead to. Most are logarithms, so that parameters in
/// the logarithm are linear in them.
/// </summary>
internal sealed class MembraneFitEstimator : OnnxExportableEstimator<MembraneFitTransformer>
{
    private readonly string _input,
        _output;
    private readonly MembraneFitOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="input">The trace, [samples, 2]: voltage in mV, NaN at spike cuts, and stimulus in pA.</param>
    /// <param name="output">The vector it adds, with slot names.</param>
    /// <param name="options">How.</param>
    public MembraneFitEstimator(MLContext ml, string input, string output, MembraneFitOptions options)
        : base(ml, [input], output) => (_input, _output, _options) = (input, output, options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There is no stimulus, or a trace is shorter than the blocks that a fit needs.</exception>
    public override MembraneFitTransformer Fit(IDataView input)
    {
        var shape = TraceShape.Of(input.Schema[_input]);
        if (shape.Channels != 2)
            throw new ArgumentException(
                $"membrane-fit: found traces of {shape.Channels} channel(s); expected voltage and stimulus, "
                    + "from 'channels: {columns: [voltage, stimulus]}' with dataset.trace.stimulus: true"
            );
        return shape.Samples >= _options.Size * MembraneResponse.LeastBlocks
            ? new MembraneFitTransformer(input.Schema, _input, _output, shape, _options)
            : throw new ArgumentException(
                $"membrane-fit: found traces of {shape.Samples} samples; expected at least {MembraneResponse.LeastBlocks} blocks of "
                    + $"{_options.Size}"
            );
    }
}

/// <summary>
/// A trace to the numbers of its membrane; none of them is NaN, and all but the pulse are 0 where there is too little to fit.
/// </summary>
internal sealed class MembraneFitTransformer : OnnxExportableTransformer
{
    /// <summary>What a logarithm is taken of at least.</summary>
    public const double Least = 1e-12;

    /// <summary>Names of the numbers.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "log_rate",
        "log_gain",
        "log_resistance",
        "rest_mV",
        "log_rate_sd",
        "log_gain_sd",
        "log_resistance_sd",
        "log_rest_sd",
        "log_noise_sd",
        "largest_mV",
        "crossing_least_mV",
        "crossing_mean_mV",
        "log_crossings",
        "silent",
        "silent_largest_mV",
        "log_pulse",
    ];

    private readonly TraceShape _shape;
    private readonly MembraneFitOptions _options;

    internal MembraneFitTransformer(DataViewSchema fittedOn, string input, string output, TraceShape shape, MembraneFitOptions options)
        : base(fittedOn, [input], output, new VectorDataViewType(NumberDataViewType.Single, Names.Count), SlotNames(Names)) =>
        (_shape, _options) = (shape, options);

    /// <inheritdoc/>
    protected override RowMap CreateMap()
    {
        var (voltage, stimulus) = (new float[_shape.Samples], new float[_shape.Samples]);
        var response = new MembraneResponse(_shape.Samples, _options.Size);
        return (inputs, output) =>
        {
            TraceNodes.Channel(inputs[0], _shape.Channels, 0, voltage);
            TraceNodes.Channel(inputs[0], _shape.Channels, 1, stimulus);
            var fit = response.Of(voltage, stimulus);
            output.Clear();
            output[^1] = Log(MembraneIdentification.PulseOf(stimulus));
            if (fit.NoiseVariance == 0)
                return;
            var gain = Math.Max(fit.Gain, Least);
            var (largest, crossings, least, mean) = Threshold(voltage, stimulus, fit);
            output[0] = (float)fit.LogRate;
            output[1] = Log(gain);
            output[2] = (float)(Math.Log(gain) - fit.LogRate);
            output[3] = (float)fit.RestMv;
            output[4] = Deviation(fit.RateVariance);
            output[5] = Deviation(fit.GainVariance / (gain * gain));
            output[6] = Deviation(fit.ResistanceVariance / (gain * gain));
            output[7] = Deviation(fit.RestVariance);
            output[8] = Deviation(fit.NoiseVariance);
            // A threshold lies between the largest voltage and the least that a crossing leads to; without any, the largest voltage says
            // another thing.
            output[9] = (float)largest;
            output[10] = (float)(crossings > 0 ? least : largest);
            output[11] = (float)(crossings > 0 ? mean : largest);
            output[12] = Log(1 + crossings);
            output[13] = crossings > 0 ? 0 : 1;
            output[14] = crossings > 0 ? 0 : (float)largest;
        };
    }

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var voltage = TraceNodes.Channel(graph, inputs[0], _shape, 0);
        var stimulus = TraceNodes.Channel(graph, inputs[0], _shape, 1);
        var numbers = MembraneResponseNodes.Numbers(graph, voltage, stimulus, _shape.Samples, _options.Size);
        var joined = graph.Node("Concat", numbers.Select(number => number.Name), ("axis", 1L));
        return new OnnxValue(new DoubleNode(graph, joined).ToSingle(), OutputType.Size);
    }

    private static (double Largest, int Crossings, double Least, double Mean) Threshold(float[] V, float[] I, MembraneResponseFit fit)
    {
        var k = Math.Exp(fit.LogRate);
        var last = Array.FindLastIndex(V, v => !float.IsNaN(v));
        var (largest, crossings, least, sum) = (double.NegativeInfinity, 0, double.PositiveInfinity, 0.0);
        for (var t = 0; t <= last; t++)
        {
            if (!float.IsNaN(V[t]))
            {
                largest = Math.Max(largest, V[t]);
            }
            else if (t > 0 && !float.IsNaN(V[t - 1]) && !float.IsNaN(I[t]))
            {
                var next = ((1 - k) * V[t - 1]) + (fit.Gain * I[t]) + (k * fit.RestMv);
                (crossings, least, sum) = (crossings + 1, Math.Min(least, next), sum + next);
            }
        }

        return (largest, crossings, least, sum / Math.Max(crossings, 1));
    }

    private static float Log(double x) => (float)Math.Log(Math.Max(x, Least));

    private static float Deviation(double variance) => (float)(0.5 * Math.Log(Math.Max(variance, Least * Least)));
}
