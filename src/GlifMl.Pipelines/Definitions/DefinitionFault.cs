namespace GlifMl.Pipelines;

/// <summary>One thing wrong with a definition.</summary>
/// <param name="Mark">Where it was written.</param>
/// <param name="Message">What was found and what was expected, on one line.</param>
public sealed record DefinitionFault(SourceMark Mark, string Message)
{
    /// <summary>Words the fault on one line.</summary>
    /// <returns><c>file:line:column: message</c>.</returns>
    public override string ToString() => $"{Mark}: {Message}";
}
