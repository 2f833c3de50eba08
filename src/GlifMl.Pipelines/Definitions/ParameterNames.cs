using System.Collections.Immutable;

namespace GlifMl.Pipelines;

/// <summary>The five GLIF parameters a dataset varies and a model learns, under their Allen keys and in SI units.</summary>
public static class ParameterNames
{
    /// <summary>Membrane capacitance, farads.</summary>
    public const string Capacitance = "C";

    /// <summary>Resting potential relative to the neuron's reference, volts.</summary>
    public const string RestingPotential = "El";

    /// <summary>Input resistance, ohms.</summary>
    public const string InputResistance = "R_input";

    /// <summary>Time step, seconds; what it touches is <see cref="TraceDefinition.Dt"/>.</summary>
    public const string TimeStep = "dt";

    /// <summary>Threshold above rest, before its fitted coefficient, volts.</summary>
    public const string Threshold = "th_inf";

    /// <summary>All five, in label order.</summary>
    public static ImmutableArray<string> All { get; } = [Capacitance, RestingPotential, InputResistance, TimeStep, Threshold];

    /// <summary>The parameters that only make sense above zero.</summary>
    internal static IReadOnlyList<string> Positive { get; } = [Capacitance, InputResistance, TimeStep];
}
