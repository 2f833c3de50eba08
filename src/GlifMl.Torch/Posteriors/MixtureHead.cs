using GlifMl.Onnx;

namespace GlifMl.Torch;

/// <summary>
/// Reads the raw numbers that a network gives as a mixture of Gaussians over the label (Bishop 1994, "Mixture density networks"; with full
/// covariances as in Papamakarios &amp; Murray 2016, arXiv:1605.06376).
/// </summary>
/// <remarks>
/// One Gaussian says where a label is and how its errors hang together, and the components are a mixture in its coordinates. Raw
/// numbers are, in this order, the logits of the weights, the components' offsets o and log precisions b, component by component, and
/// of the one Gaussian the means, the log precisions a, and the couplings B below the diagonal. In labels less their training mean,
/// over their training deviation, v = (I + B) diag(exp(a)) (y - mean), and of a component exp(b) (v - o) is standard normal. So what a
/// trace tells is learnt once, a component's own numbers are of order one however narrow the posterior is, and none dies out:
/// components with means and precisions of their own leave all weight to the one that is first to be as narrow as most traces allow. a
/// and b are bounded, so that no component can collapse onto one trace. Offsets start spread out, and not all on one place.
/// </remarks>
internal sealed class MixtureHead
{
    // Together deviations of the prior's times 90 to 1.7e-5: cut off at its ends the first is even, narrower is beyond single precision in
    // a graph.
    private static readonly Bounded Precisions = new(-3, 9.5),
        OwnPrecisions = new(-1.5, 1.5),
        Offsets = new(-4, 4);

    private readonly double[] _spread;

    /// <param name="shape">How many Gaussians over how many labels.</param>
    /// <param name="means">The labels' training means.</param>
    /// <param name="deviations">Their training deviations; 1 for a label that does not vary.</param>
    /// <param name="ends">Between which values each label lies whatever is measured; null, for all or for one: nothing is known.</param>
    public MixtureHead(MixtureShape shape, double[] means, double[] deviations, IReadOnlyList<(double Least, double Most)?>? ends = null)
    {
        (Shape, LabelMeans, LabelDeviations) = (shape, means, Array.ConvertAll(deviations, d => d > 0 ? d : 1));
        Ends = ends?.Select((e, i) => e is { } both ? (Scaled(i, both.Least), Scaled(i, both.Most)) : ((double, double)?)null).ToArray();
        // A Kronecker sequence with the golden ratio's relatives (Roberts 2018), through the normal quantile: even over the Gaussian.
        var (count, targets) = (shape.Components, shape.Targets);
        var ratio = 2.0;
        for (var i = 0; i < 60; i++)
            ratio = Math.Pow(1 + ratio, 1.0 / (targets + 1));
        _spread = new double[shape.MeansSize];
        for (var i = 0; count > 1 && i < _spread.Length; i++)
        {
            var place = 0.5 + ((i / targets) + 1) * Math.Pow(ratio, -(i % targets) - 1);
            _spread[i] = 0.7 * NormalDistribution.Quantile(Math.Clamp(place - Math.Floor(place), 0.02, 0.98));
        }
    }

    /// <summary>
    /// Between which values each label lies whatever is measured, in training deviations from the training mean: training takes the mixture
    /// for what it leaves between. Null, for all or for one: nothing is known.
    /// </summary>
    public IReadOnlyList<(double Least, double Most)?>? Ends { get; }

    /// <summary>How many Gaussians over how many labels.</summary>
    public MixtureShape Shape { get; }

    /// <summary>The labels' training means.</summary>
    public double[] LabelMeans { get; }

    /// <summary>The labels' training deviations.</summary>
    public double[] LabelDeviations { get; }

    /// <summary>What the score column says of itself.</summary>
    public MixtureColumn Column => new(Shape, LabelMeans, LabelDeviations);

    /// <summary>Numbers that the network gives.</summary>
    public int RawSize => FirstCoupling + Couplings;

    /// <summary>Where the offsets begin among the raw numbers.</summary>
    public int FirstOffset => Shape.Components;

    /// <summary>Where the components' log precisions begin.</summary>
    public int FirstOwnPrecision => FirstOffset + Own;

    /// <summary>Where the means begin.</summary>
    public int FirstMean => FirstOwnPrecision + Own;

    /// <summary>Where the log precisions begin.</summary>
    public int FirstPrecision => FirstMean + Shape.Targets;

    /// <summary>Where the couplings begin; that of i with j &lt; i is the number i (i - 1) / 2 + j among them.</summary>
    public int FirstCoupling => FirstPrecision + Shape.Targets;

    // One component is the one Gaussian, and has nothing of its own.
    private int Own => Shape.Components > 1 ? Shape.MeansSize : 0;

    private int Couplings => Shape.Targets * (Shape.Targets - 1) / 2;

    /// <summary>A component's offset, and how it grows with its raw number.</summary>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="offset">Which of them, component by component.</param>
    public (double Value, double Slope) Offset(ReadOnlySpan<float> raw, int offset)
    {
        if (Own == 0)
            return (0, 0);
        var (value, slope) = Offsets.Of(raw[FirstOffset + offset]);
        return (value + _spread[offset], slope);
    }

    /// <summary>A component's own log precision, and how it grows with its raw number.</summary>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="precision">Which of them, component by component.</param>
    public (double Value, double Slope) OwnPrecision(ReadOnlySpan<float> raw, int precision) =>
        Own == 0 ? (0, 0) : OwnPrecisions.Of(raw[FirstOwnPrecision + precision]);

    /// <summary>The log precision of a label, in inverse training deviations, and how it grows with its raw number.</summary>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="target">Which label.</param>
    public (double Value, double Slope) Precision(ReadOnlySpan<float> raw, int target) => Precisions.Of(raw[FirstPrecision + target]);

    /// <summary>The inverse of the unit triangle I + B, [targets, targets]; 0 above the diagonal.</summary>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="inverse">Where it goes.</param>
    public void Invert(ReadOnlySpan<float> raw, Span<double> inverse)
    {
        var targets = Shape.Targets;
        var below = raw[FirstCoupling..];
        inverse.Clear();
        for (var i = 0; i < targets; i++)
        {
            inverse[(i * targets) + i] = 1;
            for (var j = 0; j < i; j++)
            {
                for (var m = 0; m < i; m++)
                    inverse[(i * targets) + j] -= below[(i * (i - 1) / 2) + m] * inverse[(m * targets) + j];
            }
        }
    }

    /// <summary>Reads raw numbers.</summary>
    /// <returns>The mixture, in label units.</returns>
    public GaussianMixture Read(ReadOnlySpan<float> raw)
    {
        var (components, targets) = (Shape.Components, Shape.Targets);
        var (weights, largest) = (new double[components], double.NegativeInfinity);
        for (var k = 0; k < components; k++)
            largest = Math.Max(largest, raw[k]);
        for (var k = 0; k < components; k++)
            weights[k] = Math.Exp(raw[k] - largest);
        var (means, factors, whole) = (new double[Shape.MeansSize], new double[Shape.FactorsSize], new double[targets * targets]);
        Invert(raw, whole);
        for (var i = 0; i < targets; i++)
        {
            var deviation = LabelDeviations[i] * Math.Exp(-Precision(raw, i).Value);
            for (var j = 0; j <= i; j++)
                whole[(i * targets) + j] *= deviation;
        }

        for (var k = 0; k < components; k++)
        {
            for (var i = 0; i < targets; i++)
            {
                var row = (k * targets) + i;
                means[row] = (raw[FirstMean + i] * LabelDeviations[i]) + LabelMeans[i];
                for (var j = 0; j <= i; j++)
                {
                    var own = (k * targets) + j;
                    means[row] += whole[(i * targets) + j] * Offset(raw, own).Value;
                    factors[(row * targets) + j] = whole[(i * targets) + j] * Math.Exp(-OwnPrecision(raw, own).Value);
                }
            }
        }

        return new GaussianMixture(weights, means, factors);
    }

    /// <summary>Reads raw numbers of some rows into rows of the score column.</summary>
    public void Read(ReadOnlySpan<float> raw, Span<float> scores)
    {
        for (var (row, size) = (0, RawSize); row < raw.Length / size; row++)
            Shape.Write(Read(raw.Slice(row * size, size)), scores.Slice(row * Shape.Size, Shape.Size));
    }

    /// <summary>A label in training deviations from the training mean: the raw number of a mean that lies there.</summary>
    /// <param name="target">Which label.</param>
    /// <param name="label">Its value.</param>
    public double Scaled(int target, double label) => (label - LabelMeans[target]) / LabelDeviations[target];

    /// <summary>Writes the reading of raw numbers as nodes.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="raw">[N, <see cref="RawSize"/>].</param>
    /// <returns>The mixture, in label units.</returns>
    public MixtureNodes Add(OnnxGraph graph, string raw)
    {
        var (components, targets) = (Shape.Components, Shape.Targets);
        string Node(string operation, params string[] inputs) => graph.Node(operation, inputs);
        string Table(string value) => Node("Reshape", value, graph.Integers(0, components, targets));
        string Row(string value) => Node("Unsqueeze", value, graph.Integers(1));
        long[] own = Own > 0 ? [Own, Own] : [];
        long[] sizes = [components, .. own, targets, targets, .. Couplings > 0 ? [Couplings] : Array.Empty<long>()];
        var parts = graph.Nodes("Split", [raw, graph.Integers(sizes)], sizes.Length, [("axis", 1L)]);
        var whole = parts[(1 + own.Length)..];
        var deviations = Node("Exp", Node("Neg", Precisions.Add(graph, whole[1])));

        var identity = new float[targets * targets];
        for (var i = 0; i < targets; i++)
            identity[(i * targets) + i] = 1;
        var one = graph.Constant(identity, targets, targets);
        var inverse = one;
        if (Couplings > 0)
        {
            var square = Node("MatMul", whole[2], graph.Constant(Places(), Couplings, targets * targets));
            var below = Node("Reshape", square, graph.Integers(0, targets, targets));
            // Each turn of X = I - B X makes one more row of the inverse of I + B right.
            inverse = Node("Sub", one, below);
            for (var i = 2; i < targets; i++)
                inverse = Node("Sub", one, Node("MatMul", below, inverse));
        }

        // [N, 1, targets, targets]: the same for every component.
        var map = Row(Node("Mul", Node("Unsqueeze", deviations, graph.Integers(2)), inverse));
        var (means, factors) = (Row(whole[0]), map);
        if (Own > 0)
        {
            var spread = graph.Constant(Array.ConvertAll(_spread, v => (float)v), components, targets);
            var offsets = Node("Add", Offsets.Add(graph, Table(parts[1])), spread);
            var moved = Node("MatMul", map, Node("Unsqueeze", offsets, graph.Integers(3)));
            means = Node("Add", means, Node("Squeeze", moved, graph.Integers(3)));
            factors = Node(
                "Mul",
                map,
                Node("Unsqueeze", Node("Exp", Node("Neg", OwnPrecisions.Add(graph, Table(parts[2])))), graph.Integers(2))
            );
        }

        var mixture = new MixtureNodes(graph, Shape, graph.Node("Softmax", [parts[0]], ("axis", 1L)), means, factors);
        return mixture.Affine(LabelDeviations, LabelMeans);
    }

    // Where each coupling stands in a square: [couplings, targets x targets].
    private float[] Places()
    {
        var (targets, places) = (Shape.Targets, new float[Couplings * Shape.Targets * Shape.Targets]);
        for (var (i, at) = (1, 0); i < targets; i++)
        {
            for (var j = 0; j < i; j++, at++)
                places[(at * targets * targets) + (i * targets) + j] = 1;
        }

        return places;
    }

    /// <summary>Raw numbers between two ends, 0 at 0 and as they are near it.</summary>
    private sealed record Bounded(double Least, double Most)
    {
        private readonly double _centre = 0.5 * (Least + Most),
            _reach = 0.5 * (Most - Least);

        // What tanh is moved by, so that 0 stays 0.
        private double Start => -Math.Atanh(_centre / _reach);

        private double Scale => 1 / (_reach * (1 - (_centre / _reach * (_centre / _reach))));

        public (double Value, double Slope) Of(double raw)
        {
            var bounded = Math.Tanh((raw * Scale) + Start);
            return (_centre + (_reach * bounded), _reach * Scale * (1 - (bounded * bounded)));
        }

        public string Add(OnnxGraph graph, string raw)
        {
            var moved = graph.Node("Add", [graph.Node("Mul", [raw, graph.Constant((float)Scale)]), graph.Constant((float)Start)]);
            var bounded = graph.Node("Mul", [graph.Node("Tanh", [moved]), graph.Constant((float)_reach)]);
            return graph.Node("Add", [bounded, graph.Constant((float)_centre)]);
        }
    }
}
