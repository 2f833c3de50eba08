using System.ComponentModel.DataAnnotations;
using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Definitions;

/// <summary>A temporary folder with a neuron, a stimulus and definitions, and a catalogue of steps to load them with.</summary>
public sealed class DefinitionFolder : IDisposable
{
    public const string Valid = """
        name: small
        seed: 7
        dataset:
          neuron: neuron.json
          parameters:
            design: grid
            values: {C: [1e-10, 2e-10], El: [0, 0.01], R_input: [1e8], dt: [1e-5, 5e-5], th_inf: [0.02]}
          trace: {samples: 100, simulate: 120}
          splits:
            train:      {stimulus: noise-1, traces: 6}
            validation: {stimulus: waves/step.csv, traces: 2}
            test:       {stimulus: noise-2, traces: all}
        pipeline:
          - scale-targets: {C: 1e9}
          - bilstm: {hidden: 5, epochs: 3, learning_rate: 1e-2}
          - drop-nan
        """;

    public DefinitionFolder()
    {
        Write("neuron.json", """{"C": 1e-10}""");
        Write("waves/step.csv", "time_s,current_pA\n0,50\n");
    }

    internal static DefinitionContext Context { get; } = new(new Catalog(), ["noise", "noise-1", "noise-2", "ramp"]);

    public string Root { get; } = Directory.CreateTempSubdirectory("glifml-definitions-").FullName;

    public string At(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
        return At(name);
    }

    public PipelineDefinition Load(string yaml, params string[] overrides) =>
        DefinitionLoader.Load(Write("x.yaml", yaml), Context, overrides);

    /// <summary>The message of the exception a definition causes, with the folder's path left out.</summary>
    public string Faults(string yaml, params string[] overrides) =>
        Assert.Throws<DefinitionException>(() => Load(yaml, overrides)).Message.Replace(Root + "/", "", StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private sealed class Catalog : IStepCatalog
    {
        public IReadOnlyCollection<string> Names => ["scale-targets", "bilstm", "drop-nan", "columns", "everything"];

        public Type? OptionsType(string name) =>
            name switch
            {
                "scale-targets" => typeof(ScaleOptions),
                "bilstm" => typeof(NetworkOptions),
                "columns" => typeof(ColumnsOptions),
                "everything" => typeof(EverythingOptions),
                _ => null,
            };
    }
}

public sealed record ScaleOptions(IReadOnlyDictionary<string, double> Factors);

public sealed record ColumnsOptions
{
    public required IReadOnlyList<string> Names { get; init; }
}

public enum ReadOut
{
    Final,
    TimeMean,
}

public sealed record NetworkOptions : IValidatableObject
{
    [Range(1, 1024)]
    public int Hidden { get; init; } = 32;

    [Range(1, int.MaxValue)]
    public int Epochs { get; init; } = 20;

    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-2;

    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Dropout { get; init; }

    public bool Bidirectional { get; init; } = true;

    public ReadOut ReadOut { get; init; }

    public int WarmUpEpochs { get; init; }

    public double? ClipNorm { get; init; } = 1;

    [AllowedValues("fused", "torch")]
    public string Kernel { get; init; } = "fused";

    public int Batch
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentException("expected a batch of at least one trace");
    } = 1;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (WarmUpEpochs > Epochs)
            yield return new($"expected at most epochs, {Epochs}", [nameof(WarmUpEpochs)]);
    }
}

public sealed record EverythingOptions
{
    public bool Flag { get; init; }

    public long Big { get; init; }

    public float Narrow { get; init; }

    public double Wide { get; init; }

    public string Text { get; init; } = "";

    public string? Maybe { get; init; } = "yes";

    public double? Limit { get; init; } = 1;

    public ReadOut Kind { get; init; }

    public IReadOnlyList<double> Numbers { get; init; } = [];

    public IReadOnlyDictionary<string, int> Counts { get; init; } = new Dictionary<string, int>();

    public NetworkOptions Inner { get; init; } = new();

    public IReadOnlyList<NetworkOptions> Layers { get; init; } = [];
}
