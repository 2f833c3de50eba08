namespace GlifMl.Datasets;

/// <summary>Where traces come from: the seam between the datasets and whatever makes the rows.</summary>
public interface ITraceSource
{
    /// <summary>The columns the source fills.</summary>
    ShardSchema Schema { get; }

    /// <summary>Traces of the split, at least 1.</summary>
    long Count { get; }

    /// <summary>
    /// Fills rows 0 to <see cref="TraceBatch.Rows"/> - 1 with traces <paramref name="firstTrace"/> onwards: every column but
    /// <see cref="TraceBatch.TraceIds"/>, which are set already. The memory holds an earlier batch, so each value is to be written.
    /// What a trace holds may depend on its number alone. Called by several threads at once, each with its own batch.
    /// </summary>
    /// <param name="firstTrace">Number of the first trace, from 0.</param>
    /// <param name="batch">Memory to fill.</param>
    void Fill(long firstTrace, TraceBatch batch);
}
