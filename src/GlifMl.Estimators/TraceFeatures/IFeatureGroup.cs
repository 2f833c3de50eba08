namespace GlifMl.Estimators;

/// <summary>The numbers of one <see cref="TraceFeatureGroup"/>: the same in process and as nodes of a graph. None of them is NaN.</summary>
internal interface IFeatureGroup
{
    /// <summary>Names of the numbers, in their order.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>The numbers of a trace.</summary>
    IEnumerable<double> Of(TraceReading trace);

    /// <summary>The same as nodes, each [N, 1] or several side by side.</summary>
    IEnumerable<DoubleNode> Of(TraceReadingNodes trace);
}
