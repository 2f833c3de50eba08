using System.Collections.Concurrent;
using GlifMl.Datasets;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// Simulates and records the membranes of one split of a definition. What a trace holds depends on its number alone.
/// </summary>
internal sealed class MembraneTraceSource : ITraceSource
{
    // Cells at once: enough for the widest lanes, few enough that their traces stay in a processor's cache.
    private const int CellsAtOnce = 64;

    // What a membrane does within this does not show in what is read of it.
    private const double LongestStepSeconds = 50e-6;

    private readonly PipelineDefinition _definition;
    private readonly TraceDefinition _trace;
    private readonly MembraneDefinition _membrane;
    private readonly MembraneCells _cells;
    private readonly TraceNumbering _numbering;
    private readonly StimulusSource _stimuli;
    private readonly string _noise;
    private readonly ConcurrentBag<MembraneWorkspace> _workspaces = [];

    public MembraneTraceSource(PipelineDefinition definition, string split)
    {
        (_definition, _trace, _membrane) = (definition, definition.Dataset.Trace, definition.Dataset.Membrane!);
        var design = DesignFactory.Create(definition);
        _cells = new MembraneCells(definition, design);
        _numbering = TraceNumbering.Of(definition, split, design);
        var neuronDt = NeuronConfig.Load(definition.Dataset.Neuron).DtSeconds;
        _stimuli = new StimulusSource(definition.Dataset.Splits.Named(split).Stimulus, definition.Seed, split, neuronDt);
        _noise = RandomStreams.RecordingNoise(split);
        Schema = new ShardSchema(
            _trace.Holds == TraceContents.Readings ? CellVector.Length : _trace.Samples,
            _trace.Stimulus,
            [.. GlifParameter.Keys, .. MembraneColumns.Names]
        );
    }

    /// <inheritdoc/>
    public ShardSchema Schema { get; }

    /// <inheritdoc/>
    public long Count => _numbering.Count;

    /// <inheritdoc/>
    public void Fill(long firstTrace, TraceBatch batch)
    {
        if (!_workspaces.TryTake(out var workspace))
            workspace = new MembraneWorkspace();
        for (var row = 0; row < batch.Rows; row += CellsAtOnce)
            Fill(firstTrace, batch, row, Math.Min(CellsAtOnce, batch.Rows - row), workspace);
        _workspaces.Add(workspace);
    }

    private void Fill(long firstTrace, TraceBatch batch, int first, int count, MembraneWorkspace workspace)
    {
        var (drawn, labels) = _cells.Published(
            [.. Enumerable.Range(first, count).Select(row => _numbering.Configuration(firstTrace + row))],
            workspace
        );
        for (var n = 0; n < count; n++)
        {
            var (row, trace) = (first + n, firstTrace + first + n);
            (batch.ConfigurationIds[row], batch.StimulusIds[row]) = (_numbering.Configuration(trace), _stimuli.Id(trace));
            var values = MembraneColumns.Of(drawn[n].Cell.Neuron, labels[n], _membrane.Labels);
            for (var k = 0; k < Schema.Targets.Count; k++)
                batch.Labels(k)[row] = values[k];
        }
        if (!batch.HoldsTraces)
            return;
        if (_trace.Holds == TraceContents.Readings)
            ReadCells(firstTrace, batch, first, drawn, labels, workspace);
        else
            RecordTraces(firstTrace, batch, first, drawn, labels, workspace);
    }

    private void RecordTraces(
        long firstTrace,
        TraceBatch batch,
        int first,
        DrawnCell[] drawn,
        PublishedLabels[] labels,
        MembraneWorkspace workspace
    )
    {
        // Lanes share the number of steps: cells with as many steps a sample go together.
        double Interval(int n) => _trace.SamplingRateHz is { } rate ? 1 / rate : drawn[n].Cell.Neuron.DtSeconds;
        foreach (var group in Enumerable.Range(0, drawn.Length).GroupBy(n => (int)Math.Ceiling(Interval(n) / LongestStepSeconds)))
        {
            int[] members = [.. group];
            var (perSample, steps) = (group.Key, group.Key * _trace.Samples);
            var requests = new MembraneRequest[members.Length];
            for (var k = 0; k < members.Length; k++)
            {
                var n = members[k];
                var dt = Interval(n) / perSample;
                var current = workspace.Current(k, steps);
                _stimuli.Of(firstTrace + first + n, rheobase: 1e12 * labels[n].RheobaseAmperes).Sample(dt, current.AsSpan(0, steps));
                requests[k] = new MembraneRequest(drawn[n].At(dt), current);
            }
            var voltages = workspace.Voltages(members.Length, steps);
            var spikes = MembraneBatch.RunMillivolts(requests, steps, voltages);
            for (var k = 0; k < members.Length; k++)
            {
                var (n, row) = (members[k], first + members[k]);
                var voltage = batch.Voltage(row);
                var current = _trace.Stimulus ? batch.Stimulus(row) : new float[voltage.Length];
                for (var i = 0; i < voltage.Length; i++)
                {
                    voltage[i] = voltages.Span[(k * steps) + (i * perSample)];
                    current[i] = (float)(1e12 * requests[k].StimulusAmperes[i * perSample]);
                }
                var random = new SeededRandom((ulong)_definition.Seed, _noise, firstTrace + row);
                drawn[n].Record(voltage, current, Interval(n), _membrane.FilterHz, _trace.Noise, random);
                if (drawn[n].Cell.PeakVolts is not null)
                    Cut(
                        voltage,
                        spikes[k],
                        Math.Max(1, Math.Round(drawn[n].Cell.SpikeSeconds!.Value * perSample / Interval(n))),
                        perSample
                    );
                batch.SpikeCounts[row] = spikes[k].Length;
            }
        }
    }

    // The same samples as those that become NaN where a cell has no action potentials.
    private static void Cut(Span<float> voltage, int[] spikes, double steps, int perSample)
    {
        foreach (var spike in spikes)
        {
            var from = Math.Min((spike + perSample - 1) / perSample, voltage.Length);
            var to = Math.Clamp((int)Math.Ceiling((spike + steps) / perSample), from, voltage.Length);
            voltage[from..to].Fill(float.NaN);
        }
    }

    private void ReadCells(
        long firstTrace,
        TraceBatch batch,
        int first,
        DrawnCell[] drawn,
        PublishedLabels[] labels,
        MembraneWorkspace workspace
    )
    {
        var dt = 1 / _trace.SamplingRateHz!.Value;
        SeededRandom[] random = [.. drawn.Select((_, n) => new SeededRandom((ulong)_definition.Seed, _noise, firstTrace + first + n))];
        double[] multiples = [.. drawn.Select((_, n) => Multiple(firstTrace + first + n, labels[n]))];
        var vectors = ReadingSweeps.Read(drawn, labels, multiples, dt, _membrane.FilterHz, _trace.Noise, random, workspace);
        for (var n = 0; n < drawn.Length; n++)
        {
            vectors[n].Vector.CopyTo(batch.Voltage(first + n));
            if (_trace.Stimulus)
                batch.Stimulus(first + n).Clear();
            batch.SpikeCounts[first + n] = vectors[n].Spikes;
        }
    }

    // The square's current, in rheobases of the cell.
    private double Multiple(long trace, PublishedLabels labels)
    {
        var stimulus = _stimuli.Of(trace, rheobase: 1e12 * labels.RheobaseAmperes);
        return stimulus.At(ReadingSweeps.LookSeconds) / labels.RheobaseAmperes;
    }
}

/// <summary>The columns that shards of membranes have beside the five parameters: what the simulator itself was told.</summary>
internal static class MembraneColumns
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. GlifParameter.Keys.Select(key => $"simulated_{key}"), "simulated_rheobase"];

    /// <summary>The values of all label columns of a cell.</summary>
    /// <param name="neuron">The neuron that was simulated.</param>
    /// <param name="published">What would be published of it.</param>
    /// <param name="labels">Which of them are the labels.</param>
    public static double[] Of(NeuronConfig neuron, PublishedLabels published, MembraneLabels labels)
    {
        double[] own = [.. GlifParameter.Keys.Select(neuron.Get)];
        double[] said =
        [
            .. GlifParameter.Keys.Zip(
                own,
                (key, value) =>
                    labels == MembraneLabels.Simulated
                        ? value
                        : key switch
                        {
                            GlifParameter.Capacitance => published.CapacitanceFarads,
                            GlifParameter.InputResistance => published.ResistanceOhms,
                            GlifParameter.Threshold => published.ThresholdVolts,
                            // Published of a recording is what it rests at.
                            _ => value,
                        }
            ),
        ];
        return [.. said, .. own, published.RheobaseAmperes];
    }
}

/// <summary>Where the traces of a split come from.</summary>
internal static class TraceSources
{
    /// <summary>The source of a split.</summary>
    public static ITraceSource Of(PipelineDefinition definition, string split) =>
        definition.Dataset.Membrane is null ? new SimulatedTraceSource(definition, split) : new MembraneTraceSource(definition, split);
}
