namespace GlifMl.Onnx;

/// <summary><see cref="NearbyRates"/> as nodes of a graph: values are [N, blocks, rates], what is found [N, 1].</summary>
internal sealed class NearbyRatesNodes
{
    private readonly OnnxGraph _graph;
    private readonly int _points;
    private readonly double _h;
    private readonly string _at;
    private readonly DoubleNode _start;

    /// <param name="graph">The graph to add to.</param>
    /// <param name="best">The rate of a grid with the least squares, [N, 1, 1].</param>
    /// <param name="points">How many rates.</param>
    /// <param name="h">The spacing of their logarithms.</param>
    public NearbyRatesNodes(OnnxGraph graph, DoubleNode best, int points, double h)
    {
        (_graph, _points, _h) = (graph, points, h);
        var reach = points / 2;
        Middle = best.AtLeast(reach).AtMost(MembraneResponse.Rates - 1 - reach);
        var places = DoubleNode.Constant(graph, [.. Enumerable.Range(0, points).Select(i => (double)(i - reach))]);
        _at = (Middle + new DoubleNode(graph, graph.Node("Reshape", [places.Name, graph.Integers(1, 1, points)]))).ToInt64();
        _start = points == NearbyRates.Parabola ? best : (best - Middle).Flat();
    }

    /// <summary>The rate in the middle, [N, 1, 1].</summary>
    public DoubleNode Middle { get; }

    /// <summary>What a value is at the middle one, or another of them.</summary>
    public DoubleNode Of(DoubleNode values, int fromMiddle = 0)
    {
        var near = _graph.Node("GatherElements", [values.Name, _at], ("axis", 2L));
        var place = fromMiddle + (_points / 2);
        return new DoubleNode(
            _graph,
            _graph.Node("Slice", [near, _graph.Integers(place), _graph.Integers(place + 1), _graph.Integers(2)])
        ).Flat();
    }

    /// <summary>Where values are least, from the middle rate, the curvature there, and what writes the value there.</summary>
    public (DoubleNode Shift, DoubleNode Curvature, Func<DoubleNode> Value) Least(DoubleNode values)
    {
        if (_points == NearbyRates.Parabola)
        {
            var (left, middle, right) = (Of(values, -1), Of(values), Of(values, 1));
            var curvature = (left - (middle * 2) + right) / (left.Number(_h * _h));
            var slope = (right - left) / left.Number(2 * _h);
            var bends = curvature > 0;
            var shift = bends.Select((-slope / bends.Select(curvature, 1)).AtLeast(-_h).AtMost(_h), 0);
            return (shift, curvature, () => middle + (slope * shift) + (curvature * shift * shift * 0.5));
        }

        var (quartic, x, reach) = (Quartic(values), _start, _points / 2);
        for (var turn = 0; turn < NearbyRates.Turns; turn++)
        {
            var (_, slope, bend) = quartic(x);
            var bends = bend > 0;
            x = bends.Select((x - (slope / bends.Select(bend, 1))).AtLeast(-reach).AtMost(reach), x);
        }

        var (least, _, curved) = quartic(x);
        return (x * _h, curved / x.Number(_h * _h), () => least);
    }

    /// <summary>The slope and the value somewhere, from the middle rate.</summary>
    public (DoubleNode Slope, DoubleNode Value) At(DoubleNode values, DoubleNode at)
    {
        if (_points != NearbyRates.Parabola)
        {
            var (value, ofStep, _) = Quartic(values)(at / at.Number(_h));
            return (ofStep / at.Number(_h), value);
        }

        var (a, b, c) = (Of(values, -1), Of(values), Of(values, 1));
        var (rise, bend) = ((c - a) / a.Number(2 * _h), (a - (b * 2) + c) / a.Number(_h * _h));
        return (rise + (bend * at), b + (rise * at) + (bend * at * at * 0.5));
    }

    private Func<DoubleNode, (DoubleNode Value, DoubleNode Slope, DoubleNode Bend)> Quartic(DoubleNode values)
    {
        var middle = Of(values);
        var (twice, left, right, first, last) = (middle * 2, Of(values, -1), Of(values, 1), Of(values, -2), Of(values, 2));
        var (near, far) = (right + left - twice, last + first - twice);
        var (nearOdd, farOdd) = (right - left, last - first);
        var (c1, c2) = (((nearOdd * 8) - farOdd) / near.Number(12), ((near * 16) - far) / near.Number(24));
        var (c3, c4) = ((farOdd - (nearOdd * 2)) / near.Number(12), (far - (near * 4)) / near.Number(24));
        return x =>
            (
                middle + (x * (c1 + (x * (c2 + (x * (c3 + (x * c4))))))),
                c1 + (x * ((c2 * 2) + (x * ((c3 * 3) + (x * c4 * 4))))),
                (c2 * 2) + (x * ((c3 * 6) + (x * c4 * 12)))
            );
    }
}
