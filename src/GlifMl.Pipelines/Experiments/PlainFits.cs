using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>What plain methods say of a sweep that a cell fires under: what a reading has to be better than.</summary>
internal static class PlainFits
{
    private const double RidgePenalty = 1;
    private const double AtMs = 10;

    // Of the way to the late mean: a fast cell's is behind it by then, and tells no time constant.
    private const double MostOfTheWay = 0.99;

    // Log of what a GLIF1 shows over what the cell did.
    private const double GlifDeviation = 0.05;
    private const int GridPoints = 13,
        Grids = 4;
    private const double WidestDeviations = 2.5,
        Narrowing = 5;

    private const double ShortestTauMs = 1,
        LongestTauMs = 200,
        TauGrowth = 1.02;
    private const int FewestSamples = 20;

    /// <summary>
    /// An exponential from rest through the potential at 10 ms to the late mean; its threshold is where it is when the first spike comes.
    /// </summary>
    public static LogReading? ExponentialOfFeatures(SweepFeatures sweep)
    {
        if (!(sweep.At10Ms > 0 && sweep.LateMeanMv > 0))
            return null;
        var tau = -AtMs / Math.Log(1 - Math.Min(sweep.At10Ms / sweep.LateMeanMv, MostOfTheWay));
        var r = 1e3 * sweep.LateMeanMv / sweep.StepPa;
        return Reading(r, 1e3 * tau / r, sweep.LateMeanMv * (1 - Math.Exp(-sweep.LatencyMs / tau)));
    }

    /// <summary>
    /// The exponential that comes nearest to a trace between the step's start and 1 ms before the first spike; its threshold is where the
    /// spikes rise at 20 V/s.
    /// </summary>
    public static LogReading? ExponentialOfOnset(FittedSweep sweep)
    {
        var dt = sweep.DtSeconds;
        var first = (int)Math.Round(sweep.StimulusSeconds.From / dt);
        var spike = Array.Find(sweep.SpikeSeconds, seconds => seconds >= sweep.StimulusSeconds.From);
        var end = (int)((spike - 1e-3) / dt);
        if (sweep.Features.Kind != SweepKind.Firing || end - first < FewestSamples)
            return null;
        var (least, best) = (double.PositiveInfinity, (Tau: double.NaN, Steady: double.NaN));
        for (var tau = ShortestTauMs; tau < LongestTauMs; tau *= TauGrowth)
        {
            var (kept, left) = (Math.Exp(-1e3 * dt / tau), 1.0);
            double xx = 0,
                xv = 0;
            for (var n = first; n < end; n++, left *= kept)
            {
                var v = sweep.VoltageMv[n];
                if (!float.IsFinite(v))
                    continue;
                (xx, xv) = (xx + ((1 - left) * (1 - left)), xv + ((1 - left) * v));
            }
            // Less the voltages' own square, which all time constants share.
            if (-xv * xv / xx < least)
                (least, best) = (-xv * xv / xx, (tau, xv / xx));
        }
        var r = 1e3 * best.Steady / sweep.Features.StepPa;
        return Reading(r, 1e3 * best.Tau / r, sweep.Features.ThresholdMv);
    }

    /// <summary>
    /// The onset of a trace as a membrane with a dendrite, a leak that falls and a pipette shows it, with what is likely of these; its
    /// threshold is that of the spikes over what real cells' are larger by.
    /// </summary>
    public static LogReading? MembraneOfOnset(SweepFeatures sweep)
    {
        const double SpikesOverPublished = 1.22;
        return Reading(sweep.Onset.ResistanceMegaohms, sweep.Onset.CapacitancePicofarads, sweep.ThresholdMv / SpikesOverPublished);
    }

    /// <summary>
    /// The GLIF1 whose potential at 10 ms, mean, latency and interval come nearest to a sweep's, with the population as its prior: what
    /// output error says where a GLIF1 is taken for the cell.
    /// </summary>
    public static LogReading? NearestGlif1(SweepFeatures sweep)
    {
        double[] centre = [.. CellRatio.PopulationMean],
            best = [.. centre];
        double[] reach = [.. CellRatio.PopulationDeviations.Select(sd => WidestDeviations * sd)];
        var (least, log) = (double.PositiveInfinity, new double[3]);
        for (var grid = 0; grid < Grids; grid++)
        {
            for (var k = 0; k < GridPoints * GridPoints * GridPoints; k++)
            {
                for (var (p, left) = (0, k); p < log.Length; p++, left /= GridPoints)
                    log[p] = centre[p] + (reach[p] * ((2.0 * (left % GridPoints) / (GridPoints - 1)) - 1));
                var cost = GlifCost(sweep, log);
                if (cost < least)
                    (least, best) = (cost, [.. log]);
            }
            centre = [.. best];
            reach = Array.ConvertAll(reach, width => width / Narrowing);
        }
        return double.IsFinite(least) ? new LogReading(best, null, null) : null;
    }

    /// <summary>Linear in the logarithms of a sweep's features, fitted to all cells but the one that is read.</summary>
    public static Func<RealCell, SweepFeatures, LogReading> Ridge(RealCells real)
    {
        static double[] Inputs(SweepFeatures sweep) =>
            [.. CellVector.Of(sweep, null, null, hasTrace: false)[..8].Select(v => (double)v), 1];
        var rows = real
            .Cells.SelectMany(cell => cell.Firing.Select(sweep => (Cell: cell, X: Inputs(sweep), Weight: 1.0 / cell.Firing.Count)))
            .Where(row => row.X.All(double.IsFinite))
            .ToArray();
        var fitted = real.Cells.ToDictionary(cell => cell, Coefficients);
        return (cell, sweep) =>
        {
            var x = Inputs(sweep);
            return new LogReading(Array.ConvertAll(fitted[cell], c => c.Zip(x, (a, b) => a * b).Sum()), null, null);
        };

        double[][] Coefficients(RealCell cell)
        {
            var others = rows.Where(row => !ReferenceEquals(row.Cell, cell)).ToArray();
            var size = others[0].X.Length;
            var coefficients = new double[3][];
            for (var k = 0; k < 3; k++)
            {
                var (matrix, right, solution) = (new double[size, size], new double[size], new double[size]);
                for (var i = 0; i < size - 1; i++)
                    matrix[i, i] = RidgePenalty;
                matrix[size - 1, size - 1] = 1e-9;
                foreach (var (other, x, weight) in others)
                {
                    for (var i = 0; i < size; i++)
                    {
                        right[i] += weight * x[i] * other.Log[k];
                        for (var j = 0; j < size; j++)
                            matrix[i, j] += weight * x[i] * x[j];
                    }
                }
                SmallMatrix.Solve(matrix, right, solution);
                coefficients[k] = solution;
            }
            return coefficients;
        }
    }

    // Half the sum of squares, the prior's included; infinite where the GLIF1 does not fire.
    private static double GlifCost(SweepFeatures sweep, double[] log)
    {
        var (r, c, th) = (Math.Exp(log[0]), Math.Exp(log[1]), Math.Exp(log[2]));
        var (steady, tau) = (1e-3 * r * sweep.StepPa, 1e-3 * r * c);
        if (steady <= th)
            return double.PositiveInfinity;
        // From rest, and from the reset to rest, to the threshold.
        var rise = -tau * Math.Log(1 - (th / steady));
        var cost = Square(sweep.LatencyMs / rise);
        cost += Square(sweep.StepMs / sweep.SpikeCount / (rise + (1e3 * CellNeuron.UsualSpikeCutSeconds)));
        cost += Square(sweep.LateMeanMv / (steady - (tau * th / rise)));
        cost += Square(sweep.At10Ms / (steady * (1 - Math.Exp(-Math.Min(AtMs, rise) / tau))));
        for (var p = 0; p < log.Length; p++)
        {
            for (var q = 0; q < log.Length; q++)
                cost +=
                    (log[p] - CellRatio.PopulationMean[p])
                    * CellRatio.PopulationPrecision[p, q]
                    * (log[q] - CellRatio.PopulationMean[q])
                    / 2;
        }
        return cost;

        // What is not told costs nothing.
        static double Square(double ratio) => ratio > 0 ? Math.Pow(Math.Log(ratio) / GlifDeviation, 2) / 2 : 0;
    }

    private static LogReading? Reading(double megaohms, double picofarads, double thresholdMv) =>
        megaohms > 0 && picofarads > 0 && thresholdMv > 0
            ? new LogReading([Math.Log(megaohms), Math.Log(picofarads), Math.Log(thresholdMv)], null, null)
            : null;
}
