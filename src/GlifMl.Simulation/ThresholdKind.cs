namespace GlifMl.Simulation;

/// <summary>Which components the threshold has besides th_inf.</summary>
internal enum ThresholdKind
{
    /// <summary>None: GLIF1 and GLIF3.</summary>
    Infinity,

    /// <summary>One that jumps at a spike: GLIF2 and GLIF4.</summary>
    Spike,

    /// <summary>One that jumps at a spike and one that follows the voltage: GLIF5.</summary>
    SpikeAndVoltage,
}
