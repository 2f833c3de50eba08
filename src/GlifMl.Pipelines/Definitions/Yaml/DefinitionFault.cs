namespace GlifMl;

/// <summary>One thing wrong with a definition.</summary>
/// <param name="Mark">Where it was written.</param>
/// <param name="Message">What was found and what was expected, on one line.</param>
public sealed record DefinitionFault(SourceMark Mark, string Message)
{
    /// <summary>Words the fault on one line.</summary>
    /// <returns><c>file:line:column: message</c>.</returns>
    public override string ToString() => $"{Mark}: {Message}";
}

/// <summary>The place a value of a definition was written at.</summary>
/// <param name="File">The definition file as the user named it, or the text of a <c>--set</c> override.</param>
/// <param name="Line">Line, counted from 1; 0 for a <c>--set</c> override, whose whole text is its place.</param>
/// <param name="Column">Column, counted from 1; 0 for a <c>--set</c> override.</param>
public sealed record SourceMark(string File, int Line, int Column)
{
    /// <summary>
    /// The folder that relative paths written at this place start from: the file's own, or the working directory for an override.
    /// </summary>
    internal string BaseDirectory => Line == 0 ? Directory.GetCurrentDirectory() : Path.GetDirectoryName(Path.GetFullPath(File))!;

    /// <summary>Words the place as compilers do.</summary>
    /// <returns><c>file:line:column</c>, or the text of the override.</returns>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}

/// <summary>A definition that cannot be used. It carries every fault found, so that one reading mends them all.</summary>
/// <param name="faults">The faults, in reading order; at least one.</param>
public sealed class DefinitionException(IReadOnlyList<DefinitionFault> faults) : Exception(string.Join('\n', faults))
{
    /// <summary>The faults, in reading order; <see cref="Exception.Message"/> has one line for each.</summary>
    public IReadOnlyList<DefinitionFault> Faults { get; } = faults;
}

/// <summary>Collects faults while a definition is read, so that all of them are reported together.</summary>
/// <param name="found">Faults that were found before. Default: none.</param>
internal sealed class DefinitionFaults(IReadOnlyList<DefinitionFault>? found = null)
{
    private readonly List<DefinitionFault> _faults = [.. found ?? []];

    public int Count => _faults.Count;

    /// <summary>The faults so far, as they were found.</summary>
    public IReadOnlyList<DefinitionFault> All => [.. _faults];

    public void Add(SourceMark mark, string message) => _faults.Add(new(mark, message));

    /// <summary>All faults as one exception: those of files in the order the files were opened, then those of overrides.</summary>
    public DefinitionException ToException(IReadOnlyList<string> filesInOrder)
    {
        var order = filesInOrder.ToList();
        return new([
            .. _faults
                .Distinct()
                .OrderBy(fault => fault.Mark.Line == 0 ? int.MaxValue : order.IndexOf(fault.Mark.File))
                .ThenBy(fault => fault.Mark.Line)
                .ThenBy(fault => fault.Mark.Column),
        ]);
    }
}

/// <summary>Words what a message about an unknown name advises.</summary>
internal static class UnknownName
{
    /// <summary>The nearest valid name, or all of them when none is near.</summary>
    public static string Advice(string name, IReadOnlyCollection<string> validNames) =>
        NearestName.Suggest(name, validNames) is { } nearest ? $"did you mean '{nearest}'?"
        : validNames.Count == 0 ? "expected none"
        : $"expected one of {string.Join(", ", validNames)}";
}
