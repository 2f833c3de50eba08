using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>
/// Numbers of the published study, quoted: github.com/kevinbdsouza/lstm_glif at its commit of 21 September 2019. Everything else in a
/// report is computed by the run that wrote it.
/// </summary>
internal static class PublishedStudy
{
    public const string Source = "github.com/kevinbdsouza/lstm_glif, 21 September 2019";

    /// <summary>"Average Test Loss" of notebooks/Case_study_completed.ipynb.</summary>
    public const double TestLoss = 1.7527;

    /// <summary>Traces of its test, by the same notebook.</summary>
    public const int TestTraces = 1500;

    /// <summary>The dV/dt cutoffs that the notebook names for the fitted neuron, and for the inferred and the random one, V/s.</summary>
    public const double FittedCutoffVoltsPerSecond = 0.1,
        OtherCutoffVoltsPerSecond = 0.005;

    /// <summary>files/train_losses.npy, epochs 1 to 5.</summary>
    public static IReadOnlyList<double> TrainLosses { get; } =
    [1.8076081985947676, 1.7528686653173762, 1.7368726241034456, 1.7273375994393136, 1.7214920147825283];

    /// <summary>files/valid_losses.npy, epochs 1 to 5.</summary>
    public static IReadOnlyList<double> ValidationLosses { get; } =
    [2.0382963017526383, 1.9432564790162963, 1.8263978435124877, 1.793865297596214, 1.812903780610732];

    /// <summary>files/configs/nn_config.npy: what its network inferred for the fitted cell, SI units.</summary>
    public static IReadOnlyDictionary<string, double> Inferred { get; } =
        new Dictionary<string, double>
        {
            [GlifParameter.Capacitance] = 2.9737049341201786e-10,
            [GlifParameter.RestingPotential] = 0.049176111817359924,
            [GlifParameter.InputResistance] = 823810577.3925781,
            [GlifParameter.TimeStep] = 4.450270652770996e-05,
            [GlifParameter.Threshold] = 0.06676648557186127,
        };

    /// <summary>The notebook's cell summary: the Allen Cell Types Database on specimen 483101699.</summary>
    public static IReadOnlyList<(string Name, string Value)> CellSummary { get; } =
    [
        ("Mouse line", "Cux2-CreERT2"),
        ("Specimen", "483101699"),
        ("GLIF1 model", "485513169"),
        ("Area", "primary visual area"),
        ("Layer", "4"),
        ("Hemisphere", "left"),
        ("Dendrite type", "spiny"),
        ("Apical dendrite", "intact"),
        ("Resting potential", "−78.1 mV"),
        ("Input resistance", "118 MΩ"),
        ("Membrane time constant", "15.2 ms"),
        ("Rheobase", "150 pA"),
        ("F/I curve slope", "0.1 spikes/s per pA"),
        ("Firing rate", "11.3 spikes/s"),
        ("Adaptation index", "0.023"),
        ("Ramp spike time", "7.264 s"),
        ("Upstroke:downstroke ratio", "4.07"),
    ];

    /// <summary>
    /// files/spike_count_dict.npy, by stimulus: the fitted neuron in the window that the repository's code simulates. It holds 0 for the
    /// others.
    /// </summary>
    public static IReadOnlyDictionary<string, int> StoredFittedSpikeCounts { get; } =
        new Dictionary<string, int>
        {
            ["noise-1"] = 3,
            ["noise-2"] = 9,
            ["ramp"] = 0,
            ["long-square"] = 0,
        };

    /// <summary>"A comparison of number of spikes" of the notebook, by stimulus: fitted, inferred, random.</summary>
    public static IReadOnlyDictionary<string, int[]> SpikeCounts { get; } =
        new Dictionary<string, int[]>
        {
            ["noise-1"] = [11, 7, 11],
            ["noise-2"] = [12, 4, 11],
            ["ramp"] = [1, 1, 0],
            ["long-square"] = [2, 1, 1],
        };

    /// <summary>Whether a neuron is the study's cell, whose summary applies to it.</summary>
    public static bool IsCell(NeuronConfig neuron) =>
        (neuron.CapacitanceFarads, neuron.InputResistanceOhms, neuron.ThresholdInfinityVolts, neuron.RestingReferenceVolts)
        == (1.0949424420741503e-10, 183419927.9118323, 0.03418635859613008, -0.07841676839192706);

    /// <summary>
    /// Whether a definition's data are the study's: its cell, its grid, its noise, dt inert. Only then do its losses stand beside ours.
    /// </summary>
    public static bool IsReproducedBy(PipelineDefinition definition, NeuronConfig neuron)
    {
        var (dataset, trace) = (definition.Dataset, definition.Dataset.Trace);
        return IsCell(neuron)
            && dataset.Parameters.Design == DesignKind.Grid
            && Grid.All(axis =>
                dataset.Parameters.Values.TryGetValue(axis.Key, out var values) && values.Order().SequenceEqual(axis.Value.Order())
            )
            && trace is { Dt: DtMeaning.SamplingInterval, SpikeCuts: SpikeCuts.Drop, Samples: 50_000, SamplingRateHz: 200_000 }
            && dataset.Splits.Train.Stimulus.Equals(new StimulusDefinition { Name = "case-study-noise-1" })
            && dataset.Splits.Test.Stimulus.Equals(new StimulusDefinition { Name = "case-study-noise-2" })
            && definition.Targets.SequenceEqual(GlifParameter.Keys);
    }

    // src/utils.py, create_param_dict; SI units.
    private static readonly Dictionary<string, double[]> Grid = new()
    {
        [GlifParameter.Capacitance] = [0.01e-9, 0.05e-9, 0.1e-9, 0.5e-9, 1e-9],
        [GlifParameter.RestingPotential] = [-0.1, -0.5, 0, 0.5, 0.1],
        [GlifParameter.InputResistance] = [0.01834e9, 0.05834e9, 0.1834e9, 0.5834e9, 1.834e9],
        [GlifParameter.TimeStep] = [1e-5, 3e-5, 5e-5, 7e-5, 9e-5],
        [GlifParameter.Threshold] = [0.00541, 0.0141, 0.0341, 0.0741, 0.141],
    };
}
