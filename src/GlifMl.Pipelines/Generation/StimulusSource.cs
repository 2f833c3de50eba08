using GlifMl.Pipelines.Definitions;
using GlifMl.Simulation;
using GlifMl.Simulation.Stimuli;

namespace GlifMl.Pipelines.Generation;

/// <summary>The currents of a split: one for all traces, or one drawn for each.</summary>
internal sealed class StimulusSource
{
    private readonly StimulusDefinition _definition;
    private readonly ulong _seed;
    private readonly string _stream;
    private readonly Stimulus? _shared;

    public StimulusSource(StimulusDefinition definition, int seed, string split, double neuronDt)
    {
        (_definition, _seed, _stream) = (definition, (ulong)seed, $"stimulus {split}");
        if (definition.IsFile)
            _shared = StimulusCsv.Load(definition.Name, neuronDt);
        else if (!IsDrawn)
            _shared = Create(trace: 0);
    }

    /// <summary>Number of a trace's waveform: traces with one number have one waveform.</summary>
    public long Id(long trace) => IsDrawn ? trace : 0;

    /// <summary>The current of a trace.</summary>
    public Stimulus Of(long trace) => _shared ?? Create(trace);

    /// <summary>Whether each trace has a current of its own.</summary>
    public bool IsDrawn =>
        _definition.Seed is { IsPerTrace: true }
        || new[]
        {
            _definition.MeanPicoamperes, _definition.AmplitudePicoamperes, _definition.CoefficientOfVariation,
            _definition.RheobasePicoamperes, _definition.DurationSeconds,
        }.Any(r => r is { IsFixed: false });

    private Stimulus Create(long trace)
    {
        var random = new SeededRandom(_seed, _stream, trace);
        // Every draw is made whether its range is used or not, so that adding one option does not change the others.
        var defaults = new StimulusOptions();
        var waveform = random.NextUInt64();
        var (mean, amplitude, cv, rheobase, duration) = (
            Draw(_definition.MeanPicoamperes, random), Draw(_definition.AmplitudePicoamperes, random), Draw(_definition.CoefficientOfVariation, random),
            Draw(_definition.RheobasePicoamperes, random), Draw(_definition.DurationSeconds, random));
        return StimulusCatalog.Create(_definition.Name, new StimulusOptions
        {
            Seed = _definition.Seed is { } seed ? (ulong?)seed.Value ?? waveform : null,
            MeanPicoamperes = mean,
            AmplitudePicoamperes = amplitude,
            CoefficientOfVariation = cv ?? defaults.CoefficientOfVariation,
            RheobasePicoamperes = rheobase ?? defaults.RheobasePicoamperes,
            DurationSeconds = duration,
        });
    }

    private static double? Draw(NumberRange? range, SeededRandom random)
    {
        var share = random.NextDouble();
        return range switch
        {
            null => null,
            { IsFixed: true } => range.Min,
            { Scale: RangeScale.Log } => range.Min * Math.Pow(range.Max / range.Min, share),
            _ => range.Min + ((range.Max - range.Min) * share),
        };
    }
}
