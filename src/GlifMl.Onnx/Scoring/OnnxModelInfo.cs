using GlifMl.Onnx;

namespace GlifMl;

/// <summary>
/// What a model reads, what it gives, and what it was trained on. It travels in the metadata of the .onnx file;
/// <see cref="ToMetadata"/> and <see cref="FromMetadata"/> are the only places that know how.
/// </summary>
public sealed record OnnxModelInfo
{
    /// <summary>The graph's voltage input, <c>[N, samples]</c> in mV.</summary>
    public const string VoltageColumn = TraceColumns.VoltageMv;

    /// <summary>The graph's stimulus input, <c>[N, samples]</c> in pA, of a model that reads the stimulus.</summary>
    public const string StimulusColumn = TraceColumns.StimulusPa;

    /// <summary>The graph's output, <c>[N, parameters]</c> in SI units.</summary>
    public const string ParametersColumn = TraceColumns.Parameters;

    /// <summary>The parameters in the order of the output.</summary>
    public required IReadOnlyList<ModelParameter> Parameters { get; init; }

    /// <summary>Samples of a trace.</summary>
    public required int Samples { get; init; }

    /// <summary>Shortest sampling interval of the training traces, in s.</summary>
    public required double SamplingIntervalMinimumSeconds { get; init; }

    /// <summary>Longest sampling interval of the training traces, in s; that of all where it equals the shortest.</summary>
    public required double SamplingIntervalMaximumSeconds { get; init; }

    /// <summary>
    /// The graph's inputs: <see cref="VoltageColumn"/>, and <see cref="StimulusColumn"/> of a model that reads the stimulus.
    /// </summary>
    public IReadOnlyList<string> Inputs { get; init; } = [VoltageColumn];

    /// <summary>
    /// What the model has to be told of each trace besides: an input <c>[N, 1]</c> of Double each, SI units, of its own name. Default:
    /// nothing.
    /// </summary>
    public IReadOnlyList<ModelParameter> Known { get; init; } = [];

    /// <summary>What became of spike cuts in the training traces. Default: <see cref="SpikeCutHandling.None"/>.</summary>
    public SpikeCutHandling SpikeCuts { get; init; }

    /// <summary>
    /// What filled spike cuts, in mV. Default: 0. Ignored unless <see cref="SpikeCuts"/> is <see cref="SpikeCutHandling.Fill"/>.
    /// </summary>
    public double SpikeCutFillMv { get; init; }

    /// <summary>What voltages are measured from. Default: <see cref="VoltageReference.Rest"/>.</summary>
    public VoltageReference VoltageReference { get; init; }

    /// <summary>Spread of the training voltages, in mV; <see langword="null"/> where it is not known.</summary>
    public TraceRanges? VoltageRanges { get; init; }

    /// <summary>
    /// Spread of the training stimuli, in pA, whether the model reads them or not; <see langword="null"/> where it is not known.
    /// </summary>
    public TraceRanges? StimulusRanges { get; init; }

    /// <summary>
    /// How traces of the training data's kind lie together; <see langword="null"/> where it is not known. Its limit is known once the model
    /// has been evaluated.
    /// </summary>
    public TraceBelonging? Belonging { get; init; }

    /// <summary>The definition that the model was trained from, as resolved YAML. Default: empty.</summary>
    public string Definition { get; init; } = "";

    /// <summary>The hash of the training data's definition. Default: empty.</summary>
    public string DataHash { get; init; } = "";

    /// <summary>
    /// What always answering the label mean scores on the test split, in the study's label units squared; <see langword="null"/> until the
    /// model has been evaluated.
    /// </summary>
    public double? Chance { get; init; }

    /// <summary>
    /// The best possible score on the test split, in the same units; <see langword="null"/> until the model has been evaluated, and where
    /// it is not known of every parameter, as where no two test inputs are equal.
    /// </summary>
    public double? Floor { get; init; }

    /// <summary>Trainable numbers of the model; <see langword="null"/> where it has none to count.</summary>
    public long? TrainableNumbers { get; init; }

    /// <summary>What there is to know of the model's posterior; <see langword="null"/> for a model that gives parameters alone.</summary>
    public PosteriorInfo? Posterior { get; init; }

    /// <summary>
    /// Networks that answer together. Default 1. Where there are more the graph has an output of how far they lie apart, and its parameters
    /// are the mean of theirs.
    /// </summary>
    public int Members { get; init; } = 1;

    /// <summary>
    /// What the numbers of <see cref="VoltageColumn"/> are, of a model that reads no trace but what a cell's sweeps tell;
    /// <see langword="null"/> for a model of traces.
    /// </summary>
    public IReadOnlyList<string>? Readings { get; init; }

    /// <summary>Whether the model reads the stimulus.</summary>
    public bool ReadsStimulus => Inputs.Contains(StimulusColumn);

    /// <summary>
    /// The graph's outputs and how many numbers of a row each has: <see cref="ParametersColumn"/>, then those of a posterior, then the
    /// spread between members.
    /// </summary>
    internal IEnumerable<(string Name, int Size)> RowColumns =>
        [
            (ParametersColumn, Parameters.Count),
            .. Posterior is null ? [] : PosteriorInfo.ColumnsOf(MixtureShape),
            .. Members > 1 ? [(TraceColumns.Spread, Parameters.Count)] : Array.Empty<(string, int)>(),
        ];

    /// <summary>Numbers of a row of all outputs.</summary>
    internal int RowSize => RowColumns.Sum(column => column.Size);

    /// <summary>The names of the graph's outputs.</summary>
    internal IReadOnlyList<string> Outputs => [.. RowColumns.Select(column => column.Name)];

    /// <summary>What is known of traces of no neuron in particular: the middle of what it was in training, <c>[rows, known]</c>.</summary>
    internal float[] TypicalKnown(int rows) =>
        [
            .. Enumerable
                .Range(0, rows)
                .SelectMany(_ => Known.Select(k => (float)(k.TrainingRange is { } r ? 0.5 * (r.Minimum + r.Maximum) : 1))),
        ];

    /// <summary>All of the graph's inputs, those of what is known included.</summary>
    internal IReadOnlyList<string> GraphInputs => [.. Inputs, .. Known.Select(known => known.Name)];

    /// <summary>How the posterior's mixture lies.</summary>
    internal MixtureShape MixtureShape => new(Posterior!.Components, Parameters.Count);

    /// <summary>The entries for the metadata of an .onnx file.</summary>
    /// <returns>Keys that start with <c>glifml.</c>, and their texts; lists and ranges as JSON.</returns>
    public IReadOnlyDictionary<string, string> ToMetadata() => OnnxModelMetadata.Write(this);

    /// <summary>Reads the entries back.</summary>
    /// <param name="metadata">The metadata of an .onnx file; keys of others are left alone.</param>
    /// <returns>What they say.</returns>
    /// <exception cref="InvalidDataException">An entry is missing or cannot be read; it is named.</exception>
    public static OnnxModelInfo FromMetadata(IReadOnlyDictionary<string, string> metadata) => OnnxModelMetadata.Read(metadata);
}

/// <summary>A parameter that a model gives.</summary>
/// <param name="Name">Its name as in Allen configs, for example <c>C</c> or <c>R_input</c>.</param>
/// <param name="Unit">Its SI unit, for example <c>F</c>.</param>
/// <param name="TrainingRange">Its spread over the training data, in that unit; <see langword="null"/> where it is not known.</param>
public sealed record ModelParameter(string Name, string Unit, ValueRange? TrainingRange = null);

/// <summary>
/// What became of the samples of a spike cut (NaN in a GLIF trace: after a spike the membrane potential is undefined for the
/// refractory period) before the model saw them in training, and so what a recording's missing samples become.
/// </summary>
public enum SpikeCutHandling
{
    /// <summary>The training traces had none. A recording's short gaps are interpolated, long ones refused.</summary>
    None,

    /// <summary>Removed; what follows moves up.</summary>
    Drop,

    /// <summary>Kept as NaN; the model reads them.</summary>
    Keep,

    /// <summary>Replaced by one value, <see cref="OnnxModelInfo.SpikeCutFillMv"/>.</summary>
    Fill,
}

/// <summary>What a model's voltages are measured from.</summary>
public enum VoltageReference
{
    /// <summary>The resting membrane potential, as in the GLIF models (Teeter et al. 2018): rest is 0 mV.</summary>
    Rest,

    /// <summary>The bath: rest is about -70 mV.</summary>
    Absolute,
}
