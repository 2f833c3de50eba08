namespace GlifMl;

/// <summary>What a model's voltages are measured from.</summary>
public enum VoltageReference
{
    /// <summary>The resting membrane potential, as in the GLIF models (Teeter et al. 2018): rest is 0 mV.</summary>
    Rest,

    /// <summary>The bath: rest is about -70 mV.</summary>
    Absolute,
}
