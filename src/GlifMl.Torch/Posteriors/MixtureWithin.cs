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
    private readonly ReadOnlySpan<double> _weights;

    // Of each component and label: s and Z, and how much phi(x), x phi(x) and x^2 phi(x) are larger at a than at b.
    private readonly Span<double> _deviations,
        _masses,
        _falls,
        _firsts,
        _seconds;

    // Of each label: the mixture's mass, and the label's integral over it.
    private readonly Span<double> _within,
        _integrals;

    private readonly Span<double> _inverse;
    private readonly int _least;

    /// <summary>Computes it.</summary>
    /// <param name="head">How raw numbers are read.</param>
    /// <param name="raw">Raw numbers of a row.</param>
    /// <param name="weights">The components' weights.</param>
    /// <param name="memory">Room for <see cref="Size"/> numbers.</param>
    public MixtureWithin(MixtureHead head, ReadOnlySpan<float> raw, ReadOnlySpan<double> weights, Span<double> memory)
    {
        _head = head;
        _raw = raw;
        _weights = weights;
        var (components, targets) = (head.Shape.Components, head.Shape.Targets);
        var size = components * targets;
        _deviations = memory[..size];
        _masses = memory.Slice(size, size);
        _falls = memory.Slice(2 * size, size);
        _firsts = memory.Slice(3 * size, size);
        _seconds = memory.Slice(4 * size, size);
        _within = memory.Slice(5 * size, targets);
        _integrals = memory.Slice((5 * size) + targets, targets);
        _inverse = memory[((5 * size) + (2 * targets))..];
        memory.Clear();
        _masses.Fill(1);
        for (var k = 0; head.Ends is not null && k < components; k++)
            CutOff(k);

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
    public static int Size(MixtureShape shape) =>
        (5 * shape.Components * shape.Targets) + (2 * shape.Targets) + (shape.Components * shape.Targets * shape.Targets);

    /// <summary>
    /// Adds the derivatives of <see cref="LogLeast"/>, and those of the mean's squared distance from a label, times a weight.
    /// </summary>
    /// <param name="slopes">One a raw number.</param>
    /// <param name="label">The label, in training deviations from the training mean.</param>
    /// <param name="meanWeight">How much the distance counts.</param>
    public void AddSlopes(Span<double> slopes, ReadOnlySpan<double> label, double meanWeight)
    {
        for (var i = 0; i < label.Length; i++)
        {
            // Of the integral and of the mass, whose ratio is the mean.
            var mean = _integrals[i] / _within[i];
            var ofIntegral = 2 * meanWeight * (mean - label[i]) / _within[i];
            var ofMass = (i == _least ? 1 / _within[i] : 0) - (ofIntegral * mean);
            for (var k = 0; k < _weights.Length; k++)
            {
                var row = (k * label.Length) + i;
                var (weight, m, mass, s) = (_weights[k], _head.Mean(_raw, row), _masses[row], _deviations[row]);
                slopes[k] += weight * ((ofMass * (mass - _within[i])) + (ofIntegral * (Integral(row) - _integrals[i])));
                if (!IsCut(i))
                {
                    slopes[_head.FirstMean + row] += weight * ofIntegral;
                    continue;
                }

                var (fall, first, second) = (_falls[row], _firsts[row], _seconds[row]);
                slopes[_head.FirstMean + row] += weight * ((ofMass * fall / s) + (ofIntegral * (mass + (m * fall / s) + first)));
                var ofDeviation = weight * ((ofMass * first / s) + (ofIntegral * ((m * first / s) + fall + second)));
                slopes[_head.FirstPrecision + row] -= ofDeviation * s * _head.LogPrecision(_raw, row).Slope;
                AddCouplings(slopes, k, i, ofDeviation * s);
            }
        }
    }

    // s is exp(-a) times the length of a row of the inverse M of I + B, and dM = -M dB M.
    private void AddCouplings(Span<double> slopes, int component, int label, double slope)
    {
        var inverse = Inverse(component);
        var own = Row(inverse, label);
        var square = TensorPrimitives.SumOfSquares<double>(own);
        for (var i = 1; i <= label; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var coupling = (component * _head.Couplings) + (i * (i - 1) / 2) + j;
                slopes[_head.FirstCoupling + coupling] -= slope / square * own[i] * TensorPrimitives.Dot<double>(own, Row(inverse, j));
            }
        }
    }

    private void CutOff(int component)
    {
        var targets = _within.Length;
        var inverse = Inverse(component);
        _head.Invert(_raw, component, inverse);
        for (var i = 0; i < targets; i++)
        {
            if (_head.Ends![i] is not { } ends)
                continue;
            var row = (component * targets) + i;
            var s = TensorPrimitives.Norm<double>(Row(inverse, i)) * Math.Exp(-_head.LogPrecision(_raw, row).Value);
            var m = _head.Mean(_raw, row);
            var (a, b) = ((ends.Least - m) / s, (ends.Most - m) / s);
            var (belowA, atA) = NormalDistribution.RoughCdf(a);
            var (belowB, atB) = NormalDistribution.RoughCdf(b);
            (_deviations[row], _masses[row], _falls[row]) = (s, belowB - belowA, atA - atB);
            (_firsts[row], _seconds[row]) = ((a * atA) - (b * atB), (a * a * atA) - (b * b * atB));
        }
    }

    private void Whole(int label)
    {
        _within[label] = 1;
        for (var row = label; row < _masses.Length; row += _within.Length)
            (_masses[row], _falls[row]) = (1, 0);
    }

    private bool IsCut(int label) => _head.Ends?[label] is not null && _within[label] is >= LeastWithin and not 1;

    private double Integral(int row) => (_head.Mean(_raw, row) * _masses[row]) + (_deviations[row] * _falls[row]);

    private Span<double> Inverse(int component)
    {
        var size = _within.Length * _within.Length;
        return _inverse.Slice(component * size, size);
    }

    private Span<double> Row(Span<double> square, int row) => square.Slice(row * _within.Length, _within.Length);
}
