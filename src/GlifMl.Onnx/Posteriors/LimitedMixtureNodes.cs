namespace GlifMl.Onnx;

/// <summary>A mixture of Gaussians of which each number is cut off at its limits, as values of a graph.</summary>
/// <param name="Mixture">The mixture.</param>
/// <param name="Info">Says what the limits are, and which numbers are logarithms.</param>
internal sealed record LimitedMixtureNodes(MixtureNodes Mixture, PosteriorInfo Info)
{
    // Each halves what is left of the bracket: to 1e-5 of a deviation.
    private const int Bisections = 24;

    private const float Far = (float)MixtureMarginal.Far;

    // No number is as large, and single precision holds what it is divided by.
    private const double Endless = 1e30;

    // Below it exp(x) - 1 loses digits that four terms of its series keep.
    private const float Small = 0.05f;

    private OnnxGraph Graph => Mixture.Graph;

    /// <summary>The mean of each number, exp of it where it is a logarithm: [N, targets].</summary>
    public string Mean()
    {
        var (means, _, shares) = Moments();
        return Average(means, shares);
    }

    /// <summary>The standard deviation of each number, of exp of it where it is a logarithm: [N, targets].</summary>
    public string Deviation()
    {
        var (means, variances, shares) = Moments();
        var apart = Node("Sub", means, Unsqueeze(Average(means, shares), 1));
        return Node("Sqrt", Average(Node("Add", variances, Node("Mul", apart, apart)), shares));
    }

    /// <summary>Quantiles of each number: [N, levels, targets].</summary>
    /// <param name="levels">Probabilities.</param>
    public string Quantiles(double[] levels)
    {
        var (centres, deviations) = Gaussians();
        var reach = Node("Mul", deviations, Graph.Constant(Far));
        (string, OnnxAttributeValue)[] overComponents = [("axes", new long[] { 1 }), ("keepdims", 1L)];
        var (lows, highs) = Ends();
        var low = Node("Max", Graph.Node("ReduceMin", [Node("Sub", centres, reach)], overComponents), lows);
        var high = Node("Min", Graph.Node("ReduceMax", [Node("Add", centres, reach)], overComponents), highs); // [N, 1, D]
        var (mean, width) = (Unsqueeze(centres, 1), Node("Mul", Unsqueeze(deviations, 1), Graph.Constant(MathF.Sqrt(2))));
        var weights = Graph.Node("Unsqueeze", [Mixture.Weights, Graph.Integers(1, 3)]); // [N, 1, K, 1]
        // Twice the probability below a value, less 1.
        string Erf(string value)
        {
            var apart = Node("Div", Node("Sub", value, mean), width);
            return Graph.Node("ReduceSum", [Node("Mul", Node("Erf", apart), weights), Graph.Integers(2)], ("keepdims", 0L));
        }

        var (below, above) = (Erf(lows), Erf(highs));
        var share = Graph.Constant([.. levels.Select(p => (float)p)], levels.Length, 1);
        var wanted = Node("Add", below, Node("Mul", Node("Sub", above, below), share)); // [N, levels, D]
        return Mixture.Bisect(low, high, wanted, Bisections, middle => Erf(Unsqueeze(middle, 2)));
    }

    /// <summary>Mean, variance and share of each component: [N, K, D].</summary>
    /// <remarks>By a sum over places in the Gaussian, which keeps its digits whatever the width is, as formulas do not.</remarks>
    private (string Mean, string Variance, string Share) Moments()
    {
        var (rulePlaces, ruleWeights) = MixtureMarginal.Rule;
        var (centres, deviations) = Gaussians();
        var (lows, highs) = Ends();
        string From(string end) => Node("Div", Node("Sub", end, centres), deviations);
        var (from, to) = (Node("Max", From(lows), Graph.Constant(-Far)), Node("Min", From(highs), Graph.Constant(Far)));
        var half = Node("Mul", Node("Sub", to, from), Graph.Constant(0.5f));
        var middle = Node("Mul", Node("Add", to, from), Graph.Constant(0.5f));
        var places = Node("Add", Unsqueeze(middle, 2), Node("Mul", Unsqueeze(half, 2), Column(rulePlaces))); // [N, K, places, D]
        var gaussian = Node("Exp", Node("Mul", Node("Mul", places, places), Graph.Constant(-0.5f)));
        var density = Node("Mul", gaussian, Column(ruleWeights));
        var sum = OverPlaces(density);
        var part = Node("Div", density, Unsqueeze(sum, 2));

        var mask = Mixture.Mask([.. Info.Logarithmic]);
        // From the middle of what is left, which is between the ends: of a wide Gaussian the centre may be where exp has no digits.
        var origin = Node("Add", centres, Node("Mul", deviations, middle));
        var apart = Node("Mul", Unsqueeze(Node("Mul", deviations, half), 2), Column(rulePlaces));
        var value = Node("Where", mask, ExpLessOne(apart), apart);
        var mean = OverPlaces(Node("Mul", part, value));
        var off = Node("Sub", value, Unsqueeze(mean, 2));
        var variance = OverPlaces(Node("Mul", part, Node("Mul", off, off)));
        var exp = Node("Exp", origin);
        var mass = Node("Mul", Unsqueeze(Mixture.Weights, 2), Node("Mul", sum, half));
        return Limited(
            Node("Where", mask, Node("Add", exp, Node("Mul", exp, mean)), Node("Add", origin, mean)),
            Node("Where", mask, Node("Mul", Node("Mul", exp, exp), variance), variance),
            Node("Div", mass, Graph.Node("ReduceSum", [mass, Graph.Integers(1)], ("keepdims", 1L)))
        );
    }

    // As MixtureMarginal has them: [N, K, D].
    private (string Centres, string Deviations) Gaussians()
    {
        var deviations = Mixture.Deviations();
        var beyond = Node("Mul", deviations, Graph.Constant((float)MixtureMarginal.MostBeyond));
        var (lows, highs) = Ends();
        var above = Node("Max", Mixture.Means, Node("Sub", lows, beyond));
        return (Node("Min", above, Node("Add", highs, beyond)), deviations);
    }

    // What has no limits is as in any mixture.
    private (string Mean, string Variance, string Share) Limited(string mean, string variance, string share)
    {
        bool[] limited = [.. Info.Logarithmic.Select((_, i) => Info.IsLimited(i))];
        if (!limited.Contains(false))
            return (mean, variance, share);
        var (mask, whole) = (Mixture.Mask(limited), Mixture.Moments(Info));
        return (
            Node("Where", mask, mean, whole.Mean),
            Node("Where", mask, variance, whole.Variance),
            Node("Where", mask, share, Unsqueeze(Mixture.Weights, 2))
        );
    }

    private string ExpLessOne(string x) =>
        Node(
            "Where",
            Node("Less", Node("Abs", x), Graph.Constant(Small)),
            Mixture.SeriesOfExpLessOne(x),
            Node("Sub", Node("Exp", x), Graph.Constant(1f))
        );

    private (string Lows, string Highs) Ends()
    {
        var bounds = Enumerable.Range(0, Info.Logarithmic.Count).Select(Info.Bounds).ToArray();
        return (
            Mixture.Vector(Array.ConvertAll(bounds, b => Math.Max(b.Low, -Endless))),
            Mixture.Vector(Array.ConvertAll(bounds, b => Math.Min(b.High, Endless)))
        );
    }

    private string Column(double[] values) => Graph.Constant(Array.ConvertAll(values, v => (float)v), values.Length, 1);

    private string OverPlaces(string values) => Graph.Node("ReduceSum", [values, Graph.Integers(2)], ("keepdims", 0L));

    // [N, K, D] to [N, D].
    private string Average(string values, string shares) =>
        Graph.Node("ReduceSum", [Node("Mul", values, shares), Graph.Integers(1)], ("keepdims", 0L));

    private string Unsqueeze(string value, int axis) => Graph.Node("Unsqueeze", [value, Graph.Integers(axis)]);

    private string Node(string operation, params string[] inputs) => Graph.Node(operation, inputs);
}
