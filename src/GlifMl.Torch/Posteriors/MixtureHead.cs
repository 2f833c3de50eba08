using GlifMl.Onnx;

namespace GlifMl.Torch;

/// <summary>
/// Reads the raw numbers that a network gives as a mixture of Gaussians over the label (Bishop 1994, "Mixture density networks"; with full
/// covariances as in Papamakarios &amp; Murray 2016, arXiv:1605.06376).
/// </summary>
/// <remarks>
/// Raw numbers are, in this order, the logits of the weights, the means, the log precisions a, and the couplings B below the diagonal, each
/// component by component. In labels less their training mean, over their training deviation, a component is Gaussian with
/// z = (I + B) diag(exp(a)) (y - mean), z standard normal: B says how the errors hang together whatever their size, so that all raw numbers
/// stay of order one. a is bounded, so that no component can collapse onto one trace. Means start spread over the prior, and not all on one
/// place.
/// </remarks>
internal sealed class MixtureHead
{
    // Deviations of 4.5 to 1.7e-5 of the prior's: wider knows nothing, narrower is beyond single precision in a graph.
    private const double Centre = 4.75,
        Reach = 6.25;

    // Raw 0 is then the prior's own deviation.
    private static readonly double Start = Centre - (Reach * Math.Atanh(Centre / Reach));

    private readonly double[] _spread;
    private readonly int _means,
        _precisions,
        _couplings;

    /// <param name="shape">How many Gaussians over how many labels.</param>
    /// <param name="means">The labels' training means.</param>
    /// <param name="deviations">Their training deviations; 1 for a label that does not vary.</param>
    public MixtureHead(MixtureShape shape, double[] means, double[] deviations)
    {
        _means = shape.Components;
        _precisions = _means + shape.MeansSize;
        _couplings = _precisions + shape.MeansSize;
        (Shape, LabelMeans, LabelDeviations) = (shape, means, Array.ConvertAll(deviations, d => d > 0 ? d : 1));
        // A Kronecker sequence with the golden ratio's relatives (Roberts 2018), through the normal quantile: even over the prior.
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
    public IReadOnlyList<(double Least, double Most)?>? Ends { get; init; }

    /// <summary>How many Gaussians over how many labels.</summary>
    public MixtureShape Shape { get; }

    /// <summary>The labels' training means.</summary>
    public double[] LabelMeans { get; }

    /// <summary>The labels' training deviations.</summary>
    public double[] LabelDeviations { get; }

    /// <summary>What the score column says of itself.</summary>
    public MixtureColumn Column => new(Shape, LabelMeans, LabelDeviations);

    /// <summary>Numbers that the network gives.</summary>
    public int RawSize => _couplings + (Shape.Components * Couplings);

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
        var (means, factors) = (new double[Shape.MeansSize], new double[Shape.FactorsSize]);
        for (var k = 0; k < components; k++)
        {
            var factor = factors.AsSpan(k * targets * targets, targets * targets);
            Invert(raw, k, factor);
            for (var i = 0; i < targets; i++)
            {
                var row = (k * targets) + i;
                means[row] = (Mean(raw, row) * LabelDeviations[i]) + LabelMeans[i];
                var deviation = LabelDeviations[i] * Math.Exp(-LogPrecision(raw, row).Value);
                for (var j = 0; j <= i; j++)
                    factor[(i * targets) + j] *= deviation;
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

    /// <summary>Where the means begin among the raw numbers.</summary>
    public int FirstMean => _means;

    /// <summary>Where the log precisions begin.</summary>
    public int FirstPrecision => _precisions;

    /// <summary>Where the couplings begin.</summary>
    public int FirstCoupling => _couplings;

    /// <summary>Couplings of a component; that of i with j &lt; i is the number i (i - 1) / 2 + j among them.</summary>
    public int Couplings => Shape.Targets * (Shape.Targets - 1) / 2;

    /// <summary>A component's mean, in training deviations from the training mean.</summary>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="mean">Which of the means, component by component.</param>
    public double Mean(ReadOnlySpan<float> raw, int mean) => raw[_means + mean] + _spread[mean];

    /// <summary>The log precision a of a label, in inverse training deviations, and how it grows with its raw number.</summary>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="precision">Which of them, component by component.</param>
    public (double Value, double Slope) LogPrecision(ReadOnlySpan<float> raw, int precision)
    {
        var bounded = Math.Tanh((raw[_precisions + precision] + Start - Centre) / Reach);
        return (Centre + (Reach * bounded), 1 - (bounded * bounded));
    }

    /// <summary>The inverse of a component's unit triangle I + B, [targets, targets]; 0 above the diagonal.</summary>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="component">Which component.</param>
    /// <param name="inverse">Where it goes.</param>
    public void Invert(ReadOnlySpan<float> raw, int component, Span<double> inverse)
    {
        var targets = Shape.Targets;
        var below = raw.Slice(_couplings + (component * Couplings), Couplings);
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

    /// <summary>The raw number with which a component's mean is near a label; components stay a little apart.</summary>
    /// <param name="mean">Which of the means, component by component.</param>
    /// <param name="label">The label.</param>
    public double RawMeanOf(int mean, double label)
    {
        const double Apart = 0.2; // of the distances that means have without estimates
        var target = mean % Shape.Targets;
        return ((label - LabelMeans[target]) / LabelDeviations[target]) - ((1 - Apart) * _spread[mean]);
    }

    /// <summary>Writes the reading of raw numbers as nodes.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="raw">[N, <see cref="RawSize"/>].</param>
    /// <returns>The mixture, in label units.</returns>
    public MixtureNodes Add(OnnxGraph graph, string raw)
    {
        var (components, targets) = (Shape.Components, Shape.Targets);
        string Node(string operation, params string[] inputs) => graph.Node(operation, inputs);
        string Grid(double[] values, int rows) => graph.Constant(Array.ConvertAll(values, v => (float)v), rows, targets);
        string Table(string value) => Node("Reshape", value, graph.Integers(0, components, targets));
        long[] sizes = [components, Shape.MeansSize, Shape.MeansSize, .. Couplings > 0 ? [components * Couplings] : Array.Empty<long>()];
        var parts = graph.Nodes("Split", [raw, graph.Integers(sizes)], sizes.Length, [("axis", 1L)]);

        var means = Node("Add", Table(parts[1]), Grid(_spread, components));
        var shifted = Node("Add", Table(parts[2]), graph.Constant((float)(Start - Centre)));
        var bounded = Node("Tanh", Node("Mul", shifted, graph.Constant((float)(1 / Reach))));
        var precisions = Node("Add", Node("Mul", bounded, graph.Constant((float)Reach)), graph.Constant((float)Centre));
        var deviations = Node("Exp", Node("Neg", precisions));

        var identity = new float[targets * targets];
        for (var i = 0; i < targets; i++)
            identity[(i * targets) + i] = 1;
        var one = graph.Constant(identity, targets, targets);
        var inverse = one;
        if (Couplings > 0)
        {
            var packed = Node("Reshape", parts[3], graph.Integers(0, components, Couplings));
            var square = Node("MatMul", packed, graph.Constant(Places(), Couplings, targets * targets));
            var below = Node("Reshape", square, graph.Integers(0, components, targets, targets));
            // Each turn of X = I - B X makes one more row of the inverse of I + B right.
            inverse = Node("Sub", one, below);
            for (var i = 2; i < targets; i++)
                inverse = Node("Sub", one, Node("MatMul", below, inverse));
        }

        var factors = Node("Mul", Node("Unsqueeze", deviations, graph.Integers(3)), inverse);
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
}
