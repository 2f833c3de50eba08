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
            _sharedStimuli.Add(shared, Sample(shared, 1 / rate));
    }

    /// <inheritdoc/>
    public ShardSchema Schema { get; }

    /// <inheritdoc/>
    /// <remarks>Of training traces without end an epoch's; those of later epochs follow.</remarks>
    public long Count => _numbering.Count;

    /// <inheritdoc/>
    public void Fill(long firstTrace, TraceBatch batch)
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
            var current = _stimuli.Of(trace);
            requests[row] = new SimulationRequest(neuron, _sharedStimuli.GetValueOrDefault(current) ?? Sample(current, neuron.DtSeconds));
        }

        if (!batch.HoldsTraces)
            return;
        var voltages = new float[(long)batch.Rows * _trace.Simulate];
        // The generator fills batches on every core already.
        var spikes = BatchSimulator.RunMillivolts(requests, _trace.Simulate, voltages, new BatchOptions { MaxDegreeOfParallelism = 1 });
        for (var row = 0; row < batch.Rows; row++)
        {
            var simulated = voltages.AsSpan(row * _trace.Simulate, _trace.Simulate);
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
        var neuron = _neuron;
        var values = _design.Point(configuration);
        for (var k = 0; k < _design.Keys.Count; k++)
            neuron = neuron.With(_design.Keys[k], values[k]);
        for (var k = 0; batch is not null && k < Schema.Targets.Count; k++)
            batch.Labels(k)[row] = neuron.Get(Schema.Targets[k]);
        if (_trace.SamplingRateHz is { } rate)
            neuron = neuron.With(GlifParameter.TimeStep, 1 / rate);
        return _trace.SpikeCut == SpikeCutUnit.Time ? neuron.WithSpikeCutDuration(_spikeCutSeconds) : neuron;
    }

    private double[] Sample(Stimulus stimulus, double dt)
    {
        var amperes = new double[_trace.Simulate];
        stimulus.Sample(dt, amperes);
        return amperes;
    }

    /// <summary>Chooses the samples that are kept; where too few are left, the rest of the trace is NaN.</summary>
    /// <returns>How many simulated steps were looked at.</returns>
    private int Keep(ReadOnlySpan<float> simulated, double[] amperes, Span<float> voltageMv, Span<float> stimulusPa)
    {
        var (step, kept) = (0, 0);
        for (; step < simulated.Length && kept < voltageMv.Length; step++)
        {
            var mv = simulated[step];
            if (float.IsNaN(mv) && _trace.SpikeCuts == SpikeCuts.Drop)
                continue;
            voltageMv[kept] = float.IsNaN(mv) && _trace.SpikeCuts == SpikeCuts.Fill ? (float)_trace.FillMv : mv;
            if (!stimulusPa.IsEmpty)
                stimulusPa[kept] = (float)(amperes[step] * PicoamperesPerAmpere);
            kept++;
        }

        voltageMv[kept..].Fill(float.NaN);
        if (!stimulusPa.IsEmpty)
            stimulusPa[kept..].Fill(float.NaN);
        return step;
    }
}
