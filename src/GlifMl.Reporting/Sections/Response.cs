namespace GlifMl.Reporting;

/// <summary>What one neuron does under one protocol.</summary>
/// <param name="ComparedNeuron">The neuron.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="StimulusAmperes">The current at each step, A.</param>
/// <param name="Trace">What the simulator gives.</param>
internal sealed record Response(ComparedNeuron ComparedNeuron, Protocol Protocol, double[] StimulusAmperes, GlifTrace Trace)
{
    /// <summary>Membrane potential, mV, NaN in spike cuts.</summary>
    public double[] VoltageMv { get; } = Array.ConvertAll(Trace.VoltageVolts, v => 1000 * v);

    /// <summary>Highest membrane potential, mV.</summary>
    public double PeakMv => VoltageMv.Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Max();

    /// <summary>The neuron's threshold at rest, mV.</summary>
    public double ThresholdMv => 1000 * ComparedNeuron.Neuron.EffectiveThresholdVolts;

    /// <summary>
    /// The threshold at each step, mV, NaN in spike cuts; null where it is <see cref="ThresholdMv"/> throughout (GLIF1 and GLIF3).
    /// </summary>
    public double[]? MovingThresholdMv { get; } =
        Array.Exists(Trace.ThresholdVolts, v => !double.IsNaN(v) && v != ComparedNeuron.Neuron.EffectiveThresholdVolts)
            ? Array.ConvertAll(Trace.ThresholdVolts, v => 1000 * v)
            : null;

    /// <summary>Some steps of the response, with times from 0.</summary>
    /// <param name="protocol">What they are called, and how many.</param>
    /// <param name="first">The first of them.</param>
    public Response Stretch(Protocol protocol, int first)
    {
        var steps = first..(first + protocol.Steps);
        var spikes = Enumerable
            .Range(0, Trace.SpikeSteps.Length)
            .Where(k => Trace.SpikeSteps[k] >= steps.Start.Value && Trace.SpikeSteps[k] < steps.End.Value)
            .ToArray();
        double[] FromZero(double[] seconds) => Array.ConvertAll(spikes, k => seconds[k] - (first * Trace.DtSeconds));
        return new Response(
            ComparedNeuron,
            protocol,
            StimulusAmperes[steps],
            Trace with
            {
                VoltageVolts = Trace.VoltageVolts[steps],
                ThresholdVolts = Trace.ThresholdVolts[steps],
                AfterspikeCurrentsAmperes = Array.ConvertAll(Trace.AfterspikeCurrentsAmperes, current => current[steps]),
                SpikeSteps = Array.ConvertAll(spikes, k => Trace.SpikeSteps[k] - first),
                GridSpikeTimesSeconds = FromZero(Trace.GridSpikeTimesSeconds),
                InterpolatedSpikeTimesSeconds = FromZero(Trace.InterpolatedSpikeTimesSeconds),
            }
        );
    }

    /// <summary>Runs every neuron under every protocol.</summary>
    /// <returns>Responses by protocol, in the neurons' order.</returns>
    public static IReadOnlyList<Response[]> Simulate(
        IReadOnlyList<ComparedNeuron> subjects,
        IReadOnlyList<Protocol> protocols,
        CancellationToken cancellation
    )
    {
        var currents = protocols
            .Select(protocol =>
            {
                var amperes = new double[protocol.Steps];
                protocol.Stimulus.Sample(protocol.DtSeconds, amperes);
                return amperes;
            })
            .ToArray();
        var responses = protocols.Select(_ => new Response[subjects.Count]).ToArray();
        Parallel.For(
            0,
            protocols.Count * subjects.Count,
            new ParallelOptions { CancellationToken = cancellation },
            job =>
            {
                var (p, s) = (job / subjects.Count, job % subjects.Count);
                var neuron = subjects[s].Neuron.With(GlifParameter.TimeStep, protocols[p].DtSeconds);
                responses[p][s] = new Response(subjects[s], protocols[p], currents[p], GlifSimulator.Run(neuron, currents[p]));
            }
        );
        return responses;
    }
}

/// <summary>One of the neurons that a report compares.</summary>
/// <param name="Key">Name in file names and JSON: <c>fitted</c>, <c>inferred</c>, <c>random</c>.</param>
/// <param name="Title">Name for readers.</param>
/// <param name="Neuron">The neuron.</param>
/// <param name="SeriesColour">Its colour in every figure.</param>
internal sealed record ComparedNeuron(string Key, string Title, NeuronConfig Neuron, SeriesColour SeriesColour);

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

    /// <summary>
    /// The protocols of the Allen Cell Types Database in full: three noise amplitudes, the whole ramp, the lowest and highest square.
    /// </summary>
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
