using System.Numerics.Tensors;
using GlifMl.Onnx;

namespace GlifMl.Torch;

/// <summary>How much of a mixture lies between the ends of each label, the mean of what does, and how raw numbers move both.</summary>
/// <remarks>
/// Of a Gaussian with mean m and deviation s, with a and b its ends in deviations from m, the mass between is Z = Phi(b) - Phi(a), and the
/// integral of the label over it m Z + s (phi(a) - phi(b)) (Johnson, Kotz &amp; Balakrishnan 1994, section 13.10.1).
/// </remarks>
internal readonly ref struct MixtureWithin
{
    // A mixture that has less between the ends is taken as a whole: its likelihood brings it back, and its tail is no number to divide by.
    private const double LeastWithin = 0.01;

    private readonly MixtureHead _head;
    private readonly ReadOnlySpan<float> _raw;
    private readonly MixtureRow _own;
    private readonly ReadOnlySpan<double> _weights;

    // Of each component and label: m, s and Z, and how much phi(x), x phi(x) and x^2 phi(x) are larger at a than at b.
    private readonly Span<double> _means,
        _deviations,
        _masses,
        _falls,
        _firsts,
        _seconds;

    // Of each label: the mixture's mass, and the label's integral over it.
    private readonly Span<double> _within,
        _integrals;

    // [targets, targets]: the inverse M of I + B, and W = diag(exp(-a)) M, which takes the components' coordinates to labels.
    private readonly Span<double> _inverse,
        _map;

    private readonly int _least;

    /// <summary>Computes it.</summary>
    /// <param name="head">How raw numbers are read.</param>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="own">What they say of the components.</param>
    /// <param name="weights">The components' weights.</param>
    /// <param name="memory">Room for <see cref="Size"/> numbers.</param>
    public MixtureWithin(MixtureHead head, ReadOnlySpan<float> raw, MixtureRow own, ReadOnlySpan<double> weights, Span<double> memory)
    {
        _head = head;
        _raw = raw;
        _own = own;
        _weights = weights;
        var (components, targets) = (head.Shape.Components, head.Shape.Targets);
        var size = components * targets;
        _means = memory[..size];
        _deviations = memory.Slice(size, size);
        _masses = memory.Slice(2 * size, size);
        _falls = memory.Slice(3 * size, size);
        _firsts = memory.Slice(4 * size, size);
        _seconds = memory.Slice(5 * size, size);
        _within = memory.Slice(6 * size, targets);
        _integrals = memory.Slice((6 * size) + targets, targets);
        _inverse = memory.Slice((6 * size) + (2 * targets), targets * targets);
        _map = memory.Slice((6 * size) + (2 * targets) + (targets * targets), targets * targets);
        memory.Clear();
        _masses.Fill(1);
        head.Invert(raw, _inverse);
        for (var i = 0; i < targets; i++)
            TensorPrimitives.Multiply(Row(_inverse, i), Math.Exp(-head.Precision(raw, i).Value), Row(_map, i));
        for (var row = 0; row < size; row++)
            CutOff(row);

        _least = -1;
        var least = 1.0;
        for (var i = 0; i < targets; i++)
        {
            for (var k = 0; k < components; k++)
                _within[i] += weights[k] * _masses[(k * targets) + i];
            if (!IsCut(i))
                Whole(i);
            else if (_within[i] < least)
                (least, _least) = (_within[i], i);
            for (var k = 0; k < components; k++)
                _integrals[i] += weights[k] * Integral((k * targets) + i);
        }

        LogLeast = Math.Log(least);
    }

    /// <summary>The log of the mass between the ends of the label that has the least there; 0 where none is cut off.</summary>
    public double LogLeast { get; }

    /// <summary>Numbers that are remembered.</summary>
    public static int Size(MixtureShape shape) => (6 * shape.MeansSize) + (2 * shape.Targets * (1 + shape.Targets));

    /// <summary>
    /// Adds the derivatives of <see cref="LogLeast"/>, and those of the mean's squared distance from a label, times a weight.
    /// </summary>
    /// <param name="slopes">One a raw number.</param>
    /// <param name="label">The label, in training deviations from the training mean.</param>
    /// <param name="meanWeight">How much the distance counts.</param>
    public void AddSlopes(Span<double> slopes, ReadOnlySpan<double> label, double meanWeight)
    {
        Span<double> ofMap = stackalloc double[_map.Length];
        ofMap.Clear();
        for (var i = 0; i < label.Length; i++)
        {
            // Of the integral and of the mass, whose ratio is the mean.
            var mean = _integrals[i] / _within[i];
            var ofIntegral = 2 * meanWeight * (mean - label[i]) / _within[i];
            var ofMass = (i == _least ? 1 / _within[i] : 0) - (ofIntegral * mean);
            for (var k = 0; k < _weights.Length; k++)
            {
                var row = (k * label.Length) + i;
                var (weight, m, mass, s) = (_weights[k], _means[row], _masses[row], _deviations[row]);
                slopes[k] += weight * ((ofMass * (mass - _within[i])) + (ofIntegral * (Integral(row) - _integrals[i])));
                var (ofMean, ofDeviation) = (weight * ofIntegral, 0.0);
                if (IsCut(i))
                {
                    var (fall, first, second) = (_falls[row], _firsts[row], _seconds[row]);
                    ofMean = weight * ((ofMass * fall / s) + (ofIntegral * (mass + (m * fall / s) + first)));
                    ofDeviation = weight * ((ofMass * first / s) + (ofIntegral * ((m * first / s) + fall + second)));
                }

                slopes[_head.FirstMean + i] += ofMean;
                for (var j = 0; j <= i; j++)
                {
                    // m is that of the one Gaussian and W o, and s the length of a row of W exp(-b).
                    var (own, w) = ((k * label.Length) + j, _map[(i * label.Length) + j]);
                    var variance = _own.Variances[own];
                    slopes[_head.FirstOffset + own] += ofMean * w * _own.OffsetSlopes[own];
                    slopes[_head.FirstOwnPrecision + own] -= ofDeviation * w * w * variance / s * _own.PrecisionSlopes[own];
                    ofMap[(i * label.Length) + j] += (ofMean * _own.Offsets[own]) + (ofDeviation * w * variance / s);
                }
            }
        }

        AddMap(slopes, ofMap);
    }

    // W = diag(exp(-a)) M, and dM = -M dB M.
    private void AddMap(Span<double> slopes, Span<double> ofMap)
    {
        var targets = _within.Length;
        for (var i = 0; i < targets; i++)
        {
            var (a, slope) = _head.Precision(_raw, i);
            slopes[_head.FirstPrecision + i] -= TensorPrimitives.Dot<double>(Row(ofMap, i), Row(_map, i)) * slope;
            TensorPrimitives.Multiply(Row(ofMap, i), Math.Exp(-a), Row(ofMap, i));
        }

        for (var i = 1; i < targets; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var sum = 0.0;
                for (var row = i; row < targets; row++)
                    sum += _inverse[(row * targets) + i] * TensorPrimitives.Dot<double>(Row(ofMap, row), Row(_inverse, j));
                slopes[_head.FirstCoupling + (i * (i - 1) / 2) + j] -= sum;
            }
        }
    }

    private void CutOff(int row)
    {
        var targets = _within.Length;
        var (k, i) = (row / targets, row % targets);
        var (mean, variance) = ((double)_raw[_head.FirstMean + i], 0.0);
        for (var j = 0; j <= i; j++)
        {
            var (own, w) = ((k * targets) + j, _map[(i * targets) + j]);
            mean += w * _own.Offsets[own];
            variance += w * w * _own.Variances[own];
        }

        var s = Math.Sqrt(variance);
        (_means[row], _deviations[row]) = (mean, s);
        if (_head.Ends?[i] is not { } ends)
            return;
        var (a, b) = ((ends.Least - mean) / s, (ends.Most - mean) / s);
        var (belowA, atA) = NormalDistribution.RoughCdf(a);
        var (belowB, atB) = NormalDistribution.RoughCdf(b);
        (_masses[row], _falls[row]) = (belowB - belowA, atA - atB);
        (_firsts[row], _seconds[row]) = ((a * atA) - (b * atB), (a * a * atA) - (b * b * atB));
    }

    private void Whole(int label)
    {
        _within[label] = 1;
        for (var row = label; row < _masses.Length; row += _within.Length)
            (_masses[row], _falls[row]) = (1, 0);
    }

    private bool IsCut(int label) => _head.Ends?[label] is not null && _within[label] is >= LeastWithin and not 1;

    private double Integral(int row) => (_means[row] * _masses[row]) + (_deviations[row] * _falls[row]);

    private Span<double> Row(Span<double> square, int row) => square.Slice(row * _within.Length, _within.Length);
}
