using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>A few traces of a split, by their numbers: enough to see what a chain makes of them.</summary>
internal sealed class SampledTraces(ITraceSource source, IReadOnlyList<long> traces) : ITraceSource
{
    /// <inheritdoc/>
    public ShardSchema Schema => source.Schema;

    /// <inheritdoc/>
    public long Count => traces.Count;

    /// <inheritdoc/>
    public void Fill(long firstTrace, TraceBatch batch)
    {
        var one = new TraceBatch(Schema, 1);
        for (var row = 0; row < batch.Rows; row++)
        {
            source.Fill(traces[(int)firstTrace + row], one);
            one.Voltage(0).CopyTo(batch.Voltage(row));
            if (Schema.HasStimulus)
                one.Stimulus(0).CopyTo(batch.Stimulus(row));
            for (var k = 0; k < Schema.Targets.Count; k++)
                batch.Labels(k)[row] = one.Labels(k)[0];
            batch.ConfigurationIds[row] = one.ConfigurationIds[0];
            batch.StimulusIds[row] = one.StimulusIds[0];
            batch.SpikeCounts[row] = one.SpikeCounts[0];
        }
    }
}
