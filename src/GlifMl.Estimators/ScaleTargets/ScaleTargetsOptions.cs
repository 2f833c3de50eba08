using System.Runtime.Serialization;

namespace GlifMl.Estimators;

/// <summary>How each target becomes a label: a factor, <c>standardise</c> or <c>log</c>. A target that is not named keeps its SI value.</summary>
public sealed record ScaleTargetsOptions
{
    /// <summary>Capacitance, F. Default factor 1.</summary>
    [DataMember(Name = "C")]
    public TargetScale C { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Resting potential, V. Default factor 1.</summary>
    [DataMember(Name = "El")]
    public TargetScale El { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Input resistance, ohm. Default factor 1.</summary>
    [DataMember(Name = "R_input")]
    public TargetScale RInput { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Sampling interval, s. Default factor 1.</summary>
    [DataMember(Name = "dt")]
    public TargetScale Dt { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Threshold before its coefficient, V. Default factor 1.</summary>
    [DataMember(Name = "th_inf")]
    public TargetScale ThInf { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>The scale of a target by its Allen key.</summary>
    /// <exception cref="ArgumentException">No target has this key.</exception>
    public TargetScale Of(string target) =>
        target switch
        {
            "C" => C,
            "El" => El,
            "R_input" => RInput,
            "dt" => Dt,
            "th_inf" => ThInf,
            _ => throw new ArgumentException($"unknown target '{target}'; expected C, El, R_input, dt or th_inf", nameof(target)),
        };
}
