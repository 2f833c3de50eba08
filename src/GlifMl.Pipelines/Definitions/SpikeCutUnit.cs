namespace GlifMl.Pipelines;

/// <summary>What the neuron config's <c>spike_cut_length</c> holds fixed when dt varies.</summary>
public enum SpikeCutUnit
{
    /// <summary>The number of steps, as in Allen configs: the refractory time shrinks and grows with dt.</summary>
    Steps,

    /// <summary>The physical duration in the neuron config, <c>spike_cut_length</c> times its own dt.</summary>
    Time,
}
