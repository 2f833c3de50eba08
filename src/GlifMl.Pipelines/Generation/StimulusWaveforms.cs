using GlifMl.Datasets;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

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
            Fixed = Create(trace: 0);
    }

    /// <summary>The one waveform of all traces; null where each trace has its own.</summary>
    public Stimulus? Fixed { get; }

    /// <summary>The current of a trace.</summary>
    public Stimulus Of(long trace) => Fixed ?? Create(trace);

    private static bool IsDrawn(StimulusDefinition definition) =>
        definition.Seed is { IsPerTrace: true }
        || new[]
        {
            definition.MeanPicoamperes,
            definition.AmplitudePicoamperes,
            definition.CoefficientOfVariation,
            definition.RheobasePicoamperes,
            definition.DurationSeconds,
        }.Any(r => r is { IsFixed: false });

    private Stimulus Create(long trace)
    {
        var random = new SeededRandom(_seed, _stream, trace);
        // Every draw is made whether its range is used or not, so that adding one option does not change the others.
        var defaults = new StimulusOptions();
        var waveform = random.NextUInt64();
        var (mean, amplitude, cv, rheobase, duration) = (
            Draw(_definition.MeanPicoamperes, random),
            Draw(_definition.AmplitudePicoamperes, random),
            Draw(_definition.CoefficientOfVariation, random),
            Draw(_definition.RheobasePicoamperes, random),
            Draw(_definition.DurationSeconds, random)
        );
        return StimulusCatalog.Create(
            _definition.Name,
            new StimulusOptions
            {
                Seed = _definition.Seed is { } seed ? (ulong?)seed.Value ?? waveform : null,
                MeanPicoamperes = mean,
                AmplitudePicoamperes = amplitude,
                CoefficientOfVariation = cv ?? defaults.CoefficientOfVariation,
                RheobasePicoamperes = rheobase ?? defaults.RheobasePicoamperes,
                DurationSeconds = duration,
            }
        );
    }

    private static double? Draw(NumberRange? range, SeededRandom random)
    {
        var share = random.NextDouble();
        return range?.At(share);
    }
}
