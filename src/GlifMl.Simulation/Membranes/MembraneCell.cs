namespace GlifMl.Simulation;

/// <summary>
/// One neuron with what a GLIF leaves out and a real membrane has. Every ingredient is off by default. SI units; voltages are relative to
/// the neuron's resting potential El, conductances and currents to its G = 1 / R_input and G x th, with th the threshold at rest above El.
/// </summary>
internal sealed record MembraneCell
{
    /// <summary>The GLIF beneath, of any level; its dt is the integration step.</summary>
    public required NeuronConfig Neuron { get; init; }

    /// <summary>Share of the capacitance and of the conductance that lies in a dendrite. Default 0: there is none.</summary>
    public double DendriteShare { get; init; }

    /// <summary>Conductance between soma and dendrite, x G.</summary>
    public double DendriteCoupling { get; init; }

    /// <summary>How the leak falls with voltage: the conductance is G (1 - k u / 2 th) at u above rest. Default 0: it does not.</summary>
    public double LeakFall { get; init; }

    /// <summary>Slope of the exponential spike current, V. Default 0: there is none.</summary>
    public double SpikeSlopeVolts { get; init; }

    /// <summary>Conductance of the sag current, x G. Default 0: there is none.</summary>
    public double SagShare { get; init; }

    /// <summary>Time constant of the sag current, s.</summary>
    public double SagSeconds { get; init; } = 1;

    /// <summary>Outward currents that each spike adds to, x G th, beside the GLIF's own. Default: none.</summary>
    public IReadOnlyList<SpikeEffect> Afterspikes { get; init; } = [];

    /// <summary>Potassium conductance that each spike adds, x G. Default: none.</summary>
    public SpikeEffect Potassium { get; init; } = new(0, 1);

    /// <summary>Reversal potential of that conductance above rest, V; as a rule negative.</summary>
    public double PotassiumVolts { get; init; }

    /// <summary>Where the voltage is after a spike, x th. Default null: the GLIF's own rule.</summary>
    public double? ResetShare { get; init; }

    /// <summary>How long a spike lasts, s. Default null: the GLIF's own.</summary>
    public double? SpikeSeconds { get; init; }

    /// <summary>What each spike adds to the threshold, V, beside the GLIF's own. Default: nothing.</summary>
    public SpikeEffect ThresholdJump { get; init; } = new(0, 1);

    /// <summary>What share of the voltage above rest the threshold takes, in time. Default 0, or the GLIF's own.</summary>
    public double ThresholdFollow { get; init; }

    /// <summary>How long that takes, s.</summary>
    public double ThresholdFollowSeconds { get; init; } = 1;

    /// <summary>Standard deviation of the threshold from one spike to the next, V. Default 0.</summary>
    public double JitterVolts { get; init; }

    /// <summary>Seed of that jitter.</summary>
    public ulong JitterSeed { get; init; }

    /// <summary>The peak of an action potential above rest, V. Default null: a spike is NaN, as a GLIF's is.</summary>
    public double? PeakVolts { get; init; }
}

/// <summary>What a spike leaves behind.</summary>
/// <param name="Amount">How much each spike adds.</param>
/// <param name="Seconds">In which time it decays to 1/e, s.</param>
internal readonly record struct SpikeEffect(double Amount, double Seconds);
