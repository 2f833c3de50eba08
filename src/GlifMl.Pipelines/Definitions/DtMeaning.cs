namespace GlifMl.Pipelines;

/// <summary>What the parameter dt does.</summary>
public enum DtMeaning
{
    /// <summary>The sampling interval is the integration step; the label dt is inert and cannot be learnt. The case study did this.</summary>
    SamplingInterval,

    /// <summary>The label dt is both the integration step and the sampling interval.</summary>
    Live,
}
