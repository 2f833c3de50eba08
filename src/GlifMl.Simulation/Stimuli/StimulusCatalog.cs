using System.Globalization;
using GlifMl.Simulation;

namespace GlifMl;

/// <summary>
/// The stimuli known by name: those of the published case study, the protocols of the Allen Cell Types Database (timings of its
/// Electrophysiology white paper), and currents for training. All start with a 10 ms, 50 pA test pulse.
/// </summary>
/// <remarks>
/// In the protocols the test pulse lies at 10 to 20 ms, so that the current starts 1 s (noise: 2 s) after its end; elsewhere the pulse
/// is at 0 to 10 ms and the current follows at once.
/// </remarks>
public static class StimulusCatalog
{
    private const double Picoampere = 1e-12;
    private const double PulseSeconds = 0.01;
    private const double PulseAmperes = 50 * Picoampere;
    private const double ProtocolPulseOnsetSeconds = 0.01;
    private const double ProtocolOnsetSeconds = 1.02;
    private const double NoiseOnsetSeconds = 2.02;
    private const double RampAmperesPerSecond = 25 * Picoampere;
    private const double RampSeconds = 32;

    private static readonly PinkNoise[] FrozenNoises = [new(0), new(1), new(2)];

    private static readonly Dictionary<string, (string Description, Func<StimulusOptions, IReadOnlyList<Segment>> Make)> Entries = new()
    {
        ["case-study-noise-1"] = ("the study's training current, digitised from its figures; 0.26 s", _ => CaseStudyNoise(1)),
        ["case-study-noise-2"] = ("the study's test current, digitised from its figures; 0.26 s", _ => CaseStudyNoise(2)),
        ["case-study-ramp"] = ("the study's ramp: after the pulse 25 pA/s from 0 to 800 pA", _ => AfterPulse(Ramp(PulseSeconds))),
        ["case-study-long-square"] = (
            "the study's long square: after the pulse -110 pA for 1 s",
            _ => AfterPulse(new LinearSegment(PulseSeconds, PulseSeconds + 1, -110 * Picoampere))
        ),
        ["noise-1"] = (
            "three 3 s epochs of pink noise about 0.75, 1 and 1.25 x rheobase, 5 s apart, from 2.02 s; options seed, rheobase, CV",
            options => Protocol(NoiseEpochs(options, 1))
        ),
        ["noise-2"] = ("noise-1 with another waveform", options => Protocol(NoiseEpochs(options, 2))),
        ["long-square"] = ("1 s from 1.02 s; option amplitude (default 290 pA, the highest)", options => Square(options, 1, 290)),
        ["short-square"] = (
            "3 ms from 1.02 s; option amplitude (default 12 x rheobase)",
            options => Square(options, 0.003, 12 * options.RheobasePicoamperes)
        ),
        ["ramp"] = ("25 pA/s from 0 to 800 pA from 1.02 s", _ => Protocol(Ramp(ProtocolOnsetSeconds))),
        ["square-2s-suprathreshold"] = (
            "2 s from 1.02 s; option amplitude (170, 210, 250 pA; default 250)",
            options => Square(options, 2, 250)
        ),
        ["ramp-to-rheobase"] = (
            "14 s ramp to rheobase from 1.02 s, then 18 x 1 s of pink noise about it, CV 0.2, 0.4, 0.6, 0.6, 0.4, 0.2 three times; "
                + "options seed, rheobase",
            RampToRheobase
        ),
        ["noise"] = (
            "after the pulse one pink waveform, repeated for ever; options seed, mean (default rheobase), CV, duration",
            options =>
                AfterPulse(
                    new NoiseSegment(
                        PulseSeconds,
                        PulseSeconds + (options.DurationSeconds ?? double.PositiveInfinity),
                        (options.MeanPicoamperes ?? options.RheobasePicoamperes) * Picoampere,
                        options.CoefficientOfVariation,
                        Noise(options, 0)
                    )
                )
        ),
        ["square"] = (
            "after the pulse a constant current; options amplitude (default 1.5 x rheobase), duration (default 1 s)",
            options => AfterPulse(new LinearSegment(PulseSeconds, PulseSeconds + (options.DurationSeconds ?? 1), TrainingAmperes(options)))
        ),
        ["steep-ramp"] = (
            "after the pulse from 0 to the amplitude; options amplitude (default 1.5 x rheobase), duration (default 1 s)",
            options =>
                AfterPulse(
                    new LinearSegment(
                        PulseSeconds,
                        PulseSeconds + (options.DurationSeconds ?? 1),
                        0,
                        TrainingAmperes(options) / (options.DurationSeconds ?? 1)
                    )
                )
        ),
    };

    /// <summary>The names <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Keys];

    /// <summary>One line on what a named stimulus is and which options it reads.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static string Describe(string name) => Entry(name).Description;

    /// <summary>Creates a stimulus by name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">What the name leaves open. Default: all defaults.</param>
    /// <exception cref="ArgumentException">The name is unknown (the nearest are listed), or an option impossible.</exception>
    public static Stimulus Create(string name, StimulusOptions? options = null)
    {
        options ??= new StimulusOptions();
        Require(options.RheobasePicoamperes > 0, "rheobase", options.RheobasePicoamperes, "a positive number of pA");
        Require(options.CoefficientOfVariation >= 0, "coefficient of variation", options.CoefficientOfVariation, "0 or more");
        Require(options.DurationSeconds is null or > 0, "duration", options.DurationSeconds, "a positive number of s");
        Require(double.IsFinite(options.AmplitudePicoamperes ?? 0), "amplitude", options.AmplitudePicoamperes, "a finite number of pA");
        Require(double.IsFinite(options.MeanPicoamperes ?? 0), "mean", options.MeanPicoamperes, "a finite number of pA");
        return new SegmentStimulus(name, Entry(name).Make(options));
    }

    private static (string Description, Func<StimulusOptions, IReadOnlyList<Segment>> Make) Entry(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new ArgumentException(
                $"found stimulus {Quoted.Of(name)}; expected a known one: nearest are {string.Join(", ", NearestName.Find(name, Names))}"
            );

    private static void Require(bool holds, string option, double? found, string expected)
    {
        if (!holds)
            throw new ArgumentException($"stimulus {option}: found {found}; expected {expected}");
    }

    private static IReadOnlyList<Segment> AfterPulse(Segment current) => [new LinearSegment(0, PulseSeconds, PulseAmperes), current];

    private static IReadOnlyList<Segment> Protocol(params IReadOnlyList<Segment> currents) =>
        [new LinearSegment(ProtocolPulseOnsetSeconds, ProtocolPulseOnsetSeconds + PulseSeconds, PulseAmperes), .. currents];

    private static LinearSegment Ramp(double onset) => new(onset, onset + RampSeconds, 0, RampAmperesPerSecond);

    private static IReadOnlyList<Segment> Square(StimulusOptions options, double seconds, double defaultPicoamperes) =>
        Protocol(
            new LinearSegment(
                ProtocolOnsetSeconds,
                ProtocolOnsetSeconds + seconds,
                (options.AmplitudePicoamperes ?? defaultPicoamperes) * Picoampere
            )
        );

    private static double TrainingAmperes(StimulusOptions options) =>
        (options.AmplitudePicoamperes ?? 1.5 * options.RheobasePicoamperes) * Picoampere;

    private static Segment[] NoiseEpochs(StimulusOptions options, ulong defaultSeed)
    {
        const double EpochSeconds = 3;
        const double GapSeconds = 5;
        var noise = Noise(options, defaultSeed);
        double[] levels = [0.75, 1, 1.25];
        return
        [
            .. levels.Select(
                (level, epoch) =>
                {
                    var onset = NoiseOnsetSeconds + epoch * (EpochSeconds + GapSeconds);
                    var mean = level * options.RheobasePicoamperes * Picoampere;
                    return new NoiseSegment(onset, onset + EpochSeconds, mean, options.CoefficientOfVariation, noise);
                }
            ),
        ];
    }

    private static IReadOnlyList<Segment> RampToRheobase(StimulusOptions options)
    {
        const double RiseSeconds = 14;
        var (noise, rheobase) = (Noise(options, 1), options.RheobasePicoamperes * Picoampere);
        double[] variations = [0.2, 0.4, 0.6, 0.6, 0.4, 0.2];
        var epochs = Enumerable
            .Range(0, 18)
            .Select(epoch =>
            {
                var onset = ProtocolOnsetSeconds + RiseSeconds + epoch;
                return new NoiseSegment(onset, onset + 1, rheobase, variations[epoch % variations.Length], noise);
            });
        return Protocol([
            new LinearSegment(ProtocolOnsetSeconds, ProtocolOnsetSeconds + RiseSeconds, 0, rheobase / RiseSeconds),
            .. epochs,
        ]);
    }

    private static PinkNoise Noise(StimulusOptions options, ulong defaultSeed) =>
        options.Seed is { } seed ? new PinkNoise(seed, options.NoiseTable) : FrozenNoises[defaultSeed];

    // The file's first two rows are the test pulse; the current steps to the third row, the first of the noise.
    private static IReadOnlyList<Segment> CaseStudyNoise(int number)
    {
        var resource = $"case-study-noise-{number}.csv";
        using var stream = typeof(StimulusCatalog).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        // This file is ours and never changes; those of users are read by Datasets, which knows how they come.
        var rows = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)[3..];
        var values = Array.ConvertAll(
            rows,
            row => Array.ConvertAll(row.Split(','), cell => double.Parse(cell, CultureInfo.InvariantCulture))
        );
        return AfterPulse(new BreakpointSegment(Array.ConvertAll(values, v => v[0]), Array.ConvertAll(values, v => 1e-12 * v[1])));
    }
}

/// <summary>What a named stimulus leaves open. Each name reads the options its description lists and ignores the others.</summary>
public sealed record StimulusOptions
{
    /// <summary>
    /// Seed of the random phases. Default null: <c>noise-1</c> and <c>ramp-to-rheobase</c> take 1, <c>noise-2</c> 2, <c>noise</c> 0:
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

    /// <summary>Memory for a seeded noise, of a stimulus that is done with before the next is made. Default null: its own.</summary>
    internal NoiseTable? NoiseTable { get; init; }
}
