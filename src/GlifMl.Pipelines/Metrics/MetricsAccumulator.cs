namespace GlifMl.Pipelines;

/// <summary>
/// Sums up true and predicted parameters, trace by trace, and the floor that the inputs allow. It is shown the traces twice, in one order:
/// first their truth, whose means the squares of the second time need. No trace is kept; of inputs that several traces share, sums are.
/// </summary>
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
    private readonly Moments _all;

    // In the order in which they are met, which sums depend on to the last digit.
    private readonly List<Moments> _groups = [];
    private readonly Dictionary<int, Moments> _groupOf = [];
    private readonly double[] _errors;
    private long _alone;
    private double _openThresholds;
    private long _openRows;

    /// <param name="targets">Allen keys of the parameters, in the order of the rows.</param>
    /// <param name="inert">Those of them that no trace depends on, such as the published study's dt. Default null: none.</param>
    public MetricsAccumulator(IEnumerable<string> targets, IEnumerable<string>? inert = null)
    {
        _parameters = targets.Select(GlifParameter.Of).ToArray();
        _inert = [.. _parameters.Select(p => p.Key).Intersect(inert ?? [])];
        (_all, _errors) = (new(_parameters.Length), new double[_parameters.Length]);
    }

    /// <summary>Traces added so far.</summary>
    internal long Rows { get; private set; }

    /// <summary>Different inputs of the traces expected.</summary>
    private long Distinct => _alone + _groups.Count;

    /// <summary>Says, before any is added, that a trace will be.</summary>
    /// <param name="truth">True parameters, SI units.</param>
    /// <param name="group">The group of traces that have its input; null: it alone has.</param>
    public void Expect(ReadOnlySpan<double> truth, int? group)
    {
        _all.Expect(truth, _parameters);
        if (group is not { } number)
        {
            _alone++;
            return;
        }

        if (!_groupOf.TryGetValue(number, out var moments))
        {
            _groupOf.Add(number, moments = new(_parameters.Length));
            _groups.Add(moments);
        }

        moments.Expect(truth, _parameters);
    }

    /// <summary>Adds one trace that was expected.</summary>
    /// <param name="truth">True parameters, SI units.</param>
    /// <param name="group">As it was said.</param>
    /// <param name="predicted">Predicted parameters, SI units.</param>
    /// <param name="openThreshold">The variance of th_inf that the trace leaves to anyone, V squared. Default null: not known.</param>
    /// <exception cref="InvalidDataException">A prediction is not a finite number.</exception>
    public void Add(ReadOnlySpan<double> truth, int? group, ReadOnlySpan<float> predicted, double? openThreshold = null)
    {
        for (var k = 0; k < _parameters.Length; k++)
        {
            if (!float.IsFinite(predicted[k]))
                throw new InvalidDataException(
                    Invariant.Text($"found prediction {predicted[k]} for {_parameters[k].Key} of trace {Rows}; expected a finite number")
                );
            _errors[k] += Square((truth[k] * _parameters[k].StudyScale) - (predicted[k] * _parameters[k].StudyScale));
        }

        Rows++;
        _all.Add(truth, _parameters);
        if (group is { } number)
            _groupOf[number].Add(truth, _parameters);
        if (openThreshold is { } variance)
        {
            _openThresholds += variance;
            _openRows++;
        }
    }

    /// <summary>The metrics of what was added.</summary>
    /// <exception cref="InvalidDataException">Nothing was added.</exception>
    public SplitMetrics Compute()
    {
        if (Rows == 0)
            throw new InvalidDataException("found no traces in the split; expected at least one to evaluate on");

        var byParameter = new Dictionary<string, ParameterMetrics>();
        for (var k = 0; k < _parameters.Length; k++)
        {
            var mse = _errors[k] / Rows;
            var chance = _all.Squares[k] / Rows;
            var floor = _inert.Contains(_parameters[k].Key) ? chance : Floor(k);
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
            Distinct == Rows
                ? "no two inputs are equal, so that none is known"
                    + (
                        byParameter.GetValueOrDefault(GlifParameter.Threshold)?.Floor is null || _inert.Contains(GlifParameter.Threshold)
                            ? ""
                            : " but that of th_inf, which lies between the largest voltage of a trace that is no spike and the "
                                + "smallest that is: the variance of what the design has there (recording noise can only raise it)"
                    )
                : $"{Distinct} distinct inputs among {Rows} traces: "
                    + "the conditional mean over identical inputs, taken within this split, scores this";
        if (_inert.Length > 0)
            note += $"; {string.Join(" and ", _inert)} touches nothing in these traces, so that its floor is its chance";
        return new SplitMetrics(Rows, Distinct, score, worst, best, note, SplitMetrics.LeftOf(score, worst, best), byParameter);
    }

    private double? Floor(int parameter) =>
        Distinct < Rows ? _groups.Sum(group => group.Squares[parameter]) / Rows
        : _parameters[parameter].Key == GlifParameter.Threshold && _openRows == Rows
            ? _openThresholds / Rows * Square(_parameters[parameter].StudyScale)
        : null;

    private static double Square(double x) => x * x;

    /// <summary>Sums of some traces' true parameters, in the study's label units, and of their squares about the mean.</summary>
    private sealed class Moments(int parameters)
    {
        private readonly double[] _sums = new double[parameters];
        private long _count;

        /// <summary>Of each parameter, the squared deviations from the mean, summed.</summary>
        public double[] Squares { get; } = new double[parameters];

        public void Expect(ReadOnlySpan<double> truth, GlifParameter[] scaled)
        {
            for (var k = 0; k < scaled.Length; k++)
                _sums[k] += truth[k] * scaled[k].StudyScale;
            _count++;
        }

        public void Add(ReadOnlySpan<double> truth, GlifParameter[] scaled)
        {
            for (var k = 0; k < scaled.Length; k++)
                Squares[k] += Square((truth[k] * scaled[k].StudyScale) - (_sums[k] / _count));
        }
    }
}
