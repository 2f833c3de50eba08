namespace GlifMl.Pipelines;

/// <summary>What becomes of the samples inside a spike cut, where a GLIF has no membrane potential.</summary>
public enum SpikeCuts
{
    /// <summary>They are left out, and later samples move up.</summary>
    Drop,

    /// <summary>They stay, as NaN.</summary>
    Keep,

    /// <summary>They become <see cref="TraceDefinition.FillMv"/>.</summary>
    Fill,
}
