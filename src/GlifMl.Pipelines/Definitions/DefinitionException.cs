namespace GlifMl.Pipelines;

/// <summary>A definition that cannot be used. It carries every fault found, so that one reading mends them all.</summary>
/// <param name="faults">The faults, in reading order; at least one.</param>
public sealed class DefinitionException(IReadOnlyList<DefinitionFault> faults) : Exception(string.Join('\n', faults))
{
    /// <summary>The faults, in reading order; <see cref="Exception.Message"/> has one line for each.</summary>
    public IReadOnlyList<DefinitionFault> Faults { get; } = faults;
}
