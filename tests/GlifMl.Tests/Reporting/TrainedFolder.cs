using GlifMl.Tests.Datasets;
using GlifMl.Tests.Simulation;

namespace GlifMl.Tests.Reporting;

/// <summary>A tiny model with a hostile name, trained once for all tests of its report.</summary>
public sealed class TrainedFolder : IDisposable
{
    public const string HostileName = "<script>alert('x')<script> & \"co\"";

    private readonly TempFolder _folder = new();

    public TrainedFolder()
    {
        File.WriteAllText(
            Definition,
            $$"""
            name: '{{HostileName.Replace("'", "''", StringComparison.Ordinal)}}'
            dataset:
              neuron: {{Neurons.Path(1)}}
              parameters:
                design: grid
                values: {C: [0.1e-9, 0.2e-9], El: [0], R_input: [0.1e9, 0.2e9], dt: [5e-5, 7e-5], th_inf: [0.01, 0.03]}
              trace: {samples: 200, simulate: 260, sampling_rate_hz: 10000}
              splits:
                train:      {stimulus: case-study-noise-1, traces: 12}
                validation: {stimulus: case-study-noise-1, traces: 4}
                test:       {stimulus: case-study-noise-2, traces: all}
            pipeline:
              - scale-targets: {C: 1e9, R_input: 1e-9, dt: 1e5}
              - bilstm: {hidden: 2, epochs: 2, batch: 4}
            """
        );
        var pipeline = new Pipeline(
            Pipeline.Load(Definition),
            new PipelineSettings { ModelDirectory = _folder["model"], DataDirectory = _folder["data"] }
        );
        pipeline.Run();
        Model = pipeline.Model;
        ReportBuilder.Build(Model);
    }

    public string Definition => _folder["tiny.yaml"];

    public ModelDirectory Model { get; }

    public string Report(params string[] name) => Path.Combine([Model.Report, .. name]);

    public void Dispose() => _folder.Dispose();
}
