using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GlifMl.Datasets;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>Simulates the traces of one split of a definition. What a trace holds depends on its number alone.</summary>
internal sealed class SimulatedTraceSource : ITraceSource
{
    private const double PicoamperesPerAmpere = 1e12;

    private readonly TraceDefinition _trace;
    private readonly NeuronConfig _neuron;
    private readonly ParameterDesign _design;
    private readonly TraceNumbering _numbering;
    private readonly StimulusSource _stimuli;
    private readonly double _spikeCutSeconds;
    private readonly (ulong Seed, string Stream) _noise;
    private readonly Dictionary<Stimulus, double[]> _sharedStimuli = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentBag<Workspace> _workspaces = [];

    public SimulatedTraceSource(PipelineDefinition definition, string split)
    {
        _trace = definition.Dataset.Trace;
        _neuron = NeuronConfig.Load(definition.Dataset.Neuron);
        _design = DesignFactory.Create(definition);
        _numbering = TraceNumbering.Of(definition, split, _design);
        _spikeCutSeconds = _neuron.SpikeCutSteps * _neuron.DtSeconds;
        var stimulus = definition.Dataset.Splits.Named(split).Stimulus;
        _stimuli = new StimulusSource(stimulus, definition.Seed, split, _neuron.DtSeconds);
        _noise = ((ulong)definition.Seed, RandomStreams.RecordingNoise(split));
        // Every parameter is a column, whatever the definition learns: its targets do not change the shards.
        Schema = new ShardSchema(_trace.Samples, _trace.Stimulus);
        if (_trace.SamplingRateHz is not { } rate)
            return;
        // One current for many traces, sampled alike: where all lanes have one array, the simulator reads it once.
        foreach (var shared in _stimuli.Fixed)
        {
            var amperes = new double[_trace.Simulate];
            shared.Sample(1 / rate, amperes);
            _sharedStimuli.Add(shared, amperes);
        }
    }

    /// <inheritdoc/>
    public ShardSchema Schema { get; }

    /// <inheritdoc/>
    /// <remarks>Of training traces without end an epoch's; those of later epochs follow.</remarks>
    public long Count => _numbering.Count;

    /// <inheritdoc/>
    public void Fill(long firstTrace, TraceBatch batch)
    {
        if (!_workspaces.TryTake(out var workspace))
            workspace = new Workspace(_trace.Simulate);
        Fill(firstTrace, batch, workspace);
        _workspaces.Add(workspace);
    }

    private void Fill(long firstTrace, TraceBatch batch, Workspace workspace)
    {
        var requests = new SimulationRequest[batch.Rows];
        for (var row = 0; row < batch.Rows; row++)
        {
            var trace = firstTrace + row;
            var configuration = _numbering.Configuration(trace);
            (batch.ConfigurationIds[row], batch.StimulusIds[row]) = (configuration, _stimuli.Id(trace));
            var neuron = Neuron(configuration, batch, row);
            if (!batch.HoldsTraces)
                continue;
            var current = _stimuli.Of(trace, workspace.NoiseTable);
            requests[row] = new SimulationRequest(neuron, Sample(current, neuron.DtSeconds, workspace, row));
        }

        if (!batch.HoldsTraces)
            return;
        var voltages = workspace.Voltages(batch.Rows);
        // The generator fills batches on every core already.
        var spikes = BatchSimulator.RunMillivolts(requests, _trace.Simulate, voltages, new BatchOptions { MaxDegreeOfParallelism = 1 });
        for (var row = 0; row < batch.Rows; row++)
        {
            var simulated = voltages.Span.Slice(row * _trace.Simulate, _trace.Simulate);
            var voltage = batch.Voltage(row);
            var stimulus = _trace.Stimulus ? batch.Stimulus(row) : default;
            var used = Keep(simulated, requests[row].StimulusAmperes, voltage, stimulus);
            _trace.Noise?.AddTo(voltage, stimulus, new SeededRandom(_noise.Seed, _noise.Stream, firstTrace + row));
            batch.SpikeCounts[row] = spikes[row].SpikeSteps.Count(step => step < used);
        }
    }

    /// <summary>The neuron of a trace and its current, as they are simulated.</summary>
    internal SimulationRequest Request(long trace)
    {
        var neuron = Neuron(_numbering.Configuration(trace), batch: null, row: 0);
        var amperes = new double[_trace.Simulate];
        _stimuli.Of(trace).Sample(neuron.DtSeconds, amperes);
        return new SimulationRequest(neuron, amperes);
    }

    private NeuronConfig Neuron(long configuration, TraceBatch? batch, int row)
    {
        var neuron = _neuron.With(_design.Keys, _design.Point(configuration));
        for (var k = 0; batch is not null && k < Schema.Targets.Count; k++)
            batch.Labels(k)[row] = neuron.Get(Schema.Targets[k]);
        if (_trace.SamplingRateHz is { } rate)
            neuron = neuron.With(GlifParameter.TimeStep, 1 / rate);
        return _trace.SpikeCut == SpikeCutUnit.Time ? neuron.WithSpikeCutDuration(_spikeCutSeconds) : neuron;
    }

    private double[] Sample(Stimulus stimulus, double dt, Workspace workspace, int row)
    {
        if (_sharedStimuli.TryGetValue(stimulus, out var shared))
            return shared;
        var amperes = workspace.Stimulus(row);
        stimulus.Sample(dt, amperes);
        return amperes;
    }

    /// <summary>Chooses the samples that are kept; where too few are left, the rest of the trace is NaN.</summary>
    /// <returns>How many simulated steps were looked at.</returns>
    private int Keep(ReadOnlySpan<float> simulated, double[] amperes, Span<float> voltageMv, Span<float> stimulusPa)
    {
        var (step, kept) = (0, 0);
        while (step < simulated.Length && kept < voltageMv.Length)
        {
            // A stretch without spike cuts, which are rare, is copied as a whole; so is everything where cuts stay.
            var stretch = simulated.Slice(step, Math.Min(simulated.Length - step, voltageMv.Length - kept));
            var length = _trace.SpikeCuts == SpikeCuts.Drop ? LengthBeforeNaN(stretch) : stretch.Length;
            stretch[..length].CopyTo(voltageMv[kept..]);
            if (!stimulusPa.IsEmpty)
                ToPicoamperes(amperes.AsSpan(step, length), stimulusPa[kept..]);
            (step, kept) = (step + length, kept + length);
            while (kept < voltageMv.Length && step < simulated.Length && float.IsNaN(simulated[step]))
                step++;
        }

        if (_trace.SpikeCuts == SpikeCuts.Fill)
            Replace(voltageMv[..kept], (float)_trace.FillMv);
        voltageMv[kept..].Fill(float.NaN);
        if (!stimulusPa.IsEmpty)
            stimulusPa[kept..].Fill(float.NaN);
        return step;
    }

    // Compiled in full at the first call, as the simulator's kernel is: so are the two below.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int LengthBeforeNaN(ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i]))
                return i;
        }
        return values.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Replace(Span<float> values, float forNaN)
    {
        foreach (ref var value in values)
        {
            if (float.IsNaN(value))
                value = forNaN;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToPicoamperes(ReadOnlySpan<double> amperes, Span<float> picoamperes)
    {
        var i = 0;
        for (; i + Vector256<float>.Count <= amperes.Length; i += Vector256<float>.Count)
        {
            var low = Vector256.Create(amperes[i..]) * PicoamperesPerAmpere;
            var high = Vector256.Create(amperes[(i + Vector256<double>.Count)..]) * PicoamperesPerAmpere;
            Vector256.Narrow(low, high).CopyTo(picoamperes[i..]);
        }
        for (; i < amperes.Length; i++)
            picoamperes[i] = (float)(amperes[i] * PicoamperesPerAmpere);
    }

    /// <summary>Memory for one batch, used again for the next: as much each time would be a large object that ages at once.</summary>
    private sealed class Workspace(int steps)
    {
        private readonly List<double[]> _stimuli = [];
        private float[] _voltages = [];

        /// <summary>The noise of one trace's current at a time.</summary>
        public NoiseTable NoiseTable { get; } = new();

        /// <summary>[rows, steps]</summary>
        public Memory<float> Voltages(int rows)
        {
            if (_voltages.Length < (long)rows * steps)
                _voltages = new float[(long)rows * steps];
            return _voltages.AsMemory(0, rows * steps);
        }

        /// <summary>[steps] of a row; rows ask in order.</summary>
        public double[] Stimulus(int row)
        {
            while (_stimuli.Count <= row)
                _stimuli.Add(new double[steps]);
            return _stimuli[row];
        }
    }
}
