namespace GlifMl;

/// <summary>
/// What became of the samples of a spike cut (NaN in a GLIF trace: after a spike the membrane potential is undefined for the
/// refractory period) before the model saw them in training, and so what a recording's missing samples become.
/// </summary>
public enum SpikeCutHandling
{
    /// <summary>The training traces had none. A recording's short gaps are interpolated, long ones refused.</summary>
    None,

    /// <summary>Removed; what follows moves up.</summary>
    Drop,

    /// <summary>Kept as NaN; the model reads them.</summary>
    Keep,

    /// <summary>Replaced by one value, <see cref="OnnxModelInfo.SpikeCutFillMv"/>.</summary>
    Fill,
}
