namespace GlifMl.Pipelines;

/// <summary>The scale on which a range is covered evenly.</summary>
public enum RangeScale
{
    /// <summary>Evenly in the value itself.</summary>
    Linear,

    /// <summary>Evenly in the value's logarithm; both ends are above zero.</summary>
    Log,
}
