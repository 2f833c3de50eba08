using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>The currents of a split: each trace has one of the split's stimuli, as its number and the seed decide.</summary>
internal sealed class StimulusSource
{
    private readonly StimulusWaveforms[] _stimuli;
    private readonly int[] _fixedIds;
    private readonly int _firstDrawnId;
    private readonly ulong _seed;
    private readonly string _choices;

    public StimulusSource(StimulusMixture mixture, int seed, string split, double neuronDt)
    {
        _stimuli = [.. mixture.Stimuli.Select(s => new StimulusWaveforms(s, seed, split, neuronDt))];
        (_seed, _choices) = ((ulong)seed, RandomStreams.StimulusChoice(split));
        // A stimulus named twice has one waveform and so one number.
        StimulusDefinition[] withFixed = [.. mixture.Stimuli.Where((_, i) => _stimuli[i].Fixed is not null).Distinct()];
        _fixedIds = [.. mixture.Stimuli.Select(s => Array.IndexOf(withFixed, s))];
        _firstDrawnId = withFixed.Length;
    }

    /// <summary>The waveforms that many traces share.</summary>
    public IEnumerable<Stimulus> Fixed => _stimuli.Select(s => s.Fixed).OfType<Stimulus>();

    /// <summary>Number of a trace's waveform: traces with one number have one waveform. Fixed waveforms come first, drawn ones follow by trace.</summary>
    public long Id(long trace) => Choice(trace) is var i && _fixedIds[i] >= 0 ? _fixedIds[i] : _firstDrawnId + trace;

    /// <summary>The current of a trace.</summary>
    public Stimulus Of(long trace) => _stimuli[Choice(trace)].Of(trace);

    private int Choice(long trace) => _stimuli.Length == 1 ? 0 : (int)new SeededRandom(_seed, _choices, trace).NextBelow(_stimuli.Length);
}
