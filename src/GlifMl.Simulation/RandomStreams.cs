namespace GlifMl.Simulation;

/// <summary>
/// The names of all streams of <see cref="SeededRandom"/>. They are data, not prose: a name is hashed into every number drawn under it,
/// so each stays as it is, byte for byte, however it reads. Rewording one changes every dataset, split and figure made with it.
/// </summary>
internal static class RandomStreams
{
    /// <summary>Phases of the pink noise.</summary>
    public const string PinkNoise = "stimuli.pink-noise";

    /// <summary>Points of a uniform design.</summary>
    public const string UniformDesign = "designs.uniform";

    /// <summary>Digital shift of a Sobol design.</summary>
    public const string SobolShift = "designs.sobol.shift";

    /// <summary>Which stratum of each parameter a point of a Latin hypercube has.</summary>
    public const string LatinHypercubeStrata = "designs.latin-hypercube.strata";

    /// <summary>Where in its strata a point of a Latin hypercube lies.</summary>
    public const string LatinHypercubePlaces = "designs.latin-hypercube.places";

    /// <summary>Jitter of a membrane's threshold, an index a spike.</summary>
    public const string ThresholdJitter = "membranes.threshold-jitter";

    /// <summary>Cells of a prior of membranes.</summary>
    public const string MembraneCells = "membranes.cells";

    /// <summary>Sessions that simulated cells are judged by.</summary>
    public const string CellSessions = "membranes.sessions";

    /// <summary>Cells that training never sees.</summary>
    public const string HeldOutCells = "held-out cells";

    /// <summary>The step <c>noise</c>.</summary>
    public const string NoiseStep = "noise";

    /// <summary>Traces that an inspection passes through a chain.</summary>
    public const string Inspection = "inspect";

    /// <summary>The configuration whose responses a report shows.</summary>
    public const string ReportConfiguration = "random configuration of the report";

    /// <summary>Points that a figure of predictions shows.</summary>
    public const string PredictionFigure = "points of a prediction figure";

    /// <summary>Neurons drawn from what is known of a recorded cell.</summary>
    public const string PosteriorBand = "posterior of a fitted cell";

    /// <summary>The values that a random sweep tries.</summary>
    public const string SweepTrials = "sweep trials";

    /// <summary>The order in which splits draw the configurations of a grid.</summary>
    /// <param name="stimuli">What is injected: names of stimuli, of a file its contents' hash, joined by <c> + </c>.</param>
    /// <param name="sweeps">How often each configuration is there.</param>
    public static string GridTraces(string stimuli, int sweeps) => $"traces {stimuli} x {sweeps}";

    /// <summary>Which of a split's stimuli a trace has.</summary>
    public static string StimulusChoice(string split) => $"stimulus choice {split}";

    /// <summary>Waveform and options of a trace's stimulus.</summary>
    public static string Stimulus(string split) => $"stimulus {split}";

    /// <summary>Recording noise of a split's traces.</summary>
    public static string RecordingNoise(string split) => $"recording noise {split}";

    /// <summary>Sideways scatter of the points in a figure of one parameter's values.</summary>
    public static string FigureStrip(string key) => $"strip of {key}";
}
