using System.Runtime.Serialization;
using GlifMl.Simulation;

namespace GlifMl.Estimators;

/// <summary>How each target becomes a label: a factor, <c>standardise</c> or <c>log</c>. A target that is not named keeps its SI value.</summary>
public sealed record ScaleTargetsOptions
{
    /// <summary>Capacitance, F. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.Capacitance)]
    public TargetScale C { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Resting potential, V. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.RestingPotential)]
    public TargetScale El { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Input resistance, ohm. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.InputResistance)]
    public TargetScale RInput { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Sampling interval, s. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.TimeStep)]
    public TargetScale Dt { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>Threshold before its coefficient, V. Default factor 1.</summary>
    [DataMember(Name = GlifParameter.Threshold)]
    public TargetScale ThInf { get; init; } = new(TargetScaleKind.Fixed);

    /// <summary>The scale of a target by its Allen key.</summary>
    /// <exception cref="ArgumentException">No target has this key.</exception>
    public TargetScale Of(string target) =>
        target switch
        {
            GlifParameter.Capacitance => C,
            GlifParameter.RestingPotential => El,
            GlifParameter.InputResistance => RInput,
            GlifParameter.TimeStep => Dt,
            GlifParameter.Threshold => ThInf,
            _ => throw GlifParameter.Unknown(target),
        };
}
