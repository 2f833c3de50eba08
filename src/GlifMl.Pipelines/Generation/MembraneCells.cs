using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>The cells of a definition with <c>dataset.membrane</c>: which parameters and ingredients a configuration has.</summary>
internal sealed class MembraneCells
{
    private const long NextAttempt = 1L << 27;

    // Nothing would be published of a cell that never fires: another is drawn in its place.
    private const int Attempts = 16;

    private int _unpublished;
    private int _outside;

    private readonly MembraneDefinition _membrane;
    private readonly NeuronConfig _neuron;
    private readonly ParameterDesign _design;
    private readonly ulong _seed;
    private readonly double _spikeSeconds;

    public MembraneCells(PipelineDefinition definition, ParameterDesign design)
    {
        _membrane = definition.Dataset.Membrane!;
        _neuron = NeuronConfig.Load(definition.Dataset.Neuron);
        (_design, _seed) = (design, (ulong)definition.Seed);
        _spikeSeconds = _neuron.SpikeCutSteps * _neuron.DtSeconds;
    }

    /// <summary>
    /// How many cells were drawn again so far: those of which nothing would be published, and those whose labels lie outside
    /// <see cref="MembraneDefinition.PublishedRanges"/>.
    /// </summary>
    public (int Unpublished, int Outside) DrawnAgain => (_unpublished, _outside);

    /// <summary>A cell, with the integration step that its neuron was fitted with.</summary>
    /// <param name="configuration">Its number in the design.</param>
    /// <param name="attempt">
    /// 0, or more where nothing would be published of the cell before: another one, from far behind in a design without end.
    /// </param>
    public DrawnCell Of(long configuration, int attempt)
    {
        var again = configuration + (attempt * NextAttempt);
        var random = new SeededRandom(_seed, RandomStreams.MembraneCells, again);
        // A point so many later has the same first coordinate in a Sobol design: it would be the same C over and over.
        var place =
            attempt == 0 || _design.Count is not null
                ? configuration
                : (attempt * NextAttempt) + (long)(random.NextUInt64() % (ulong)NextAttempt);
        var neuron = _neuron.With(_design.Keys, _design.Point(place));
        var th = neuron.EffectiveThresholdVolts - neuron.RestingPotentialVolts;
        // Every draw is made whether its ingredient is there or not, so that adding one does not change the others.
        double? Draw(NumberRange? range)
        {
            var draw = random.NextDouble();
            return range?.At(draw);
        }

        SpikeEffect? DrawEffect(DecayingEffect? effect, double unit) =>
            (Draw(effect?.Amount), Draw(effect?.Seconds)) is ({ } amount, { } seconds) ? new(unit * amount, seconds) : null;

        var none = new SpikeEffect(0, 1);
        var (share, coupling, fall, slope) = (
            Draw(_membrane.DendriteShare),
            Draw(_membrane.DendriteCoupling),
            Draw(_membrane.LeakFall),
            Draw(_membrane.SpikeSlopeMv)
        );
        var (sag, potassium, reversal) = (
            DrawEffect(_membrane.Sag, 1),
            DrawEffect(_membrane.Potassium, 1),
            Draw(_membrane.PotassiumReversalMv)
        );
        var (reset, spike) = (Draw(_membrane.Reset), Draw(_membrane.SpikeSeconds));
        var (jump, follow) = (DrawEffect(_membrane.ThresholdJump, th) ?? none, DrawEffect(_membrane.ThresholdFollow, 1) ?? none);
        var (jitter, peak) = (Draw(_membrane.JitterMv), Draw(_membrane.PeakMv));
        var (bridge, slow) = (Draw(_membrane.BridgeMohm), Draw(_membrane.SlowNoiseMv));
        var jitterSeed = random.NextUInt64();
        SpikeEffect[] afterspikes = [.. _membrane.Afterspikes.Select(effect => DrawEffect(effect, 1)!.Value)];
        var cell = new MembraneCell
        {
            Neuron = neuron,
            DendriteShare = share ?? 0,
            DendriteCoupling = coupling ?? 0,
            LeakFall = fall ?? 0,
            SpikeSlopeVolts = 1e-3 * (slope ?? 0),
            SagShare = sag?.Amount ?? 0,
            SagSeconds = sag?.Seconds ?? 1,
            Afterspikes = afterspikes,
            Potassium = potassium ?? none,
            PotassiumVolts = 1e-3 * (reversal ?? 0),
            ResetShare = reset,
            SpikeSeconds = spike ?? _spikeSeconds,
            ThresholdJump = jump,
            ThresholdFollow = follow.Amount,
            ThresholdFollowSeconds = follow.Seconds,
            JitterVolts = 1e-3 * (jitter ?? 0),
            JitterSeed = jitterSeed,
            PeakVolts = 1e-3 * peak,
        };
        var factors = _membrane.PublishedFactors;
        return new DrawnCell(cell, bridge ?? 0, slow ?? 0)
        {
            PublishedFactors = (Draw(factors?.C) ?? 1, Draw(factors?.RInput) ?? 1, Draw(factors?.ThInf) ?? 1),
        };
    }

    /// <summary>Cells of which something would be published, and what.</summary>
    /// <param name="configurations">[N] their numbers in the design.</param>
    /// <param name="workspace">Memory.</param>
    /// <exception cref="InvalidDataException">Nearly none would be.</exception>
    public (DrawnCell[] Cells, PublishedLabels[] Labels) Published(long[] configurations, MembraneWorkspace workspace)
    {
        var (cells, labels) = (new DrawnCell[configurations.Length], new PublishedLabels[configurations.Length]);
        int[] open = [.. Enumerable.Range(0, configurations.Length)];
        for (var attempt = 0; attempt < Attempts && open.Length > 0; attempt++)
        {
            DrawnCell[] tried = [.. open.Select(n => Of(configurations[n], attempt))];
            var found = PublishedLabels.Of(tried, workspace);
            var again = new List<int>();
            for (var k = 0; k < open.Length; k++)
            {
                var isWithin = found[k] is { } label && IsWithin(label);
                if (isWithin)
                    (cells[open[k]], labels[open[k]]) = (tried[k], found[k]!);
                else
                    again.Add(open[k]);
                if (found[k] is null)
                    Interlocked.Increment(ref _unpublished);
                else if (!isWithin)
                    Interlocked.Increment(ref _outside);
            }
            open = [.. again];
        }
        return open.Length == 0
            ? (cells, labels)
            : throw new InvalidDataException(
                $"dataset.membrane: found {Attempts} cells in a row that never fire, always fire, are no membrane or lie outside "
                    + "published_ranges; expected ranges of cells that could be published"
            );
    }

    private bool IsWithin(PublishedLabels label) =>
        _membrane.PublishedRanges is not { } ranges
        || (
            LabelRanges.Holds(ranges.C, label.CapacitanceFarads)
            && LabelRanges.Holds(ranges.RInput, label.ResistanceOhms)
            && LabelRanges.Holds(ranges.ThInf, label.ThresholdVolts)
        );
}

/// <summary>A cell and what its recording adds of its own.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="BridgeMohm">Resistance of the pipette in the voltage, Mohm.</param>
/// <param name="SlowNoiseMv">Standard deviation of slow noise, mV.</param>
internal sealed record DrawnCell(MembraneCell Cell, double BridgeMohm, double SlowNoiseMv)
{
    /// <summary>Factors on published C, R_input and th_inf.</summary>
    public (double C, double RInput, double ThInf) PublishedFactors { get; init; } = (1, 1, 1);

    private const double SlowNoiseSeconds = 0.05;
    private const int SlowNoisePoints = 50;

    /// <summary>The cell with another integration step.</summary>
    public MembraneCell At(double dt) => Cell with { Neuron = Cell.Neuron.With(GlifParameter.TimeStep, dt) };

    /// <summary>Records a response: pipette, slow noise, filter, then what every recording has.</summary>
    /// <param name="voltageMv">The voltage, mV; it becomes the recorded one.</param>
    /// <param name="currentPa">The current, pA; it becomes the recorded one.</param>
    /// <param name="dt">The sampling interval, s.</param>
    /// <param name="filterHz">Cutoff of the amplifier's filter; null: none.</param>
    /// <param name="noise">White noise and the rest; null: none.</param>
    /// <param name="random">Where the noise comes from.</param>
    public void Record(
        Span<float> voltageMv,
        Span<float> currentPa,
        double dt,
        double? filterHz,
        RecordingNoise? noise,
        SeededRandom random
    )
    {
        // Slow noise changes in straight lines between points a fiftieth of its memory apart.
        var stretch = Math.Max(1, (int)(SlowNoiseSeconds / SlowNoisePoints / dt));
        var kept = Math.Exp(-stretch * dt / SlowNoiseSeconds);
        var (slow, step) = (SlowNoiseMv * random.NextGaussian(), SlowNoiseMv * Math.Sqrt(1 - (kept * kept)));
        for (var first = 0; first < voltageMv.Length; first += stretch)
        {
            var change = SlowNoiseMv > 0 ? ((kept * slow) + (step * random.NextGaussian()) - slow) / stretch : 0;
            var end = Math.Min(voltageMv.Length, first + stretch);
            for (var n = first; n < end; n++)
            {
                // mV = 1e-3 Mohm x pA.
                voltageMv[n] += (float)((1e-3 * BridgeMohm * currentPa[n]) + slow);
                slow += change;
            }
        }
        if (filterHz is { } cutoff && BesselFilter.CanFilter(cutoff, dt) && !voltageMv.Contains(float.NaN))
        {
            var filtered = BesselFilter.Filter(Array.ConvertAll(voltageMv.ToArray(), v => (double)v), cutoff, dt);
            for (var n = 0; n < filtered.Length; n++)
                voltageMv[n] = (float)filtered[n];
        }
        noise?.AddTo(voltageMv, currentPa, random);
    }
}
