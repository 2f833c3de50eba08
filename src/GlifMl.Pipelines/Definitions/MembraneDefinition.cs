using System.ComponentModel.DataAnnotations;
using System.Runtime.Serialization;

namespace GlifMl.Pipelines;

/// <summary>
/// What real membranes and recordings have beyond a GLIF, each ingredient off by default. A number stands for all cells, a range is drawn
/// from for each cell. Conductances are relative to 1 / R_input, voltages and currents to the threshold th_inf and to th_inf / R_input,
/// unless a key names a unit.
/// </summary>
public sealed record MembraneDefinition : IValidatableObject
{
    /// <summary>Share of capacitance and conductance that lies in a dendrite, 0 to 1. Default null: no dendrite.</summary>
    public NumberRange? DendriteShare { get; init; }

    /// <summary>Conductance between soma and dendrite, x 1 / R_input. Needed where there is a dendrite.</summary>
    public NumberRange? DendriteCoupling { get; init; }

    /// <summary>
    /// How the leak falls with voltage: the conductance is (1 - k u / 2 th) / R_input at u above rest. Default null: it does not.
    /// </summary>
    public NumberRange? LeakFall { get; init; }

    /// <summary>Slope of the exponential current that grows near threshold, mV. Default null: none.</summary>
    public NumberRange? SpikeSlopeMv { get; init; }

    /// <summary>Sag: a current that opposes the voltage, late. Default null: none.</summary>
    public DecayingEffect? Sag { get; init; }

    /// <summary>Outward currents that each spike adds, x th_inf / R_input. Default: none.</summary>
    public IReadOnlyList<DecayingEffect> Afterspikes { get; init; } = [];

    /// <summary>Potassium conductance that each spike adds, x 1 / R_input. Default null: none.</summary>
    public DecayingEffect? Potassium { get; init; }

    /// <summary>Reversal potential of that conductance above rest, mV; as a rule negative. Needed where there is one.</summary>
    public NumberRange? PotassiumReversalMv { get; init; }

    /// <summary>Voltage after a spike, x th_inf. Default null: the neuron's own rule.</summary>
    public NumberRange? Reset { get; init; }

    /// <summary>How long a spike lasts, s. Default null: the neuron's spike cut.</summary>
    public NumberRange? SpikeSeconds { get; init; }

    /// <summary>What each spike adds to the threshold, x th_inf. Default null: nothing.</summary>
    public DecayingEffect? ThresholdJump { get; init; }

    /// <summary>The share of the voltage above rest that the threshold takes, in time. Default null: none.</summary>
    public DecayingEffect? ThresholdFollow { get; init; }

    /// <summary>Standard deviation of the threshold from one spike to the next, mV. Default null: none.</summary>
    public NumberRange? JitterMv { get; init; }

    /// <summary>Peak of action potentials above rest, mV. Default null: spikes are cut, as a GLIF's are.</summary>
    public NumberRange? PeakMv { get; init; }

    /// <summary>Resistance of the pipette that the bridge leaves in the voltage, Mohm. Default null: none.</summary>
    public NumberRange? BridgeMohm { get; init; }

    /// <summary>Standard deviation of slow noise, which forgets itself in 50 ms, mV. Default null: none.</summary>
    public NumberRange? SlowNoiseMv { get; init; }

    /// <summary>Cutoff of the amplifier's filter, Hz. Default null: none.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double? FilterHz { get; init; }

    /// <summary>What the labels C, R_input and th_inf of a cell say. Default: what would be published of it.</summary>
    public MembraneLabels Labels { get; init; }

    /// <summary>
    /// By what published labels of real cells differ from those that are made here: factors on C, R_input and th_inf, whose medians and
    /// spreads real cells tell. Default null: by nothing.
    /// </summary>
    public LabelFactors? PublishedFactors { get; init; }

    /// <summary>
    /// What C, R_input and th_inf were ever published, in F, ohm and V above rest: a cell that would be published outside of it is drawn
    /// again. Default null: none is.
    /// </summary>
    public LabelRanges? PublishedRanges { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DendriteShare is { } share && (share.Min < 0 || share.Max >= 1))
            yield return new("expected shares from 0 to below 1", [nameof(DendriteShare)]);
        if ((DendriteShare is null) != (DendriteCoupling is null))
            yield return new("expected dendrite_share and dendrite_coupling together", [nameof(DendriteCoupling)]);
        if ((Potassium is null) != (PotassiumReversalMv is null))
            yield return new("expected potassium and potassium_reversal_mv together", [nameof(PotassiumReversalMv)]);
        if (SpikeSeconds is { Min: <= 0 })
            yield return new("expected more than 0", [nameof(SpikeSeconds)]);
        if (SpikeSlopeMv is { Min: < 0 })
            yield return new("expected at least 0", [nameof(SpikeSlopeMv)]);
        if (JitterMv is { Min: < 0 })
            yield return new("expected at least 0", [nameof(JitterMv)]);
        if (SlowNoiseMv is { Min: < 0 })
            yield return new("expected at least 0", [nameof(SlowNoiseMv)]);
    }
}

/// <summary>Factors on labels, each above 0.</summary>
public sealed record LabelFactors : IValidatableObject
{
    /// <summary>On the capacitance. Default 1.</summary>
    [DataMember(Name = GlifParameter.Capacitance)]
    public NumberRange C { get; init; } = NumberRange.Fixed(1);

    /// <summary>On the input resistance. Default 1.</summary>
    [DataMember(Name = GlifParameter.InputResistance)]
    public NumberRange RInput { get; init; } = NumberRange.Fixed(1);

    /// <summary>On the threshold. Default 1.</summary>
    [DataMember(Name = GlifParameter.Threshold)]
    public NumberRange ThInf { get; init; } = NumberRange.Fixed(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (C.Min <= 0)
            yield return new("expected more than 0", [nameof(C)]);
        if (RInput.Min <= 0)
            yield return new("expected more than 0", [nameof(RInput)]);
        if (ThInf.Min <= 0)
            yield return new("expected more than 0", [nameof(ThInf)]);
    }
}

/// <summary>Ranges that labels lie in; one that is not given has no ends.</summary>
public sealed record LabelRanges
{
    /// <summary>Of the capacitance, F. Default null: any.</summary>
    [DataMember(Name = GlifParameter.Capacitance)]
    public NumberRange? C { get; init; }

    /// <summary>Of the input resistance, ohm. Default null: any.</summary>
    [DataMember(Name = GlifParameter.InputResistance)]
    public NumberRange? RInput { get; init; }

    /// <summary>Of the threshold above rest, V. Default null: any.</summary>
    [DataMember(Name = GlifParameter.Threshold)]
    public NumberRange? ThInf { get; init; }

    /// <summary>Whether a range holds a value; no range holds all.</summary>
    internal static bool Holds(NumberRange? range, double value) => range is null || (value >= range.Min && value <= range.Max);
}

/// <summary>Something that decays, or follows, exponentially.</summary>
public sealed record DecayingEffect : IValidatableObject
{
    /// <summary>How much of it there is.</summary>
    public required NumberRange Amount { get; init; }

    /// <summary>Its time constant, s; above 0.</summary>
    public required NumberRange Seconds { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Seconds.Min <= 0)
            yield return new("expected more than 0", [nameof(Seconds)]);
    }
}

/// <summary>What the labels of a simulated cell say, where it is more than a GLIF.</summary>
public enum MembraneLabels
{
    /// <summary>
    /// The GLIF1 that would be published of the cell: R_input and C by regression on its response to noise at 0.75 rheobase, th_inf the
    /// threshold with which that GLIF1 fires as often as the cell under noise (Teeter et al. 2018, Methods).
    /// </summary>
    Published,

    /// <summary>The simulator's own values, which stand in columns of their own in any case: <c>simulated_C</c> and so on.</summary>
    Simulated,
}

/// <summary>What the numbers of a trace are.</summary>
public enum TraceContents
{
    /// <summary>The samples of one sweep.</summary>
    Samples,

    /// <summary>
    /// What a cell's sweeps tell in numbers: a square that it fires under, a depolarising and a hyperpolarising one below threshold, each
    /// there or not. Only of membranes; such a model is what <c>glifml fit</c> reads recordings with.
    /// </summary>
    Readings,
}
