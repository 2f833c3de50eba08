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

    /// <summary>
    /// Looks for the rate between five of the last grid's instead of three, by a quartic instead of a parabola: for recordings without
    /// noise, whose estimates are then as good as single precision. Beside any noise there is no difference. Default null: it does not.
    /// </summary>
    public bool? Exact { get; init; }

    internal int Points => Exact == true ? NearbyRates.Quartic : NearbyRates.Parabola;
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
    private readonly TraceShape _shape;
    private readonly MembraneFitOptions _options;

    internal MembraneFitTransformer(DataViewSchema fittedOn, string input, string output, TraceShape shape, MembraneFitOptions options)
        : base(
            fittedOn,
            [input],
            output,
            new VectorDataViewType(NumberDataViewType.Single, MembraneNumbers.Names.Count),
            SlotNames(MembraneNumbers.Names)
        ) => (_shape, _options) = (shape, options);

    /// <inheritdoc/>
    protected override RowMap CreateMap()
    {
        var (voltage, stimulus) = (new float[_shape.Samples], new float[_shape.Samples]);
        var numbers = new MembraneNumbers(_shape.Samples, _options.Size, _options.Points);
        return (inputs, output) =>
        {
            TraceNodes.Channel(inputs[0], _shape.Channels, 0, voltage);
            TraceNodes.Channel(inputs[0], _shape.Channels, 1, stimulus);
            numbers.Of(voltage, stimulus, output);
        };
    }

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var voltage = TraceNodes.Channel(graph, inputs[0], _shape, 0);
        var stimulus = TraceNodes.Channel(graph, inputs[0], _shape, 1);
        return new OnnxValue(
            MembraneResponseNodes.Numbers(graph, voltage, stimulus, _shape.Samples, _options.Size, _options.Points),
            OutputType.Size
        );
    }
}
