using GlifMl.Simulation;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace GlifMl.Pipelines;

/// <summary>
/// Looks for the GLIF of a level that reproduces a cell's own spikes: from the inferred neuron a coarse grid, then the simplex method of
/// Nelder and Mead (1965), which needs no slopes of something that jumps where a spike comes or goes.
/// </summary>
internal sealed class Refinement
{
    private const int MostFiring = 8,
        MostQuiet = 3;
    private const int Iterations = 300;
    private const int Starts = 3;

    // Of the smoothed trains: near where spikes are, and far from it.
    private static readonly (double Sigma, double Weight)[] Near = [(0.01, 0.5), (0.03, 0.3), (0.1, 0.2)];
    private static readonly (double Sigma, double Weight)[] Reported = [(SpikeTrainComparison.PaperSigmaSeconds, 2)];

    // Trains of other numbers of spikes can explain more by starting and ending together, and are no reproduction.
    private const double AcceptedCount = 0.1;

    // What a spike too many or too few, a spike at the wrong time, a millivolt, and an unlikely neuron weigh.
    private const double CountWeight = 0.5,
        WrongCountWeight = 5,
        TimeWeight = 0.3,
        VoltageWeight = 0.06,
        PriorWeight = 0.002;

    private readonly RefinedForm _form;
    private readonly FittedSweep[] _sweeps;
    private readonly CancellationToken _cancellation;
    private int _tried;

    private Refinement(RefinedForm form, IReadOnlyList<FittedSweep> sweeps, CancellationToken cancellation)
    {
        (_form, _cancellation) = (form, cancellation);
        _sweeps =
        [
            .. Spread([.. sweeps.Where(sweep => sweep.SpikeSeconds.Length > 0)], MostFiring),
            .. Spread([.. sweeps.Where(sweep => sweep.SpikeSeconds.Length == 0)], MostQuiet),
        ];
    }

    /// <summary>Refines a cell's neuron.</summary>
    /// <param name="fit">The cell's fit.</param>
    /// <param name="level">Which GLIF, 1 to 5.</param>
    /// <param name="cancellation">Stops between neurons.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public static Refined Of(CellFit fit, int level, CancellationToken cancellation = default)
    {
        if (level is < 1 or > 5)
            throw new ArgumentOutOfRangeException(nameof(level), $"--level: found {level}; expected 1 to 5");
        var (start, sweeps) = (fit.Published!, fit.Sweeps!.Used);
        var first = new Refinement(new RefinedForm(1, start.Neuron, fit.Reading!.Deviations), sweeps, cancellation);
        var one = first.Search([first.Grid()]);
        if (level == 1)
            return new(1, start, NeuronOnSweeps.Of(first._form.Neuron(one), sweeps), first._tried);
        var search = new Refinement(new RefinedForm(level, start.Neuron, fit.Reading.Deviations), sweeps, cancellation);
        var best = search.Search([search.Grid(one), search.Grid()]);
        return new(level, start, NeuronOnSweeps.Of(search._form.Neuron(best), sweeps), first._tried + search._tried);
    }

    private static IEnumerable<FittedSweep> Spread(FittedSweep[] sweeps, int most) =>
        sweeps.Length <= most ? sweeps : Enumerable.Range(0, most).Select(k => sweeps[(int)((k + 0.5) * sweeps.Length / most)]);

    // Thresholds, resistances, capacitances, and afterspike currents from weak to strong: the best few of all.
    private double[][] Grid(double[]? about = null)
    {
        var tried = new List<(double Loss, double[] X)>();
        foreach (var currents in _form.HasCurrents ? Currents : [(0, 0, 1, 1)])
        {
            foreach (var resistance in new[] { -0.2, 0, 0.2, 0.4 })
            {
                foreach (var capacitance in new[] { -0.25, 0, 0.25 })
                {
                    for (var threshold = -0.6; threshold <= 0.61; threshold += 0.06)
                    {
                        var x = _form.Start();
                        about?.CopyTo(x, 0);
                        (x[0], x[1], x[2]) = (x[0] + resistance, x[1] + capacitance, x[2] + threshold);
                        if (_form.HasCurrents)
                        {
                            var k = 3 + (_form.Resets ? 4 : 0);
                            (x[k], x[k + 1], x[k + 2], x[k + 3]) = (
                                currents.Slow,
                                currents.Fast,
                                Math.Log(currents.SlowSeconds),
                                Math.Log(currents.FastSeconds)
                            );
                        }
                        tried.Add((Loss(x, Near), x));
                    }
                }
            }
        }
        return [.. tried.OrderBy(t => t.Loss).Take(Starts).Select(t => t.X)];
    }

    // Of the rheobase and s.
    private static readonly (double Slow, double Fast, double SlowSeconds, double FastSeconds)[] Currents =
    [
        (-0.02, -0.1, 0.2, 0.02),
        (-0.06, -0.2, 0.15, 0.02),
        (-0.15, 0.1, 0.1, 0.02),
        (-0.04, 0.3, 0.4, 0.01),
    ];

    private double[] Search(IEnumerable<double[][]> grids)
    {
        var best = (Loss: double.PositiveInfinity, X: Array.Empty<double>());
        foreach (var start in grids.SelectMany(starts => starts))
        {
            // From near to far and back: then what is reported, which is too rugged to begin with. A simplex that has shrunk into a ridge
            // gets along again when it is made anew.
            var here = Descend(start, Near);
            here = Descend(here.X, Near);
            here = Descend(here.X, Reported);
            if (here.Loss < best.Loss)
                best = here;
        }
        return best.X;
    }

    private (double Loss, double[] X) Descend(double[] start, (double Sigma, double Weight)[] scales)
    {
        var best = (Loss: double.PositiveInfinity, X: start);
        var objective = ObjectiveFunction.Value(x =>
        {
            var values = x.ToArray();
            var loss = Loss(values, scales);
            if (loss < best.Loss)
                best = (loss, values);
            return loss;
        });
        try
        {
            NelderMeadSimplex.Minimum(
                objective,
                Vector<double>.Build.DenseOfArray(start),
                Vector<double>.Build.DenseOfArray(_form.Steps()),
                convergenceTolerance: 1e-4,
                maximumIterations: Iterations
            );
        }
        catch (MaximumIterationsException)
        {
            // The best so far is as good as it gets in that time.
        }
        return best;
    }

    private double Loss(double[] x, (double Sigma, double Weight)[] scales)
    {
        _cancellation.ThrowIfCancellationRequested();
        _tried++;
        if (Array.Exists(x, value => !(Math.Abs(value) < 20)))
            return 1e3;
        var neuron = _form.Neuron(x);
        var sum = 0.0;
        foreach (var sweep in _sweeps)
        {
            var simulated = SimulatedSweep.Of(neuron, sweep);
            if (simulated.BadReset)
                return 1e2;
            sum += Loss(sweep, simulated, scales);
        }
        return (sum / _sweeps.Length) + (PriorWeight * _form.Distance(x));
    }

    private static double Loss(FittedSweep sweep, SimulatedSweep simulated, (double Sigma, double Weight)[] scales)
    {
        var (recorded, ours) = (sweep.SpikeSeconds, simulated.SpikeSeconds);
        var count = Math.Abs(Math.Log((ours.Length + 0.5) / (recorded.Length + 0.5)));
        var loss = (CountWeight * count) + (WrongCountWeight * Math.Max(0, count - AcceptedCount));
        if (simulated.Compared > 0)
            loss += VoltageWeight * Math.Sqrt(simulated.SquareMv / simulated.Compared);
        if (recorded.Length == 0)
            return loss;
        foreach (var (sigma, weight) in scales)
            loss += weight * (1 - (SpikeTrainComparison.ExplainedVariance(ours, recorded, sweep.DurationSeconds, sigma) ?? 0));
        var interval = (sweep.StimulusSeconds.To - sweep.StimulusSeconds.From) / recorded.Length;
        var off = 0.0;
        for (var k = 0; k < recorded.Length; k++)
            off += k < ours.Length ? Math.Min(1, Math.Abs(ours[k] - recorded[k]) / interval) : 1;
        return loss + (TimeWeight * off / recorded.Length);
    }
}

/// <summary>A neuron that was made to reproduce a cell's sweeps, and what that gained.</summary>
/// <param name="Level">Which GLIF, 1 to 5.</param>
/// <param name="Start">The published-like neuron.</param>
/// <param name="Best">The neuron that reproduces the sweeps best.</param>
/// <param name="Tried">How many neurons were simulated.</param>
internal sealed record Refined(int Level, NeuronOnSweeps Start, NeuronOnSweeps Best, int Tried);
