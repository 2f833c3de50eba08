using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GlifMl.Pipelines;

/// <summary>Gathers true and predicted parameters, trace by trace, and the floor that the inputs allow.</summary>
/// <remarks>
/// The floor is the error of the conditional mean of the labels given the model's input, estimated from the split itself:
/// traces whose inputs are equal to the bit form a group, and no function of the input can do better on the group than its mean.
/// A parameter that touches nothing in the traces has its chance as floor, whether inputs are equal or not. Where no two inputs are equal,
/// th_inf has the floor of <see cref="ThresholdFloor"/>, and of the others none is known.
/// </remarks>
internal sealed class MetricsAccumulator
{
    private readonly GlifParameter[] _parameters;
    private readonly string[] _inert;
    private readonly List<double[]> _truth = [];
    private readonly List<double[]> _predicted = [];
    private readonly List<InputKey> _inputs = [];
    private readonly List<double> _openThresholds = [];

    /// <param name="targets">Allen keys of the parameters, in the order of the rows.</param>
    /// <param name="inert">Those of them that no trace depends on, such as the published study's dt. Default null: none.</param>
    public MetricsAccumulator(IEnumerable<string> targets, IEnumerable<string>? inert = null)
    {
        _parameters = targets.Select(GlifParameter.Of).ToArray();
        _inert = [.. _parameters.Select(p => p.Key).Intersect(inert ?? [])];
    }

    /// <summary>Traces added so far.</summary>
    internal int Rows => _truth.Count;

    /// <summary>Adds one trace.</summary>
    /// <param name="truth">True parameters, SI units.</param>
    /// <param name="predicted">Predicted parameters, SI units.</param>
    /// <param name="input">The model's input, all channels.</param>
    /// <param name="openThreshold">The variance of th_inf that the trace leaves to anyone, V squared. Default null: not known.</param>
    /// <exception cref="InvalidDataException">A prediction is not a finite number.</exception>
    public void Add(ReadOnlySpan<double> truth, ReadOnlySpan<float> predicted, InputKey input, double? openThreshold = null)
    {
        var (t, p) = (new double[_parameters.Length], new double[_parameters.Length]);
        for (var k = 0; k < _parameters.Length; k++)
        {
            if (!float.IsFinite(predicted[k]))
                throw new InvalidDataException(
                    Invariant.Text(
                        $"found prediction {predicted[k]} for {_parameters[k].Key} of trace {_truth.Count}; expected a finite number"
                    )
                );
            (t[k], p[k]) = (truth[k] * _parameters[k].StudyScale, predicted[k] * _parameters[k].StudyScale);
        }

        _truth.Add(t);
        _predicted.Add(p);
        _inputs.Add(input);
        if (openThreshold is { } variance)
            _openThresholds.Add(variance);
    }

    /// <summary>The metrics of what was added.</summary>
    /// <exception cref="InvalidDataException">Nothing was added.</exception>
    public SplitMetrics Compute()
    {
        if (_truth.Count == 0)
            throw new InvalidDataException("found no traces in the split; expected at least one to evaluate on");

        var groups = Enumerable.Range(0, _truth.Count).GroupBy(i => _inputs[i]).Select(g => g.ToArray()).ToArray();
        var all = new[] { Enumerable.Range(0, _truth.Count).ToArray() };
        var byParameter = new Dictionary<string, ParameterMetrics>();
        for (var k = 0; k < _parameters.Length; k++)
        {
            var mse = Enumerable.Range(0, _truth.Count).Average(i => Square(_truth[i][k] - _predicted[i][k]));
            var chance = VarianceWithin(all, k);
            var floor = _inert.Contains(_parameters[k].Key) ? chance : Floor(groups, k);
            byParameter.Add(
                _parameters[k].Key,
                new ParameterMetrics(chance > 0 ? 1 - (mse / chance) : null, mse, chance, floor, _parameters[k].Unit)
            );
        }

        var (score, best, worst) = (
            byParameter.Values.Average(p => p.MseScaled),
            byParameter.Values.Any(p => p.Floor is null) ? null : byParameter.Values.Average(p => p.Floor),
            byParameter.Values.Average(p => p.Chance)
        );
        var note =
            groups.Length == _truth.Count
                ? "no two inputs are equal, so that none is known"
                    + (
                        byParameter.GetValueOrDefault(GlifParameter.Threshold)?.Floor is null || _inert.Contains(GlifParameter.Threshold)
                            ? ""
                            : " but that of th_inf, which lies between the largest voltage of a trace that is no spike and the "
                                + "smallest that is: the variance of what the design has there (recording noise can only raise it)"
                    )
                : $"{groups.Length} distinct inputs among {_truth.Count} traces: "
                    + "the conditional mean over identical inputs, taken within this split, scores this";
        if (_inert.Length > 0)
            note += $"; {string.Join(" and ", _inert)} touches nothing in these traces, so that its floor is its chance";
        return new SplitMetrics(
            _truth.Count,
            groups.Length,
            score,
            worst,
            best,
            note,
            SplitMetrics.LeftOf(score, worst, best),
            byParameter
        );
    }

    private double? Floor(int[][] groups, int parameter) =>
        groups.Length < _truth.Count ? VarianceWithin(groups, parameter)
        : _parameters[parameter].Key == GlifParameter.Threshold && _openThresholds.Count == _truth.Count
            ? _openThresholds.Average() * Square(_parameters[parameter].StudyScale)
        : null;

    private double VarianceWithin(int[][] groups, int parameter)
    {
        var sum = 0.0;
        foreach (var group in groups)
        {
            if (group.Length == 1)
                continue;
            var mean = group.Average(i => _truth[i][parameter]);
            sum += group.Sum(i => Square(_truth[i][parameter] - mean));
        }

        return sum / _truth.Count;
    }

    private static double Square(double x) => x * x;
}

/// <summary>
/// Tells model inputs apart: two traces have one key if, and but for a collision of SHA-256's first 128
/// bits only if, they are equal to the bit.
/// </summary>
/// <param name="Value">The first 128 bits of the SHA-256 over all channels.</param>
internal readonly record struct InputKey(UInt128 Value)
{
    /// <summary>The key of an input.</summary>
    /// <param name="channels">Its channels, one after the other.</param>
    public static InputKey Of(params ReadOnlySpan<ReadOnlyMemory<float>> channels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var channel in channels)
            hash.AppendData(MemoryMarshal.AsBytes(channel.Span));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new InputKey(MemoryMarshal.Read<UInt128>(digest));
    }
}
