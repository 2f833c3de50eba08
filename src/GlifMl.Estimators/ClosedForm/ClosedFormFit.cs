namespace GlifMl.Estimators;

/// <summary>Gathers what the training rows tell and learns the closed form's constants from it.</summary>
internal sealed class ClosedFormFit(LabelScaling scaling, ClosedFormOptions options)
{
    // Enough thresholds to average over in a graph; more would change the mean by less than a thousandth of their range.
    private const int MostThresholds = 256;

    private readonly List<MembraneIdentification> _rows = [];
    private readonly List<float[]> _labels = [];

    public void Add(in MembraneIdentification row, ReadOnlySpan<float> label)
    {
        _rows.Add(row);
        _labels.Add(label.ToArray());
    }

    public ClosedFormEquations Equations()
    {
        var threshold = Array.IndexOf(scaling.Targets, GlifParameter.Threshold);
        var thresholds =
            threshold < 0 ? [] : Spread(_labels.Select(l => (double)scaling.ToTarget(threshold, l[threshold])).Order().ToArray());
        var equations = new ClosedFormEquations(scaling, options.PulseSeconds, thresholds, []);
        equations = equations with { Targets = [.. scaling.Targets.Select((target, k) => Bounds(equations, target, k))] };
        return options.Calibrate
            ? equations with
            {
                Targets = [.. equations.Targets.Select((target, k) => Calibrated(equations, target, k))],
            }
            : equations;
    }

    private TargetConstants Bounds(ClosedFormEquations equations, string target, int k)
    {
        var targets = _labels.ConvertAll(l => (double)scaling.ToTarget(k, l[k]));
        var untold = Enumerable
            .Range(0, _rows.Count)
            .Where(i => !ClosedFormEquations.IsTold(target, _rows[i].IsDetermined))
            .Select(i => _labels[i][k]);
        var coefficient = target is GlifParameter.RestingPotential or GlifParameter.TimeStep
            ? 1
            : Median(Ratios(equations, target, targets));
        return new(target, coefficient, targets.Min(), targets.Max(), untold.DefaultIfEmpty(_labels.Average(l => l[k])).Average(), 1, 0);
    }

    private double[] Ratios(ClosedFormEquations equations, string target, List<double> targets) =>
        Enumerable
            .Range(0, _rows.Count)
            .Where(i => ClosedFormEquations.IsRead(target, _rows[i]))
            .Select(i => targets[i] / equations.Estimate(target, _rows[i]))
            .Where(double.IsFinite)
            .Order()
            .ToArray();

    private TargetConstants Calibrated(ClosedFormEquations equations, TargetConstants target, int k)
    {
        var read = Enumerable.Range(0, _rows.Count).Where(i => ClosedFormEquations.IsRead(target.Target, _rows[i])).ToArray();
        if (read.Length == 0)
            return target;
        var scores = new float[scaling.Targets.Length];
        var x = Array.ConvertAll(
            read,
            i =>
            {
                equations.Score(_rows[i], scores);
                return (double)scores[k];
            }
        );
        var (meanX, meanY) = (x.Average(), read.Average(i => (double)_labels[i][k]));
        var (xx, xy) = (x.Sum(v => (v - meanX) * (v - meanX)), x.Zip(read, (v, i) => (v - meanX) * (_labels[i][k] - meanY)).Sum());
        // An estimate that is the same for all rows leaves its label's mean.
        var slope = xx > MembraneIdentification.LeastVariance * x.Length * meanX * meanX ? xy / xx : 0;
        return target with { Slope = slope, Intercept = meanY - (slope * meanX) };
    }

    // A median, because a ratio's mean is at the mercy of the rows whose estimate is near 0.
    private static double Median(double[] sorted) =>
        sorted.Length == 0 ? 1 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    private static double[] Spread(double[] sorted) =>
        sorted.Length <= MostThresholds
            ? sorted
            : [.. Enumerable.Range(0, MostThresholds).Select(i => sorted[(int)((i + 0.5) * sorted.Length / MostThresholds)])];
}
