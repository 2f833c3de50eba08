namespace GlifMl.Pipelines;

/// <summary>Collects faults while a definition is read, so that all of them are reported together.</summary>
internal sealed class DefinitionFaults
{
    private readonly List<DefinitionFault> _faults = [];

    public int Count => _faults.Count;

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
