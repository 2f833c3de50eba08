namespace GlifMl.Onnx;

/// <summary>
/// <see cref="MembraneResponse"/> as nodes of a graph. Values are [N, blocks, rates], or less where they broadcast, so that time is axis 1.
/// </summary>
internal sealed class MembraneResponseNodes
{
    private const int Unknowns = 4;

    private readonly OnnxGraph _graph;
    private readonly int _blocks,
        _size;

    // [N, blocks, samples of a block]: whether a sample counts, and the current where it does. The others are [N, blocks, 1].
    private readonly DoubleNode _counts,
        _current,
        _sum,
        _count,
        _level,
        _inverseCount,
        _whole,
        _since,
        _exponents,
        _line,
        _sine;

    // Whether a block and the 0, 1, 3, 7, ... before it are whole.
    private readonly List<DoubleNode> _wholeSince = [];

    private MembraneResponseNodes(OnnxGraph graph, DoubleNode voltage, DoubleNode current, MaskNode valid, int samples, int size)
    {
        (_graph, _blocks, _size) = (graph, samples / size, size);
        // A sample that does not follow the one before, or is none, ends what its block has so far.
        var before = graph.Node(
            "Concat",
            [graph.Node("Cast", [OneOfEach(valid)], ("to", Boolean)), valid.Slice(0, samples - 1).Name],
            Axis(1)
        );
        var breaks = (!(valid & new MaskNode(graph, before))).ToDouble();
        var index = Row(size, j => j, 1, 1, size);
        var start = Reduce("ReduceMax", Blocks(breaks) * (index + 1));
        var counts = index > start - 0.5;
        _counts = counts.ToDouble();
        _current = counts.Select(Blocks(current), 0);
        (_sum, _count) = (ReduceSum(_current), ReduceSum(_counts));
        _inverseCount = 1 / _count.AtLeast(1);
        _level = ReduceSum(counts.Select(Blocks(voltage), 0)) * _inverseCount;
        _whole = (_count > size - 0.5).ToDouble();
        // Samples from the last break to the beginning of a whole block, 0 for others.
        var broken = (1 - _whole) * (start + Row(_blocks, b => b * size, 1, _blocks, 1));
        var whole = _whole;
        for (var back = 1; back < _blocks; back *= 2)
        {
            _wholeSince.Add(whole);
            broken = Both("Max", broken, Before(broken, back));
            whole *= Before(whole, back);
        }

        _since = _whole * (Row(_blocks, b => b * size, 1, _blocks, 1) - broken);
        _exponents = Row(size, j => size - 1 - j, 1, size, 1);
        _line = Row(_blocks, b => (b + 0.5) / _blocks, 1, _blocks, 1);
        _sine = Row(_blocks, b => Math.Sin(Math.PI * (b + 0.5) / _blocks), 1, _blocks, 1);
    }

    private const long Boolean = 9; // TensorProto.DataType

    /// <summary>The numbers of <see cref="MembraneNumbers"/>, [N, numbers], single.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="voltageMv">[N, samples], single.</param>
    /// <param name="stimulusPa">[N, samples], single.</param>
    /// <param name="samples">Samples.</param>
    /// <param name="size">Samples of a block.</param>
    /// <param name="points">Rates of the last grid that are looked between: <see cref="NearbyRates"/>.</param>
    public static string Numbers(
        OnnxGraph graph,
        string voltageMv,
        string stimulusPa,
        int samples,
        int size,
        int points = NearbyRates.Parabola
    )
    {
        var spikes = new SpikeNodes(graph, voltageMv, samples);
        var driven = MaskNode.NotNaN(graph, stimulusPa);
        var given = DoubleNode.Cast(graph, stimulusPa);
        var current = driven.Select(given, 0);
        var nodes = new MembraneResponseNodes(graph, spikes.Voltage, current, spikes.Valid & driven, samples, size);
        var fit = nodes.Fit(points);

        const double Least = MembraneNumbers.Least;
        var k = fit.LogRate.Exp();
        var next = ((1 - k) * spikes.Voltage.Slice(0, samples - 1)) + (fit.Gain * current.Slice(1, samples)) + (k * fit.RestMv);
        var crosses = spikes.Starts & driven.Slice(1, samples);
        var crossings = crosses.Count();
        var any = crossings > 0.5;
        var least = crosses.Select(next, double.PositiveInfinity).Minimum();
        var mean = crosses.Select(next, 0).Sum() / crossings.AtLeast(1);
        var gain = fit.Gain.AtLeast(Least);
        DoubleNode Deviation(DoubleNode variance) => variance.AtLeast(Least * Least).Log() * 0.5;
        DoubleNode[] numbers =
        [
            fit.LogRate,
            gain.Log(),
            gain.Log() - fit.LogRate,
            fit.RestMv,
            Deviation(fit.RateVariance),
            Deviation(fit.GainVariance / (gain * gain)),
            Deviation(fit.ResistanceVariance / (gain * gain)),
            Deviation(fit.RestVariance),
            Deviation(fit.NoiseVariance),
            spikes.Largest,
            any.Select(least, spikes.Largest),
            any.Select(mean, spikes.Largest),
            (crossings + 1).Log(),
            (!any).ToDouble(),
            any.Select(spikes.Largest.Number(0), spikes.Largest),
        ];
        string[] fitted = [.. numbers.Select(number => fit.IsFitted.Select(number, 0).Name)];
        var pulse = FirstPulse.Samples(given, spikes.Index, samples).Log();
        return new DoubleNode(graph, graph.Node("Concat", [.. fitted, pulse.Name], Axis(1))).ToSingle();
    }

    private (
        MaskNode IsFitted,
        DoubleNode LogRate,
        DoubleNode Gain,
        DoubleNode RestMv,
        DoubleNode RateVariance,
        DoubleNode GainVariance,
        DoubleNode ResistanceVariance,
        DoubleNode RestVariance,
        DoubleNode NoiseVariance
    ) Fit(int points)
    {
        var spread = Row(MembraneResponse.Rates, i => i, 1, 1, MembraneResponse.Rates);
        var first = Row(1, _ => MembraneResponse.LeastLogRate, 1, 1, 1);
        // What was found before is taken from the voltage: see MembraneResponse.Equations.
        var none = first.Number(0);
        var (gain0, rest0, line0, sine0) = (none, none, none, none);
        var tried = Try(first + (spread * MembraneResponse.Spacing(0)), gain0, rest0, line0, sine0);
        for (var grid = 1; grid < MembraneResponse.Grids; grid++)
        {
            var (before, found) = (MembraneResponse.Spacing(grid - 1), Best(tried.Squares));
            first = first + (found * before) - before;
            var isBest = ((spread - found).Abs() < 0.5).ToDouble();
            (gain0, rest0) = (gain0 + ReduceSum(tried.Gain * isBest), rest0 + ReduceSum(tried.RestMv * isBest));
            (line0, sine0) = (line0 + ReduceSum(tried.Line * isBest), sine0 + ReduceSum(tried.Sine * isBest));
            var rates = (first + (spread * MembraneResponse.Spacing(grid))).AtMost(MembraneResponse.MostLogRate);
            tried = Try(rates, gain0, rest0, line0, sine0);
        }

        var h = MembraneResponse.Spacing(MembraneResponse.Grids - 1);
        var near = new NearbyRatesNodes(_graph, Best(tried.Squares), points, h);
        var (shift, curvature, atShift) = near.Least(tried.Squares);
        var used = (_count > 0.5).Count().Flat();
        var least = atShift().AtLeast(MembraneResponse.LeastSquares);
        var variance = least / (used - (MembraneResponse.LeastBlocks - 1)).AtLeast(1);
        var (ofGain, gain) = near.At(tried.Gain, shift);
        var (ofRest, rest) = near.At(tried.RestMv, shift);
        (gain, rest) = (gain + gain0.Flat(), rest + rest0.Flat());
        var curved = Both("Max", curvature, variance * MembraneResponseFit.LeastCurvature);
        var ofRate = variance * 2 / curved;
        var rate = (first + (near.Middle * h)).AtMost(MembraneResponse.MostLogRate);
        var atRate = near.Of(tried.GainUnsure) * variance;
        return (
            used > MembraneResponse.LeastBlocks - 0.5,
            rate.Flat() + shift,
            gain,
            rest,
            ofRate,
            atRate + (ofGain * ofGain * ofRate),
            atRate + ((ofGain - gain) * (ofGain - gain) * ofRate),
            (near.Of(tried.RestUnsure) * variance) + (ofRest * ofRest * ofRate),
            variance
        );
    }

    private (
        DoubleNode Squares,
        DoubleNode Gain,
        DoubleNode RestMv,
        DoubleNode Line,
        DoubleNode Sine,
        DoubleNode GainUnsure,
        DoubleNode RestUnsure
    ) Try(DoubleNode logRates, DoubleNode gain0, DoubleNode rest0, DoubleNode line0, DoubleNode sine0)
    {
        var k = logRates.Exp();
        var d = 1 - k;
        var logDecay = d.Log();
        var powers = (logDecay * _exponents).Exp();
        var driven = Both("MatMul", _current, powers);
        // The share of rest that is still to come when a block begins, summed over the block's samples.
        var remains = Both("MatMul", _counts, powers) * (logDecay * _since).Exp() * d;
        var power = (logDecay * _size).Exp();
        var decayed = _whole * (d * (1 - power) / k);
        var toCurrent = (((_sum - (d * driven)) / k) + (decayed * Before(Accumulate(driven, power)))) * _inverseCount;
        var toRest = (_count - remains) * _inverseCount;
        var level = _level - (line0 * _line) - (sine0 * _sine) - (gain0 * toCurrent) - (rest0 * toRest);
        DoubleNode[] basis = [_line, _sine, toRest, toCurrent, level];

        var m = new DoubleNode[Unknowns, Unknowns + 1];
        var (own, inverse) = (new DoubleNode[Unknowns], new DoubleNode[Unknowns]);
        for (var i = 0; i < Unknowns; i++)
        {
            var weighted = _count * basis[i];
            for (var j = i; j <= Unknowns; j++)
                m[i, j] = (weighted * basis[j]).Sum();
            own[i] = m[i, i] = i < 2 ? m[i, i] + MembraneResponse.DriftRidge : m[i, i];
        }

        m[0, Unknowns] -= line0 * MembraneResponse.DriftRidge;
        m[1, Unknowns] -= sine0 * MembraneResponse.DriftRidge;
        var left = (_count * level * level).Sum() + (((line0 * line0) + (sine0 * sine0)) * MembraneResponse.DriftRidge);
        for (var i = 0; i < Unknowns; i++)
        {
            var stands = m[i, i] > own[i] * MembraneResponse.LeastPivot;
            inverse[i] = stands.Select(1 / stands.Select(m[i, i], 1), 0);
            for (var r = i + 1; r < Unknowns; r++)
            {
                var factor = m[i, r] * inverse[i];
                for (var j = r; j <= Unknowns; j++)
                    m[r, j] -= factor * m[i, j];
            }

            left -= m[i, Unknowns] * m[i, Unknowns] * inverse[i];
        }

        var gain = m[3, Unknowns] * inverse[3];
        var between = m[2, 3] * inverse[2];
        var rest = (m[2, Unknowns] * inverse[2]) - (between * gain);
        var sine = (m[1, Unknowns] - (m[1, 2] * rest) - (m[1, 3] * gain)) * inverse[1];
        return (
            left.AtLeast(MembraneResponse.LeastSquares),
            gain,
            rest,
            (m[0, Unknowns] - (m[0, 1] * sine) - (m[0, 2] * rest) - (m[0, 3] * gain)) * inverse[0],
            sine,
            inverse[3],
            inverse[2] + (between * between * inverse[3])
        );
    }

    /// <summary>
    /// x[b] = power x[b - 1] + given[b], or given[b] in a block that is not whole, for all blocks at once: each turn joins what came
    /// before, twice as far back (Hillis &amp; Steele 1986, "Data parallel algorithms").
    /// </summary>
    private DoubleNode Accumulate(DoubleNode given, DoubleNode power)
    {
        for (var (turn, back) = (0, 1); back < _blocks; turn++, back *= 2)
            (given, power) = (given + (_wholeSince[turn] * power * Before(given, back)), power * power);
        return given;
    }

    private DoubleNode Before(DoubleNode values, int blocks = 1)
    {
        var earlier = values.Slice(0, _blocks - blocks).Name;
        return new(_graph, _graph.Node("Pad", [earlier, _graph.Integers(0, blocks, 0, 0, 0, 0)]));
    }

    private DoubleNode Best(DoubleNode squares) =>
        DoubleNode.Cast(_graph, _graph.Node("ArgMin", [squares.Name], ("axis", 2L), ("keepdims", 1L)));

    private DoubleNode Blocks(DoubleNode trace) =>
        new(_graph, _graph.Node("Reshape", [trace.Slice(0, _blocks * _size).Name, _graph.Integers(0, _blocks, _size)]));

    private DoubleNode ReduceSum(DoubleNode values) =>
        new(_graph, _graph.Node("ReduceSum", [values.Name, _graph.Integers(2)], ("keepdims", 1L)));

    private DoubleNode Reduce(string operation, DoubleNode values) =>
        new(_graph, _graph.Node(operation, [values.Name], ("axes", new long[] { 2 }), ("keepdims", 1L)));

    private DoubleNode Both(string operation, DoubleNode x, DoubleNode y) => new(_graph, _graph.Node(operation, [x.Name, y.Name]));

    private DoubleNode Row(int count, Func<int, double> value, params ReadOnlySpan<long> shape)
    {
        var values = DoubleNode.Constant(_graph, [.. Enumerable.Range(0, count).Select(value)]);
        return new(_graph, _graph.Node("Reshape", [values.Name, _graph.Integers(shape)]));
    }

    private static string OneOfEach(MaskNode valid) => (valid.Slice(0, 1).ToDouble() * 0 + 1).Name;

    private static (string, OnnxAttributeValue) Axis(long axis) => ("axis", axis);
}
