using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>What became of one cell: its reading, its neuron, and how that neuron does under the cell's currents.</summary>
internal sealed record CellFit
{
    // Of the misfit of real cells, which is 1 on average.
    private const double LargestMisfit = 4;
    private const double NinetyPercent = 1.6449;

    /// <summary>The cell's name.</summary>
    public required string Cell { get; init; }

    /// <summary>The sweeps; null where the cell could not be read.</summary>
    public CellSweeps? Sweeps { get; init; }

    /// <summary>What a published GLIF1 of the cell would have; null where the cell could not be read.</summary>
    public CellReading? Reading { get; init; }

    /// <summary>That neuron under the cell's currents; null where the cell could not be read.</summary>
    public NeuronOnSweeps? Published { get; init; }

    /// <summary>The neuron that reproduces these sweeps; null where nobody asked for it.</summary>
    public Refined? Refined { get; init; }

    /// <summary>Which sweeps would tell more.</summary>
    public IReadOnlyList<SweepNeed> Needs { get; init; } = [];

    /// <summary>Why the answer is to be doubted; nothing: it is not.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>Why there is no answer; null: there is one.</summary>
    public Exception? Failure { get; init; }

    /// <summary>The column <c>status</c>.</summary>
    public string Status =>
        Failure is not null ? "not read"
        : Reasons.Count > 0 ? "outside"
        : "read";

    /// <summary>The column <c>reason</c>.</summary>
    public string Reason => Failure?.Message ?? string.Join("; ", Reasons);

    /// <summary>The sweeps that the network has no say in: noise, ramps and pulses.</summary>
    public IReadOnlyList<FittedSweep> ReadByClosedForm => [.. Sweeps?.Used.Where(sweep => !CellPosterior.Reads(sweep.Features)) ?? []];

    /// <summary>Recorded spikes in the sweeps.</summary>
    public int SpikesRecorded => Sweeps?.Used.Sum(sweep => sweep.SpikeSeconds.Length) ?? 0;

    /// <summary>Fits a cell.</summary>
    /// <exception cref="InvalidDataException">No sweep of it can be used.</exception>
    public static CellFit Of(string cell, CellSweeps sweeps)
    {
        SweepFeatures[] features = [.. sweeps.Used.Select(sweep => sweep.Features)];
        var closed = WithoutHolding(CellReading.Of(features), features);
        var reading = CellPosterior.Correct(closed, features);
        if (reading.Kinds.Count == 0)
            throw new InvalidDataException(
                $"{sweeps.Used[0].File}: found no sweep that tells of R, C or threshold; expected steps, ramps or noise"
            );
        var first = sweeps.Used[0];
        var cut = SweepStatistics.Median(sweeps.Used.Select(sweep => sweep.SpikeCutSeconds ?? double.NaN));
        var neuron = CellNeuron.Config(
            reading,
            first.DtSeconds,
            first.Factor,
            double.IsFinite(cut) ? cut : CellNeuron.UsualSpikeCutSeconds
        );
        return new CellFit
        {
            Cell = cell,
            Sweeps = sweeps,
            Reading = reading,
            Published = NeuronOnSweeps.Of(neuron, sweeps.Used),
            Needs = SweepNeed.Of(reading, features),
            Reasons = [.. Doubts(reading)],
        };
    }

    /// <summary>The ends of the 90 % interval of a parameter, in its unit: MΩ, pF, mV.</summary>
    public (double From, double To) Interval(int parameter)
    {
        var (log, deviation) = (Reading!.Log[parameter], Reading.Deviations[parameter]);
        return (Math.Exp(log - (NinetyPercent * deviation)), Math.Exp(log + (NinetyPercent * deviation)));
    }

    // Rest is where the cell would be without the current that it was held with.
    private static CellReading WithoutHolding(CellReading reading, SweepFeatures[] sweeps) =>
        reading with
        {
            RestMv = SweepStatistics.Median(sweeps.Select(f => f.RestMv - (f.HoldingPa * reading.ResistanceMegaohms / 1e3))),
        };

    private static IEnumerable<string> Doubts(CellReading reading)
    {
        if (reading.Misfit > LargestMisfit)
            yield return Invariant.Text($"its sweeps are {reading.Misfit:F1} times as far from any one cell as those of real cells are");
        var names = new[] { GlifParameter.InputResistance, GlifParameter.Capacitance, GlifParameter.Threshold };
        for (var p = 0; p < names.Length; p++)
        {
            var away = (reading.Log[p] - CellRatio.PopulationMean[p]) / CellRatio.PopulationDeviations[p];
            if (Math.Abs(away) > 3.5)
                yield return Invariant.Text(
                    $"{names[p]} is {Math.Abs(away):F1} sd {(away > 0 ? "above" : "below")} the cells it was made on"
                );
        }
    }
}
