using GlifMl.Simulation;

namespace GlifMl.Reporting;

/// <summary>A stimulus as a report applies it.</summary>
/// <param name="Key">Name in file names and JSON.</param>
/// <param name="Title">Name for readers.</param>
/// <param name="Stimulus">The current.</param>
/// <param name="DtSeconds">Integration step, s.</param>
/// <param name="Steps">Steps simulated.</param>
internal sealed record Protocol(string Key, string Title, Stimulus Stimulus, double DtSeconds, int Steps)
{
    /// <summary>How long it is simulated, s.</summary>
    public double DurationSeconds => Steps * DtSeconds;

    /// <summary>The study's four stimuli over its window: samples without current left out, the first steps of what remains.</summary>
    public static IReadOnlyList<Protocol> StudyWindow(double dtSeconds, int steps) =>
        [
            new("noise-1", "Noise 1", StimulusCatalog.Create("case-study-noise-1"), dtSeconds, steps),
            new("noise-2", "Noise 2", StimulusCatalog.Create("case-study-noise-2"), dtSeconds, steps),
            new("ramp", "Ramp", StimulusCatalog.Create("case-study-ramp"), dtSeconds, steps),
            new("long-square", "Long Square", StimulusCatalog.Create("case-study-long-square"), dtSeconds, steps),
        ];

    /// <summary>The protocols of the Allen Cell Types Database in full: three noise amplitudes, the whole ramp, the lowest and highest square.</summary>
    public static IReadOnlyList<Protocol> Full(double dtSeconds) =>
        [
            Whole("noise-1", "Noise 1: 0.75, 1 and 1.25 × 150 pA", StimulusCatalog.Create("noise-1"), dtSeconds),
            Whole("noise-2", "Noise 2: 0.75, 1 and 1.25 × 150 pA", StimulusCatalog.Create("noise-2"), dtSeconds),
            Whole("ramp", "Ramp: 25 pA/s to 800 pA", StimulusCatalog.Create("ramp"), dtSeconds),
            Whole("long-square-negative", "Long Square: −110 pA", Square(-110), dtSeconds),
            Whole("long-square-positive", "Long Square: +290 pA", Square(290), dtSeconds),
        ];

    private static Stimulus Square(double picoamperes) =>
        StimulusCatalog.Create("long-square", new StimulusOptions { AmplitudePicoamperes = picoamperes });

    // A little beyond the end, so that the return to rest is seen.
    private const double TailSeconds = 0.3;

    private static Protocol Whole(string key, string title, Stimulus stimulus, double dt) =>
        new(key, title, stimulus, dt, Stimulus.SampleCount(stimulus.DurationSeconds + TailSeconds, dt));
}
