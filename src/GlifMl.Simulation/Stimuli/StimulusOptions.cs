namespace GlifMl.Simulation;

/// <summary>What a named stimulus leaves open. Each name reads the options its description lists and ignores the others.</summary>
public sealed record StimulusOptions
{
    /// <summary>
    /// Seed of the random phases. Default null: <c>noise-1</c> and <c>ramp-to-rheobase</c> take 1, <c>noise-2</c> 2, <c>noise</c> 0, so
    /// that
    /// Noise 1 and Noise 2 are frozen, different waveforms.
    /// </summary>
    public ulong? Seed { get; init; }

    /// <summary>The cell's rheobase in pA, which scales the protocols. Default 150, the case study's cell.</summary>
    public double RheobasePicoamperes { get; init; } = 150;

    /// <summary>Amplitude of squares and of the steep ramp in pA. Default null: the one in the description.</summary>
    public double? AmplitudePicoamperes { get; init; }

    /// <summary>Mean of <c>noise</c> in pA. Default null: the rheobase.</summary>
    public double? MeanPicoamperes { get; init; }

    /// <summary>SD / mean of the noise. Default 0.2.</summary>
    public double CoefficientOfVariation { get; init; } = 0.2;

    /// <summary>How long the current after the test pulse lasts in s, where it is open. Default null: the one in the description.</summary>
    public double? DurationSeconds { get; init; }
}
