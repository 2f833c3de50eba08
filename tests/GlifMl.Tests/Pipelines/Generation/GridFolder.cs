using GlifMl.Pipelines;
using GlifMl.Tests.Pipelines.Definitions;
using GlifMl.Tests.Simulation;

namespace GlifMl.Tests.Pipelines.Generation;

/// <summary>A small grid over the fitted neuron: 2 x 3 x 2 x 2 x 2 = 48 configurations.</summary>
public sealed class GridFolder : IDisposable
{
    private readonly DefinitionFolder _folder = new();

    public GridFolder() => _folder.Write("neuron.json", File.ReadAllText(Neurons.Path(1)));

    public string Root => _folder.Root;

    public const string Splits = """
        train:      {stimulus: noise-1, sweeps: 2, traces: 50}
            validation: {stimulus: noise-1, sweeps: 2, traces: 20}
            test:       {stimulus: noise-2, traces: all}
        """;

    public static string Yaml(string splits = Splits, string dataset = "", string trace = "{samples: 100}") =>
        $$"""
            name: small
            seed: 3
            dataset:
              neuron: neuron.json
              parameters:
                design: grid
                values: {C: [1e-10, 2e-10], El: [-0.01, 0, 0.01], R_input: [1e8, 2e8], dt: [1e-5, 5e-5], th_inf: [0.02, 0.03]}
              trace: {{trace}}
              splits:
                {{splits}}
              {{dataset}}
            pipeline:
              - bilstm: {hidden: 2}
            """;

    public string Write(string name, string yaml) => _folder.Write(name, yaml);

    public PipelineDefinition Load(string yaml, params string[] overrides) =>
        DefinitionLoader.Load(
            _folder.Write("x.yaml", yaml),
            new DefinitionContext(EstimatorCatalog.Default, StimulusCatalog.Names),
            overrides
        );

    public string Faults(string yaml, params string[] overrides) =>
        Assert.Throws<DefinitionException>(() => Load(yaml, overrides)).Message.Replace(Root + "/", "", StringComparison.Ordinal);

    internal static TraceNumbering Numbering(PipelineDefinition definition, string split) =>
        TraceNumbering.Of(definition, split, DesignFactory.Create(definition));

    public void Dispose() => _folder.Dispose();
}
