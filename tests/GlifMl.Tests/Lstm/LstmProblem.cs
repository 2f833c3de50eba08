using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

/// <summary>
/// A random layer, its input and the gradients of its outputs, in float, with the same numbers in double for the reference.
/// </summary>
internal sealed class LstmProblem
{
    private readonly Random _random;

    /// <param name="geometry">Sizes.</param>
    /// <param name="seed">Of every number.</param>
    /// <param name="weightScale">Bound of the weights, in units of nn.LSTM's own initial bound 1 / sqrt(hidden).</param>
    /// <param name="ragged">Rows of random valid lengths.</param>
    /// <param name="finalStatesOnly">The loss reads neither time mean nor sequence.</param>
    public LstmProblem(LstmGeometry geometry, int seed, double weightScale = 1, bool ragged = false, bool finalStatesOnly = false)
    {
        _random = new Random(seed);
        Geometry = geometry;
        var bound = weightScale / Math.Sqrt(geometry.Hidden);
        Parameters =
        [
            .. Enumerable
                .Range(0, geometry.Directions)
                .Select(_ =>
                    new[]
                    {
                        Uniform(geometry.InputWeightFloats, bound),
                        Uniform(geometry.HiddenWeightFloats, bound),
                        Uniform(geometry.BiasFloats, bound),
                        Uniform(geometry.BiasFloats, bound),
                    }
                ),
        ];
        Input = Uniform(geometry.InputFloats, 2);
        InitialHidden = Uniform(geometry.StateFloats, 0.9);
        InitialCell = Uniform(geometry.StateFloats, 1.5);
        Lengths = ragged ? [.. Enumerable.Range(0, geometry.Batch).Select(_ => _random.Next(1, geometry.Time + 1))] : null;
        OutputGradients = new(
            Uniform(geometry.StateFloats, 1),
            Uniform(geometry.StateFloats, 1),
            finalStatesOnly ? [] : Uniform(geometry.StateFloats, 1),
            finalStatesOnly ? [] : Uniform(geometry.SequenceFloats, 1 / Math.Sqrt(geometry.Time))
        );
    }

    public LstmGeometry Geometry { get; }

    /// <summary>Per direction: weight_ih, weight_hh, bias_ih, bias_hh.</summary>
    public float[][][] Parameters { get; }

    public float[] Input { get; }

    public float[] InitialHidden { get; }

    public float[] InitialCell { get; }

    public int[]? Lengths { get; }

    /// <summary>Those of time mean and sequence are empty where nobody uses these outputs.</summary>
    public LstmOutputArrays OutputGradients { get; }

    public ReferenceLstm Reference() => new(Geometry, ReferenceParameters());

    public ReferenceParameters[] ReferenceParameters() =>
        [.. Parameters.Select(p => new ReferenceParameters(Widen(p[0]), Widen(p[1]), Widen(p[2]), Widen(p[3])))];

    /// <summary>The reference with each parameter, gate and state made larger or smaller by that share of itself, at random.</summary>
    public ReferenceLstm RoundedReference(double share, int seed)
    {
        var random = new Random(seed);
        double Round(double value) => value * (1 + (random.Next(2) == 0 ? share : -share));
        double[] Each(float[] values) => Array.ConvertAll(values, value => Round(value));
        return new(Geometry, [.. Parameters.Select(p => new ReferenceParameters(Each(p[0]), Each(p[1]), Each(p[2]), Each(p[3])))], Round);
    }

    public ReferenceInputs ReferenceInputs() => new(Widen(Input), Lengths, Widen(InitialHidden), Widen(InitialCell));

    public ReferenceOutputs ReferenceOutputGradients() =>
        new(
            Widen(OutputGradients.FinalHidden),
            Widen(OutputGradients.FinalCell),
            OutputGradients.TimeMean.Length == 0 ? new double[Geometry.StateFloats] : Widen(OutputGradients.TimeMean),
            OutputGradients.Sequence.Length == 0 ? new double[Geometry.SequenceFloats] : Widen(OutputGradients.Sequence)
        );

    /// <summary>One row by itself, cut to its valid samples.</summary>
    public LstmProblem Row(int row, int length)
    {
        var g = Geometry with { Batch = 1, Time = length };
        var alone = new LstmProblem(g, seed: 0);
        for (var direction = 0; direction < g.Directions; direction++)
        {
            Parameters[direction].CopyTo(alone.Parameters[direction], 0);
            var state = (direction * Geometry.Batch + row) * g.Hidden;
            InitialHidden.AsSpan(state, g.Hidden).CopyTo(alone.InitialHidden.AsSpan(direction * g.Hidden));
            InitialCell.AsSpan(state, g.Hidden).CopyTo(alone.InitialCell.AsSpan(direction * g.Hidden));
        }

        Input.AsSpan(row * Geometry.Time * g.Inputs, length * g.Inputs).CopyTo(alone.Input);
        return alone;
    }

    public static double[] Widen(float[] values) => Array.ConvertAll(values, value => (double)value);

    private float[] Uniform(long count, double bound)
    {
        var values = new float[count];
        for (var n = 0; n < values.Length; n++)
            values[n] = (float)((2 * _random.NextDouble() - 1) * bound);
        return values;
    }
}
