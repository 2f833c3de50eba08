using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>What would be published of a simulated cell as its GLIF1, and its rheobase.</summary>
/// <param name="RheobaseAmperes">The weakest square of one second that it fires under, A.</param>
/// <param name="ResistanceOhms">R_input.</param>
/// <param name="CapacitanceFarads">C.</param>
/// <param name="ThresholdVolts">th_inf above rest.</param>
internal sealed record PublishedLabels(double RheobaseAmperes, double ResistanceOhms, double CapacitanceFarads, double ThresholdVolts)
{
    // The bands of the published models' noise are below 100 Hz: ten samples a period are plenty.
    private const double Dt = 1e-4;
    private const double SquareSeconds = 1;
    private const double NoiseSeconds = 2;
    private const double NoiseVariation = 0.2;
    private const double RegressionLevel = 0.75;
    private const int RheobaseHalvings = 7;
    private const double LeastRheobase = 0.25,
        MostRheobase = 2.5;

    // A cell that fires under less has no rest to be recorded from.
    private const double NearlyNothing = 0.02;
    private const int ThresholdHalvings = 10;

    // 10 ms: what precedes and follows a spike is not the membrane's own.
    private const int AroundSpike = 100;

    private static readonly double[] SpikingLevels = [1, 1.25];
    private static readonly int Steps = (int)(SquareSeconds / Dt);
    private static readonly int NoiseSteps = (int)(NoiseSeconds / Dt);

    // Noise 1, as the Allen Cell Types Database injects it, in multiples of its mean.
    private static readonly double[] Noise = MakeNoise();

    /// <summary>
    /// Does to each cell what was done to those that were published (Teeter et al. 2018, Methods): a rheobase from squares; R and C by
    /// regression on the response to noise of 0.75 rheobase; then the threshold with which a GLIF1 of that R and C, which resets to rest,
    /// fires as often as the cell under noise of 1 and 1.25 rheobase.
    /// </summary>
    /// <param name="cells">[N] the cells.</param>
    /// <param name="workspace">Memory.</param>
    /// <returns>
    /// [N] their labels; null for a cell of which nothing would be published: silent, never silent, or not like a membrane.
    /// </returns>
    public static PublishedLabels?[] Of(IReadOnlyList<DrawnCell> cells, MembraneWorkspace workspace)
    {
        MembraneCell[] at = [.. cells.Select(cell => cell.At(Dt) with { PeakVolts = null })];
        var rheobases = Rheobases(at, workspace);
        var membranes = Regressions(at, rheobases, workspace);
        var thresholds = Thresholds(at, rheobases, membranes, workspace);
        return
        [
            .. cells.Select(
                (_, n) =>
                    double.IsFinite(thresholds[n])
                        ? new PublishedLabels(
                            rheobases[n],
                            membranes[n].Resistance * cells[n].PublishedFactors.RInput,
                            membranes[n].Capacitance * cells[n].PublishedFactors.C,
                            thresholds[n] * cells[n].PublishedFactors.ThInf
                        )
                        : null
            ),
        ];
    }

    private static double[] Rheobases(MembraneCell[] cells, MembraneWorkspace workspace)
    {
        var (found, isBelow) = Rheobases(cells, LeastRheobase, MostRheobase, workspace);
        // Some leaks fall so far that less is enough; were the search's end taken for their rheobase, "0.75 rheobase" would make them fire,
        // and the regression would find thirty times their resistance.
        int[] below = [.. Enumerable.Range(0, cells.Length).Where(n => isBelow[n])];
        if (below.Length == 0)
            return found;
        var (again, isStillBelow) = Rheobases([.. below.Select(n => cells[n])], NearlyNothing, LeastRheobase, workspace);
        for (var k = 0; k < below.Length; k++)
            found[below[k]] = isStillBelow[k] ? double.NaN : again[k];
        return found;
    }

    // Halving the ratio of two currents, of which the cell is silent under one and fires under the other; and whether it fired under all.
    private static (double[] Amperes, bool[] IsBelow) Rheobases(
        MembraneCell[] cells,
        double least,
        double most,
        MembraneWorkspace workspace
    )
    {
        double[] unit = [.. cells.Select(cell => cell.Neuron.RheobaseAmperes)];
        var (low, high) = (Array.ConvertAll(unit, u => least * u), Array.ConvertAll(unit, u => most * u));
        var fires = Fires(cells, high, workspace);
        for (var halving = 0; halving < RheobaseHalvings; halving++)
        {
            double[] middle = [.. low.Zip(high, (l, h) => Math.Sqrt(l * h))];
            var spikes = Fires(cells, middle, workspace);
            for (var n = 0; n < cells.Length; n++)
                (spikes[n] ? high : low)[n] = middle[n];
        }
        return (
            [.. high.Select((amperes, n) => fires[n] ? amperes : double.NaN)],
            [.. low.Select((amperes, n) => fires[n] && amperes == least * unit[n])]
        );
    }

    private static bool[] Fires(MembraneCell[] cells, double[] amperes, MembraneWorkspace workspace)
    {
        var requests = cells
            .Select(
                (cell, n) =>
                {
                    var current = workspace.Current(n, Steps);
                    current.AsSpan(0, Steps).Fill(amperes[n]);
                    return new MembraneRequest(cell, current);
                }
            )
            .ToArray();
        return Array.ConvertAll(MembraneBatch.RunMillivolts(requests, Steps, workspace.Voltages(cells.Length, Steps)), s => s.Length > 0);
    }

    private static (double Resistance, double Capacitance)[] Regressions(
        MembraneCell[] cells,
        double[] rheobases,
        MembraneWorkspace workspace
    )
    {
        var voltages = workspace.Voltages(cells.Length, NoiseSteps);
        var requests = Requests(cells, rheobases, RegressionLevel, workspace);
        var spikes = MembraneBatch.RunMillivolts(requests, NoiseSteps, voltages);
        var found = new (double, double)[cells.Length];
        for (var n = 0; n < cells.Length; n++)
            found[n] = Regression(
                voltages.Span.Slice(n * NoiseSteps, NoiseSteps),
                requests[n].StimulusAmperes,
                spikes[n],
                cells[n].Neuron.RestingPotentialVolts
            );
        return found;
    }

    // Least squares of a sample's difference from the next on voltage above rest and current, without the samples in and around spikes.
    // There is no constant: a GLIF's El is the rest of the recording, so that R is the chord's from rest to where the noise holds the cell.
    private static (double Resistance, double Capacitance) Regression(
        ReadOnlySpan<float> millivolts,
        double[] amperes,
        int[] spikes,
        double rest
    )
    {
        double vv = 0,
            vi = 0,
            ii = 0,
            vd = 0,
            di = 0;
        var next = 0;
        for (var n = 0; n + 1 < millivolts.Length; n++)
        {
            while (next < spikes.Length && spikes[next] + AroundSpike < n)
                next++;
            if (next < spikes.Length && spikes[next] - AroundSpike <= n)
                continue;
            var (voltage, current) = ((1e-3 * millivolts[n]) - rest, amperes[n]);
            var difference = 1e-3 * ((double)millivolts[n + 1] - millivolts[n]);
            (vv, vi, ii) = (vv + (voltage * voltage), vi + (voltage * current), ii + (current * current));
            (vd, di) = (vd + (voltage * difference), di + (difference * current));
        }
        var determinant = (vv * ii) - (vi * vi);
        // dV = -dt / RC V + dt / C I.
        var (decay, drive) = (((di * vi) - (vd * ii)) / determinant, ((di * vv) - (vd * vi)) / determinant);
        return (drive / decay, Dt / drive);
    }

    private static double[] Thresholds(
        MembraneCell[] cells,
        double[] rheobases,
        (double Resistance, double Capacitance)[] membranes,
        MembraneWorkspace workspace
    )
    {
        var counts = new int[cells.Length];
        foreach (var level in SpikingLevels)
        {
            var voltages = workspace.Voltages(cells.Length, NoiseSteps);
            var spikes = MembraneBatch.RunMillivolts(Requests(cells, rheobases, level, workspace), NoiseSteps, voltages);
            for (var n = 0; n < cells.Length; n++)
                counts[n] += spikes[n].Length;
        }
        bool[] possible =
        [
            .. cells.Select((_, n) => counts[n] > 0 && membranes[n] is { Resistance: > 1e6 and < 1e11, Capacitance: > 1e-13 and < 1e-8 }),
        ];
        // A threshold of nothing fires all the time; one that the strongest current does not reach, never.
        var low = new double[cells.Length];
        double[] high = [.. cells.Select((_, n) => possible[n] ? 2.5 * rheobases[n] * membranes[n].Resistance : 1)];
        for (var halving = 0; halving < ThresholdHalvings; halving++)
        {
            double[] middle = [.. low.Zip(high, (l, h) => (l + h) / 2)];
            var fired = new int[cells.Length];
            foreach (var level in SpikingLevels)
            {
                var requests = Requests(cells, rheobases, level, workspace)
                    .Select(
                        (request, n) =>
                            new SimulationRequest(Glif1(cells[n], membranes[n], middle[n], possible[n]), request.StimulusAmperes)
                    )
                    .ToArray();
                var records = BatchSimulator.RunMillivolts(
                    requests,
                    NoiseSteps,
                    workspace.Voltages(cells.Length, NoiseSteps),
                    new BatchOptions { MaxDegreeOfParallelism = 1 }
                );
                for (var n = 0; n < cells.Length; n++)
                    fired[n] += records[n].SpikeSteps.Length;
            }
            for (var n = 0; n < cells.Length; n++)
                (fired[n] > counts[n] ? low : high)[n] = middle[n];
        }
        return [.. cells.Select((_, n) => possible[n] ? (low[n] + high[n]) / 2 : double.NaN)];
    }

    private static NeuronConfig Glif1(
        MembraneCell cell,
        (double Resistance, double Capacitance) membrane,
        double threshold,
        bool isPossible
    ) =>
        (
            cell.Neuron with
            {
                RestingPotentialVolts = 0,
                InputResistanceOhms = isPossible ? membrane.Resistance : 1e8,
                CapacitanceFarads = isPossible ? membrane.Capacitance : 1e-10,
                ThresholdInfinityVolts = threshold,
                InitialVoltageVolts = 0,
                InitialThresholdVolts = threshold,
                Coefficients = new NeuronCoefficients { AfterspikeAmplitudes = [] },
                AfterspikeAmplitudesAmperes = [],
                AfterspikeTimeConstantsSeconds = [],
                InitialAfterspikeCurrentsAmperes = [],
                AfterspikeDynamics = new NeuronMethod("none"),
                AfterspikeReset = new NeuronMethod("none"),
                VoltageDynamics = new NeuronMethod("linear_exact"),
                VoltageReset = new NeuronMethod("zero"),
                ThresholdDynamics = new NeuronMethod("inf"),
                ThresholdReset = new NeuronMethod("inf"),
            }
        ).WithSpikeCutDuration(cell.SpikeSeconds!.Value);

    private static MembraneRequest[] Requests(MembraneCell[] cells, double[] rheobases, double level, MembraneWorkspace workspace) =>
        [
            .. cells.Select(
                (cell, n) =>
                {
                    var (current, mean) = (workspace.Current(n, NoiseSteps), double.IsFinite(rheobases[n]) ? level * rheobases[n] : 0);
                    for (var i = 0; i < NoiseSteps; i++)
                        current[i] = mean * Noise[i];
                    return new MembraneRequest(cell, current);
                }
            ),
        ];

    private static double[] MakeNoise()
    {
        var (noise, values) = (new PinkNoise(1), new double[NoiseSteps]);
        noise.Fill(0, Dt, 0, 0, values);
        return Array.ConvertAll(values, value => 1 + (NoiseVariation * value));
    }
}

/// <summary>Memory for a batch of membranes, used again for the next.</summary>
internal sealed class MembraneWorkspace
{
    private readonly List<double[]> _currents = [];
    private float[] _voltages = [];

    /// <summary>[rows, steps]</summary>
    public Memory<float> Voltages(int rows, int steps)
    {
        if (_voltages.Length < (long)rows * steps)
            _voltages = new float[(long)rows * steps];
        return _voltages.AsMemory(0, rows * steps);
    }

    /// <summary>The current of a row, at least so many steps.</summary>
    public double[] Current(int row, int steps)
    {
        while (_currents.Count <= row)
            _currents.Add([]);
        if (_currents[row].Length < steps)
            _currents[row] = new double[steps];
        return _currents[row];
    }
}
