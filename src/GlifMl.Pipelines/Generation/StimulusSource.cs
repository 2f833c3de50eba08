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

    /// <summary>
    /// Number of a trace's waveform: traces with one number have one waveform. Fixed waveforms come first, drawn ones follow by trace.
    /// </summary>
    public long Id(long trace) => Choice(trace) is var i && _fixedIds[i] >= 0 ? _fixedIds[i] : _firstDrawnId + trace;

    /// <summary>The current of a trace.</summary>
    /// <param name="trace">Its number.</param>
    /// <param name="table">Memory for a noise of its own, which ends with the table's next use. Default: new.</param>
    /// <param name="rheobase">The cell's rheobase, pA, for stimuli that are multiples of it. Default null: there are none.</param>
    public Stimulus Of(long trace, NoiseTable? table = null, double? rheobase = null) => _stimuli[Choice(trace)].Of(trace, table, rheobase);

    private int Choice(long trace) => _stimuli.Length == 1 ? 0 : (int)new SeededRandom(_seed, _choices, trace).NextBelow(_stimuli.Length);
}

/// <summary>The waveforms of one stimulus of a split: one for all traces, or one drawn for each.</summary>
internal sealed class StimulusWaveforms
{
    private readonly StimulusDefinition _definition;
    private readonly ulong _seed;
    private readonly string _stream;

    public StimulusWaveforms(StimulusDefinition definition, int seed, string split, double neuronDt)
    {
        (_definition, _seed, _stream) = (definition, (ulong)seed, RandomStreams.Stimulus(split));
        if (definition.IsFile)
            Fixed = StimulusCsv.Load(definition.Name, neuronDt);
        else if (!IsDrawn(definition))
            Fixed = Create(trace: 0, table: null, rheobase: null);
    }

    /// <summary>The one waveform of all traces; null where each trace has its own.</summary>
    public Stimulus? Fixed { get; }

    /// <summary>The current of a trace.</summary>
    public Stimulus Of(long trace, NoiseTable? table, double? rheobase) => Fixed ?? Create(trace, table, rheobase);

    private static bool IsDrawn(StimulusDefinition definition) =>
        definition.Seed is { IsPerTrace: true }
        || definition.Rheobases is not null
        || new[]
        {
            definition.MeanPicoamperes,
            definition.AmplitudePicoamperes,
            definition.CoefficientOfVariation,
            definition.RheobasePicoamperes,
            definition.DurationSeconds,
        }.Any(r => r is { IsFixed: false });

    private Stimulus Create(long trace, NoiseTable? table, double? rheobase)
    {
        var random = new SeededRandom(_seed, _stream, trace);
        // Every draw is made whether its range is used or not, so that adding one option does not change the others.
        var defaults = new StimulusOptions();
        var waveform = random.NextUInt64();
        var (mean, amplitude, cv, ownRheobase, duration) = (
            Draw(_definition.MeanPicoamperes, random),
            Draw(_definition.AmplitudePicoamperes, random),
            Draw(_definition.CoefficientOfVariation, random),
            Draw(_definition.RheobasePicoamperes, random),
            Draw(_definition.DurationSeconds, random)
        );
        if (Draw(_definition.Rheobases, random) is { } multiple)
            (mean, amplitude, ownRheobase) = (multiple * rheobase, multiple * rheobase, rheobase);
        return StimulusCatalog.Create(
            _definition.Name,
            new StimulusOptions
            {
                Seed = _definition.Seed is { } seed ? (ulong?)seed.Value ?? waveform : null,
                MeanPicoamperes = mean,
                AmplitudePicoamperes = amplitude,
                CoefficientOfVariation = cv ?? defaults.CoefficientOfVariation,
                RheobasePicoamperes = ownRheobase ?? defaults.RheobasePicoamperes,
                DurationSeconds = duration,
                NoiseTable = table,
            }
        );
    }

    private static double? Draw(NumberRange? range, SeededRandom random)
    {
        var share = random.NextDouble();
        return range?.At(share);
    }
}
