namespace GlifMl.Onnx;

/// <summary>A mixture of Gaussians as values of a graph.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Shape">How many Gaussians over how many numbers.</param>
/// <param name="Weights">[N, components].</param>
/// <param name="Means">[N, components, targets].</param>
/// <param name="Factors">[N, components, targets, targets].</param>
internal sealed record MixtureNodes(OnnxGraph Graph, MixtureShape Shape, string Weights, string Means, string Factors)
{
    // Each halves what is left of the bracket, which is at most some tens of deviations wide: to 1e-5 of one.
    private const int Bisections = 22;

    // Below it exp(x) - 1 loses digits that three terms of its series keep.
    private const float SmallVariance = 0.05f;

    private int K => Shape.Components;

    private int D => Shape.Targets;

    /// <summary>Reads a row of the score column.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="shape">How the row lies.</param>
    /// <param name="score">[N, <see cref="MixtureShape.Size"/>].</param>
    public static MixtureNodes Read(OnnxGraph graph, MixtureShape shape, string score)
    {
        var parts = graph.Nodes(
            "Split",
            [score, graph.Integers(shape.Targets, shape.Components, shape.MeansSize, shape.FactorsSize)],
            4,
            [("axis", 1L)]
        );
        return new MixtureNodes(
            graph,
            shape,
            parts[1],
            graph.Node("Reshape", [parts[2], graph.Integers(0, shape.Components, shape.Targets)]),
            graph.Node("Reshape", [parts[3], graph.Integers(0, shape.Components, shape.Targets, shape.Targets)])
        );
    }

    /// <summary>Writes the mixture as a row of the score column.</summary>
    public OnnxValue ToScore()
    {
        var flat = new[] { (Means, Shape.MeansSize), (Factors, Shape.FactorsSize) }.Select(part =>
            Graph.Node("Reshape", [part.Item1, Graph.Integers(0, part.Item2)])
        );
        return new OnnxValue(Graph.Node("Concat", [Average(Means), Weights, .. flat], ("axis", 1L)), Shape.Size);
    }

    /// <summary>The same mixture of numbers that are each scaled, then shifted.</summary>
    public MixtureNodes Affine(double[] scale, double[] offset)
    {
        var grid = new float[D * D];
        for (var i = 0; i < D; i++)
        {
            for (var j = 0; j < D; j++)
                grid[(i * D) + j] = (float)(scale[i] * Math.Sign(scale[j]));
        }

        return this with
        {
            Means = Node("Add", Node("Mul", Means, Vector(scale)), Vector(offset)),
            Factors = Node("Mul", Factors, Graph.Constant(grid, D, D)),
        };
    }

    /// <summary>The same mixture with the width of each number multiplied, about its mean.</summary>
    public MixtureNodes Widened(double[] factors)
    {
        var mean = Unsqueeze(Average(Means), 1);
        return this with
        {
            Means = Node("Add", mean, Node("Mul", Node("Sub", Means, mean), Vector(factors))),
            Factors = Node("Mul", Factors, Graph.Constant(Array.ConvertAll(factors, f => (float)f), D, 1)),
        };
    }

    /// <summary>The mean of each number, exp of it where it is a logarithm: [N, targets].</summary>
    /// <param name="info">Which numbers are logarithms, and what limits them or their moments.</param>
    public OnnxValue Mean(PosteriorInfo info) => new(Limited(info)?.Mean() ?? Average(Moments(info).Mean), D);

    /// <summary>The standard deviation of each number, of exp of it where it is a logarithm: [N, targets].</summary>
    /// <param name="info">Which numbers are logarithms, and what limits them or their moments.</param>
    public OnnxValue Deviation(PosteriorInfo info)
    {
        if (Limited(info) is { } limited)
            return new OnnxValue(limited.Deviation(), D);
        var (means, variances) = Moments(info);
        var apart = Node("Sub", means, Graph.Node("Unsqueeze", [Average(means), Graph.Integers(1)]));
        return new OnnxValue(Node("Sqrt", Average(Node("Add", variances, Node("Mul", apart, apart)))), D);
    }

    /// <summary>Quantiles of each number, exp of them where it is a logarithm: [N, levels, targets].</summary>
    /// <param name="info">Which numbers are logarithms, and what limits them.</param>
    /// <param name="levels">Probabilities.</param>
    public OnnxValue Quantiles(PosteriorInfo info, double[] levels)
    {
        bool[] logarithmic = [.. info.Logarithmic];
        if (Limited(info) is { } limited)
            return new OnnxValue(Exp(limited.Quantiles(levels), logarithmic), levels.Length, D);
        var deviations = Deviations();
        float[] z = [.. levels.Select(p => (float)NormalDistribution.Quantile(p))];
        var (mean, deviation) = (Unsqueeze(Means, 1), Unsqueeze(deviations, 1)); // [N, 1, K, D]
        var each = Node("Add", mean, Node("Mul", deviation, Graph.Constant(z, z.Length, 1, 1)));
        return new OnnxValue(
            Exp(
                K == 1
                    ? Graph.Node("Squeeze", [each, Graph.Integers(2)])
                    : Bisect(each, mean, Node("Mul", deviation, Graph.Constant(MathF.Sqrt(2))), levels),
                logarithmic
            ),
            levels.Length,
            D
        );
    }

    // Between the smallest and the largest of the components' quantiles.
    private string Bisect(string each, string mean, string widths, double[] levels)
    {
        (string, OnnxAttributeValue)[] overComponents = [("axes", new long[] { 2 }), ("keepdims", 0L)];
        var (low, high) = (Graph.Node("ReduceMin", [each], overComponents), Graph.Node("ReduceMax", [each], overComponents));
        var weights = Graph.Node("Unsqueeze", [Weights, Graph.Integers(1, 3)]); // [N, 1, K, 1]
        // The weights add up to 1, so that the mixture of erf is twice the probability, less 1.
        var wanted = Graph.Constant([.. levels.Select(p => (float)((2 * p) - 1))], levels.Length, 1);
        return Bisect(
            low,
            high,
            wanted,
            Bisections,
            middle =>
            {
                var erf = Node("Erf", Node("Div", Node("Sub", Unsqueeze(middle, 2), mean), widths));
                return Graph.Node("ReduceSum", [Node("Mul", erf, weights), Graph.Integers(2)], ("keepdims", 0L));
            }
        );
    }

    /// <summary>Where a rising function reaches a value, by halving a bracket: [N, levels, targets].</summary>
    /// <param name="low">The bracket's lower end.</param>
    /// <param name="high">Its upper end.</param>
    /// <param name="wanted">The value.</param>
    /// <param name="turns">How often it is halved.</param>
    /// <param name="function">The function.</param>
    public string Bisect(string low, string high, string wanted, int turns, Func<string, string> function)
    {
        var half = Graph.Constant(0.5f);
        for (var i = 0; ; i++)
        {
            var middle = Node("Mul", Node("Add", low, high), half);
            if (i == turns)
                return middle;
            var below = Node("Less", function(middle), wanted);
            (low, high) = (Node("Where", below, middle, low), Node("Where", below, high, middle));
        }
    }

    /// <summary>Mean and variance of each component, of exp of it where the number is a logarithm: [N, K, D].</summary>
    public (string Mean, string Variance) Moments(PosteriorInfo info)
    {
        bool[] logarithmic = [.. info.Logarithmic];
        var variances = Squares();
        if (!logarithmic.Contains(true))
            return (Means, variances);
        var limits = Enumerable.Range(0, D).Select(info.MeanLimits).ToArray();
        var variance = Node("Min", variances, Vector([.. info.PriorDeviations.Select(deviation => deviation * deviation)]));
        var limited = Node(
            "Min",
            Node("Max", Means, Vector(Array.ConvertAll(limits, l => l.Low))),
            Vector(Array.ConvertAll(limits, l => l.High))
        );
        var lognormal = Node("Exp", Node("Add", limited, Node("Mul", variance, Graph.Constant(0.5f))));
        var relative = Node(
            "Where",
            Node("Less", variance, Graph.Constant(SmallVariance)),
            SeriesOfExpLessOne(variance),
            Node("Sub", Node("Exp", variance), Graph.Constant(1f))
        );
        var mask = Mask(logarithmic);
        return (
            Node("Where", mask, lognormal, Means),
            Node("Where", mask, Node("Mul", Node("Mul", lognormal, lognormal), relative), variances)
        );
    }

    /// <summary>exp(x) - 1 = x (1 + x / 2 (1 + x / 3 (1 + x / 4))) for small x.</summary>
    public string SeriesOfExpLessOne(string x)
    {
        var series = Graph.Constant(1f);
        for (var n = 4; n >= 2; n--)
            series = Node("Add", Node("Mul", Node("Mul", x, Graph.Constant(1f / n)), series), Graph.Constant(1f));
        return Node("Mul", x, series);
    }

    private LimitedMixtureNodes? Limited(PosteriorInfo info) => info.Limits is null ? null : new(this, info);

    private string Exp(string value, bool[] logarithmic) =>
        logarithmic.Contains(true) ? Node("Where", Mask(logarithmic), Node("Exp", value), value) : value;

    /// <summary>What is true of some numbers, [D].</summary>
    public string Mask(bool[] logarithmic) =>
        Graph.Node("Cast", [Graph.Constant(Array.ConvertAll(logarithmic, l => l ? 1f : 0f), D)], ("to", 9L)); // 9: BOOL

    private string Squares() => Graph.Node("ReduceSum", [Node("Mul", Factors, Factors), Graph.Integers(3)], ("keepdims", 0L));

    /// <summary>The deviation of each number in each component: [N, K, D].</summary>
    public string Deviations() => Node("Sqrt", Squares());

    // [N, K, D] to [N, D].
    private string Average(string values) =>
        Graph.Node("ReduceSum", [Node("Mul", values, Unsqueeze(Weights, 2)), Graph.Integers(1)], ("keepdims", 0L));

    private string Unsqueeze(string value, int axis) => Graph.Node("Unsqueeze", [value, Graph.Integers(axis)]);

    /// <summary>A number for each target.</summary>
    public string Vector(double[] values) => Graph.Constant(Array.ConvertAll(values, v => (float)v), D);

    private string Node(string operation, params string[] inputs) => Graph.Node(operation, inputs);
}
