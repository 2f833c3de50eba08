using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GlifMl.Onnx;

/// <summary>
/// The normal equations of a trace's blocks: sums, weighted by samples, of products of drift (a line and half a sine), response to rest and
/// to current, and the voltage. Drift is the same at each rate; the others have eight rates in their lanes.
/// </summary>
internal struct MembraneEquations
{
    private const int Unknowns = 4;
    private double _lineLine,
        _lineSine,
        _sineSine;
    private Vector512<double> _lineRest,
        _lineCurrent,
        _lineLevel,
        _sineRest,
        _sineCurrent,
        _sineLevel,
        _restRest,
        _restCurrent,
        _restLevel,
        _currentCurrent,
        _currentLevel,
        _levelLevel;

    /// <summary>Adds a block.</summary>
    /// <param name="line">The line there.</param>
    /// <param name="sine">Half a sine there.</param>
    /// <param name="toRest">The response to rest, summed over the block's samples.</param>
    /// <param name="toCurrent">The response to current, summed over the block's samples.</param>
    /// <param name="level">The voltage's mean, mV.</param>
    /// <param name="gain">How much of the response to current is added to it.</param>
    /// <param name="restMv">How much of the response to rest is added to it.</param>
    /// <param name="weight">Samples.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(
        double line,
        double sine,
        Vector512<double> toRest,
        Vector512<double> toCurrent,
        double level,
        Vector512<double> gain,
        Vector512<double> restMv,
        double weight
    )
    {
        var (weightedLine, weightedSine) = (weight * line, weight * sine);
        _lineLine += weightedLine * line;
        _lineSine += weightedLine * sine;
        _sineSine += weightedSine * sine;
        var (l, s) = (Vector512.Create(line), Vector512.Create(sine));
        var each = Vector512.Create(1 / weight);
        var (rest, current) = (toRest * each, toCurrent * each);
        var v = Vector512.FusedMultiplyAdd(restMv, rest, Vector512.FusedMultiplyAdd(gain, current, Vector512.Create(level)));
        var weighted = v * Vector512.Create(weight);
        _lineLevel = Vector512.FusedMultiplyAdd(l, weighted, _lineLevel);
        _sineLevel = Vector512.FusedMultiplyAdd(s, weighted, _sineLevel);
        _levelLevel = Vector512.FusedMultiplyAdd(v, weighted, _levelLevel);
        _lineRest = Vector512.FusedMultiplyAdd(l, toRest, _lineRest);
        _lineCurrent = Vector512.FusedMultiplyAdd(l, toCurrent, _lineCurrent);
        _sineRest = Vector512.FusedMultiplyAdd(s, toRest, _sineRest);
        _sineCurrent = Vector512.FusedMultiplyAdd(s, toCurrent, _sineCurrent);
        _restLevel = Vector512.FusedMultiplyAdd(v, toRest, _restLevel);
        _currentLevel = Vector512.FusedMultiplyAdd(v, toCurrent, _currentLevel);
        _restRest = Vector512.FusedMultiplyAdd(rest, toRest, _restRest);
        _restCurrent = Vector512.FusedMultiplyAdd(rest, toCurrent, _restCurrent);
        _currentCurrent = Vector512.FusedMultiplyAdd(current, toCurrent, _currentCurrent);
    }

    /// <summary>Eliminates drift, rest and gain, in this order.</summary>
    /// <param name="found">What has been taken from the voltage: drift is as large as it is with that.</param>
    public readonly MembraneSolution Solve(MembraneTerms found)
    {
        var ridge = MembraneResponse.DriftRidge;
        // The upper triangle, and the voltage behind it.
        Span<Vector512<double>> m =
        [
            Vector512.Create(_lineLine + ridge),
            Vector512.Create(_lineSine),
            _lineRest,
            _lineCurrent,
            _lineLevel - Vector512.Create(ridge * found.Line),
            default,
            Vector512.Create(_sineSine + ridge),
            _sineRest,
            _sineCurrent,
            _sineLevel - Vector512.Create(ridge * found.Sine),
            default,
            default,
            _restRest,
            _restCurrent,
            _restLevel,
            default,
            default,
            default,
            _currentCurrent,
            _currentLevel,
        ];
        Span<Vector512<double>> own = [m[0], m[6], m[12], m[18]];
        Span<Vector512<double>> inverse = stackalloc Vector512<double>[Unknowns];
        var left = _levelLevel + Vector512.Create(ridge * ((found.Line * found.Line) + (found.Sine * found.Sine)));
        for (var i = 0; i < Unknowns; i++)
        {
            var row = m.Slice(i * (Unknowns + 1), Unknowns + 1);
            var stands = Vector512.GreaterThan(row[i], own[i] * MembraneResponse.LeastPivot);
            inverse[i] = Vector512.ConditionalSelect(stands, Vector512<double>.One / row[i], Vector512<double>.Zero);
            for (var r = i + 1; r < Unknowns; r++)
            {
                var factor = row[r] * inverse[i];
                for (var j = r; j <= Unknowns; j++)
                    m[(r * (Unknowns + 1)) + j] -= factor * row[j];
            }

            left -= row[Unknowns] * row[Unknowns] * inverse[i];
        }

        var gain = m[19] * inverse[3];
        var between = m[13] * inverse[2];
        var rest = (m[14] * inverse[2]) - (between * gain);
        var sine = (m[9] - (m[7] * rest) - (m[8] * gain)) * inverse[1];
        return new(
            Vector512.Max(left, Vector512.Create(MembraneResponse.LeastSquares)),
            gain,
            rest,
            (m[4] - (m[1] * sine) - (m[2] * rest) - (m[3] * gain)) * inverse[0],
            sine,
            inverse[3],
            inverse[2] + (between * between * inverse[3])
        );
    }
}

/// <summary>What is left of the voltage at each of eight rates, and what it is made of there.</summary>
/// <param name="Squares">The sum of squares that is left, mV^2.</param>
/// <param name="Gain">mV/pA.</param>
/// <param name="RestMv">mV.</param>
/// <param name="Line">Drift, mV.</param>
/// <param name="Sine">Drift that comes and goes, mV.</param>
/// <param name="GainUnsure">The variance of gain, for noise of variance 1.</param>
/// <param name="RestUnsure">The variance of rest, for noise of variance 1.</param>
internal readonly record struct MembraneSolution(
    Vector512<double> Squares,
    Vector512<double> Gain,
    Vector512<double> RestMv,
    Vector512<double> Line,
    Vector512<double> Sine,
    Vector512<double> GainUnsure,
    Vector512<double> RestUnsure
);

/// <summary>What a voltage is made of, but for the rate.</summary>
/// <param name="Gain">mV/pA.</param>
/// <param name="RestMv">mV.</param>
/// <param name="Line">Drift, mV.</param>
/// <param name="Sine">Drift that comes and goes, mV.</param>
internal readonly record struct MembraneTerms(double Gain, double RestMv, double Line, double Sine);
