using System.ComponentModel.DataAnnotations;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>How a trace is simulated and which of its samples are kept.</summary>
public sealed record TraceDefinition : IValidatableObject
{
    private const double StudySamplingRateHz = 200_000;

    /// <summary>
    /// Samples kept of each trace. Default 50,000; at least 1. Where a trace holds readings, it has as many numbers as there are.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int Samples
    {
        get => Holds == TraceContents.Readings ? CellVector.Length : field;
        init;
    } = 50_000;

    /// <summary>
    /// Steps simulated for each trace, at least <see cref="Samples"/>. Default: as many as samples; where spike cuts are dropped 4 % more,
    /// the study's 52,000 for 50,000.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int Simulate
    {
        get =>
            field > 0 ? field
            : SpikeCuts == SpikeCuts.Drop ? (int)Math.Min(int.MaxValue, Samples * 26L / 25)
            : Samples;
        init;
    }

    /// <summary>
    /// Sampling rate in hertz where <see cref="Dt"/> is the sampling interval; default 200,000, above 0. Null where dt is live.
    /// </summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double? SamplingRateHz
    {
        get => field ?? (Dt == DtMeaning.SamplingInterval ? StudySamplingRateHz : null);
        init;
    }

    /// <summary>What becomes of the samples inside spike cuts. Default: dropped.</summary>
    public SpikeCuts SpikeCuts { get; init; }

    /// <summary>Millivolts that stand inside spike cuts; used only where <see cref="SpikeCuts"/> fills. Default 0.</summary>
    public double FillMv { get; init; }

    /// <summary>What the parameter dt does. Default: inert, as in the study.</summary>
    public DtMeaning Dt { get; init; }

    /// <summary>What the neuron's spike cut length holds fixed. Default: the number of steps.</summary>
    public SpikeCutUnit SpikeCut { get; init; }

    /// <summary>Whether the stimulus, in picoamperes, is recorded beside the voltage. Default false.</summary>
    public bool Stimulus { get; init; }

    /// <summary>
    /// Recording noise on every trace of every split, as a recording has it. Default null: none. The step
    /// <c>noise</c> adds it to training traces alone.
    /// </summary>
    public RecordingNoise? Noise { get; init; }

    /// <summary>What the numbers of a trace are. Default null: samples. Readings need <c>dataset.membrane</c>.</summary>
    public TraceContents? Holds
    {
        get;
        init => field = value == TraceContents.Samples ? null : value;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Simulate < Samples)
            yield return new($"expected at least dataset.trace.samples, {Samples}", [nameof(Simulate)]);
        if (Dt == DtMeaning.Live && SamplingRateHz is not null)
            yield return new("expected no sampling rate, because dt is live and gives it", [nameof(SamplingRateHz)]);
        if (!double.IsFinite(FillMv))
            yield return new("expected a finite number", [nameof(FillMv)]);
    }
}

/// <summary>What the parameter dt does.</summary>
public enum DtMeaning
{
    /// <summary>
    /// The sampling interval is the integration step; the label dt is inert and cannot be learnt. The case study did this.
    /// </summary>
    SamplingInterval,

    /// <summary>The label dt is both the integration step and the sampling interval.</summary>
    Live,
}

/// <summary>What the neuron config's <c>spike_cut_length</c> holds fixed when dt varies.</summary>
public enum SpikeCutUnit
{
    /// <summary>The number of steps, as in Allen configs: the refractory time shrinks and grows with dt.</summary>
    Steps,

    /// <summary>The physical duration in the neuron config, <c>spike_cut_length</c> times its own dt.</summary>
    Time,
}

/// <summary>What becomes of the samples inside a spike cut, where a GLIF has no membrane potential.</summary>
public enum SpikeCuts
{
    /// <summary>They are left out, and later samples move up.</summary>
    Drop,

    /// <summary>They stay, as NaN.</summary>
    Keep,

    /// <summary>They become <see cref="TraceDefinition.FillMv"/>.</summary>
    Fill,
}
