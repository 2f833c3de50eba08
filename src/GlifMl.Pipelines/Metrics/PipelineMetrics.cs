using System.Text.Json;
using System.Text.Json.Serialization;
using GlifMl.Pipelines;

namespace GlifMl;

/// <summary>The figures of a trained model: <c>metrics.json</c>.</summary>
/// <param name="Pipeline">Name of the definition.</param>
/// <param name="Seed">The definition's seed.</param>
/// <param name="DataHash">Hash of the dataset's definition.</param>
/// <param name="Test">The test split, all of it: with cells held out, traces of cells seen in training and of cells never seen.</param>
/// <param name="HeldOut">
/// The test rows in held-out cells, with a chance and a floor of their own; null, and not written, where no cells are held out.
/// </param>
/// <param name="Validation">The validation split; null without one.</param>
/// <param name="Seconds">Wall time by stage.</param>
/// <param name="Model">Size of the model.</param>
/// <param name="PeakMemoryMiB">Largest resident memory of the process so far, MiB.</param>
public sealed record PipelineMetrics(
    string Pipeline,
    int Seed,
    string DataHash,
    SplitMetrics Test,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SplitMetrics? HeldOut,
    SplitMetrics? Validation,
    StageSeconds Seconds,
    ModelSize Model,
    double PeakMemoryMiB
)
{
    /// <summary>
    /// The test rows outside the held-out cells, as <see cref="HeldOut"/>: what the model makes of new traces
    /// in cells that it has seen. Default null.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitMetrics? SeenCells { get; init; }

    /// <summary>What made these figures, and when; null in a file of before this was taken down.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunProvenance? Made { get; init; }

    /// <summary>Reads <c>metrics.json</c>; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not a metrics file.</exception>
    public static PipelineMetrics? Load(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            // What is missing in JSON is null, whatever the record says.
            return
                JsonSerializer.Deserialize<PipelineMetrics>(File.ReadAllText(path), Json.Options)
                    is { Pipeline: not null, DataHash: not null, Seconds: not null, Model: not null } metrics
                && IsWhole(metrics.Test)
                && new[] { metrics.HeldOut, metrics.SeenCells, metrics.Validation }.All(split => split is null || IsWhole(split))
                ? metrics
                : throw NoMetrics("too few keys");
        }
        catch (JsonException e)
        {
            throw NoMetrics($"invalid JSON ({e.Message})", e);
        }

        static bool IsWhole(SplitMetrics? split) =>
            split is { FloorNote: not null, Parameters: { Count: > 0 } parameters } && parameters.Values.All(p => p is not null);

        InvalidDataException NoMetrics(string found, Exception? inner = null) =>
            new($"{path}: found {found}; expected a metrics file: delete it and evaluate again", inner);
    }

    /// <summary>Writes <c>metrics.json</c>, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.WriteAllText(path, Json.ToText(this));
}

/// <summary>
/// How well a model does on one split, between chance and floor. All losses are means over the
/// parameters, in the study's label units squared.
/// </summary>
/// <param name="Rows">Traces scored.</param>
/// <param name="DistinctInputs">How many different model inputs there are among them.</param>
/// <param name="MseScaled">The model's mean squared error.</param>
/// <param name="Chance">What always answering the split's label mean scores.</param>
/// <param name="Floor">The best that any model can score; null where it is not known of every parameter.</param>
/// <param name="FloorNote">What the floor rests on, in words.</param>
/// <param name="LearnableLeft">
/// (score - floor) / (chance - floor): 1 learnt nothing, 0 learnt all there is; null where nothing is learnable, or the floor not known.
/// </param>
/// <param name="Parameters">The same by parameter, by Allen key.</param>
public sealed record SplitMetrics(
    long Rows,
    long DistinctInputs,
    double MseScaled,
    double Chance,
    double? Floor,
    string FloorNote,
    double? LearnableLeft,
    IReadOnlyDictionary<string, ParameterMetrics> Parameters
)
{
    /// <summary>What the posteriors are worth; null, and not written, of a model without. Default null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JointMetrics? Posterior { get; init; }

    /// <summary>
    /// Mean over the learnable parameters of each one's (score - floor) / (chance - floor), so that all count alike: in the score itself
    /// those with the largest label units outweigh the others, dt above all where it is live. Where a parameter's floor is not known it
    /// counts with what is left of its chance, which is no less. Null where nothing is learnable.
    /// </summary>
    internal double? LeftByParameter => Parameters.Values.Average(p => LeftOf(p.MseScaled, p.Chance, p.Floor ?? 0));

    /// <summary>(score - floor) / (chance - floor); null where nothing is learnable, or the floor not known.</summary>
    internal static double? LeftOf(double score, double chance, double? floor) =>
        floor is { } best && chance > best ? (score - best) / (chance - best) : null;
}

/// <summary>What the posteriors of a split are worth for all parameters together.</summary>
/// <param name="TarpP">
/// Of the test of coverage with random points (Lemos et al. 2023, arXiv:2302.03026): the probability of ranks at least as uneven where the
/// posteriors are right.
/// </param>
public sealed record JointMetrics(double TarpP);

/// <summary>How well one parameter is predicted on one split.</summary>
/// <param name="R2">Coefficient of determination, 1 - mse / chance; null where the label does not vary.</param>
/// <param name="MseScaled">Mean squared error, in the study's label units squared.</param>
/// <param name="Chance">What always answering the split's label mean scores.</param>
/// <param name="Floor">The best that any model can score; null where it is not known.</param>
/// <param name="Unit">SI unit of the parameter.</param>
public sealed record ParameterMetrics(double? R2, double MseScaled, double Chance, double? Floor, string Unit)
{
    /// <summary>
    /// How often the posterior's central intervals hold the truth, by their nominal percentage: 50, 80, 90, 95. Null, as are those that
    /// follow, and not written, of a model without posteriors.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Coverage { get; init; }

    /// <summary>
    /// Whether the truth's ranks in the posteriors are even (Talts et al. 2018, arXiv:1804.06788): the probability of ranks at least as
    /// uneven where the posteriors are right, by Kolmogorov and Smirnov.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SbcP { get; init; }

    /// <summary>
    /// Mean log of the posterior's density over the prior's, at the truth, nats: 0 is what the prior scores. Null where the prior is one
    /// value.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LogScore { get; init; }

    /// <summary>Mean of how much the traces tell of the parameter: 1 less the posterior's deviation over the prior's, 0 to 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Told { get; init; }

    /// <summary>
    /// Mean over the traces of the standard deviation between an ensemble's networks, SI units. Null, and not written, of one network.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MemberSpread { get; init; }

    /// <summary>
    /// Mean over the traces of the deviation that an ensemble's networks give their own posteriors, SI units: what the ensemble's has but
    /// for what they differ by. Null, and not written, of one network, and without posteriors.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MemberWidth { get; init; }

    /// <summary>(score - floor) / (chance - floor); null where nothing is learnable, or the floor not known.</summary>
    [JsonIgnore]
    public double? LearnableLeft => SplitMetrics.LeftOf(MseScaled, Chance, Floor);
}

/// <summary>How large a model is.</summary>
/// <param name="OnnxBytes">Bytes of model.onnx.</param>
/// <param name="Parameters">Trainable numbers; null for an estimator that has none to count.</param>
public sealed record ModelSize(long OnnxBytes, long? Parameters);

/// <summary>Wall time of each stage, s; null for a stage that this run did not go through.</summary>
public sealed record StageSeconds(double? Generate = null, double? Train = null, double? Export = null, double? Evaluate = null);
