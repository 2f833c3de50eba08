using System.Collections.Frozen;

namespace GlifMl.Simulation;

/// <summary>One of the six method choices of an Allen neuron_config: a name and its parameters.</summary>
public sealed class NeuronMethod
{
    private static readonly FrozenDictionary<string, double> NoScalars = FrozenDictionary<string, double>.Empty;
    private static readonly FrozenDictionary<string, double[]> NoVectors = FrozenDictionary<string, double[]>.Empty;

    /// <summary>Creates a method.</summary>
    /// <param name="name">The name in the Allen schema, for example <c>linear_forward_euler</c>.</param>
    /// <param name="scalars">Parameters that are one number each, for example <c>a_spike</c> in V. Default: none.</param>
    /// <param name="vectors">Parameters that are one number an afterspike current, for example <c>r</c>. Default: none.</param>
    public NeuronMethod(
        string name,
        IReadOnlyDictionary<string, double>? scalars = null,
        IReadOnlyDictionary<string, double[]>? vectors = null
    )
    {
        Name = name;
        Scalars = scalars ?? NoScalars;
        Vectors = vectors ?? NoVectors;
    }

    /// <summary>The method's name in the Allen schema.</summary>
    public string Name { get; }

    /// <summary>The parameters that are one number each, by Allen name, in SI units.</summary>
    public IReadOnlyDictionary<string, double> Scalars { get; }

    /// <summary>The parameters that are one number an afterspike current, by Allen name.</summary>
    public IReadOnlyDictionary<string, double[]> Vectors { get; }
}
