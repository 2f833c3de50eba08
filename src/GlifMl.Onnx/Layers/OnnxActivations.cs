namespace GlifMl.Onnx;

/// <summary>Writes activation functions as ONNX nodes; each gives a value of the input's shape.</summary>
internal static class OnnxActivations
{
    /// <summary>A function that is one operator without attributes: Relu, Tanh, Sigmoid.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">Its argument.</param>
    /// <param name="operation">The operator.</param>
    /// <returns>The function's value.</returns>
    public static OnnxValue Plain(OnnxGraph graph, OnnxValue input, string operation) =>
        input with
        {
            Name = graph.Node(operation, [input.Name]),
        };

    /// <summary>A function that is one operator with a parameter named alpha: LeakyRelu, Elu.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">Its argument.</param>
    /// <param name="operation">The operator.</param>
    /// <param name="alpha">The parameter.</param>
    /// <returns>The function's value.</returns>
    public static OnnxValue WithAlpha(OnnxGraph graph, OnnxValue input, string operation, double alpha) =>
        input with
        {
            Name = graph.Node(operation, [input.Name], ("alpha", (float)alpha)),
        };

    /// <summary>x sigmoid(x) (Hendrycks &amp; Gimpel 2016, arXiv:1606.08415).</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">Its argument.</param>
    /// <returns>The function's value.</returns>
    public static OnnxValue Silu(OnnxGraph graph, OnnxValue input) =>
        input with
        {
            Name = graph.Node("Mul", [input.Name, graph.Node("Sigmoid", [input.Name])]),
        };

    /// <summary>x Phi(x), Phi the normal distribution function (Hendrycks &amp; Gimpel 2016, arXiv:1606.08415).</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">Its argument.</param>
    /// <param name="tanh">
    /// With the paper's approximation, 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), instead of the error function.
    /// </param>
    /// <returns>The function's value.</returns>
    public static OnnxValue Gelu(OnnxGraph graph, OnnxValue input, bool tanh)
    {
        var x = input.Name;
        string Times(string value, double factor) => graph.Node("Mul", [value, graph.Constant((float)factor)]);
        string bracket;
        if (tanh)
        {
            var cube = graph.Node("Mul", [x, graph.Node("Mul", [x, x])]);
            bracket = graph.Node("Tanh", [Times(graph.Node("Add", [x, Times(cube, 0.044715)]), Math.Sqrt(2 / Math.PI))]);
        }
        else
        {
            bracket = graph.Node("Erf", [Times(x, Math.Sqrt(0.5))]);
        }

        return input with
        {
            Name = graph.Node("Mul", [Times(x, 0.5), graph.Node("Add", [bracket, graph.Constant(1f)])]),
        };
    }

    /// <summary>log(1 + exp(beta x)) / beta, and x itself where beta x is above the threshold, as in torch.nn.Softplus.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">Its argument.</param>
    /// <param name="beta">The steepness.</param>
    /// <param name="threshold">Where the function counts as linear.</param>
    /// <returns>The function's value.</returns>
    public static OnnxValue Softplus(OnnxGraph graph, OnnxValue input, double beta, double threshold)
    {
        var scaled = graph.Node("Mul", [input.Name, graph.Constant((float)beta)]);
        var curve = graph.Node("Mul", [graph.Node("Softplus", [scaled]), graph.Constant((float)(1 / beta))]);
        var linear = graph.Node("Greater", [scaled, graph.Constant((float)threshold)]);
        return input with { Name = graph.Node("Where", [linear, input.Name, curve]) };
    }
}
