using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Cli;

/// <summary>A definition that runs in about a second: 48 traces of 200 samples.</summary>
internal sealed class TinyPipeline : IDisposable
{
    private readonly TempFolder _folder = new();

    public TinyPipeline()
    {
        Definition = _folder["tiny.yaml"];
        File.WriteAllText(
            Definition,
            $$"""
            name: tiny
            seed: 7
            dataset:
              neuron: {{Glifml.Path("datasets/neurons/483101699_glif1.json")}}
              parameters:
                design: uniform
                ranges:
                  C: {min: 30e-12, max: 400e-12, scale: log}
                  El: {min: -0.01, max: 0.01}
                  R_input: {min: 60e6, max: 600e6, scale: log}
                  dt: {min: 50e-6, max: 200e-6, scale: log}
                  th_inf: {min: 0.008, max: 0.045, scale: log}
              trace: {samples: 200, simulate: 260, dt: live, spike_cut: time, spike_cuts: drop, stimulus: true}
              splits:
                train: {stimulus: {name: noise, seed: per-trace, mean_pA: {min: 60, max: 500} }, traces: 32}
                validation: {stimulus: noise, traces: 8}
                test: {stimulus: noise, traces: 8}
              shard_rows: 16
            pipeline:
              - scale-targets: {C: log, El: standardise, R_input: log, dt: log, th_inf: log}
              - scale-trace: {mode: asinh, scale: [3]}
              - bilstm: {hidden: 3, batch: 8, epochs: 3}
            """
        );
    }

    public string Definition { get; }

    public string Data => _folder["shards"];

    public string Model => _folder["model"];

    public string this[params string[] parts] => _folder[parts];

    public (int Code, string Output, string Error) Run(string command, params string[] more) =>
        Glifml.Run([
            command,
            Definition,
            "--data",
            Data,
            .. command == "generate" ? (string[])[] : ["--output", Model],
            "--quiet",
            .. more,
        ]);

    public void Dispose() => _folder.Dispose();
}
