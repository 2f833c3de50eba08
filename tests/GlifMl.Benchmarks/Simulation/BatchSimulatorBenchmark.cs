using BenchmarkDotNet.Attributes;
using GlifMl.Simulation;

namespace GlifMl.Benchmarks.Simulation;

/// <summary>
/// Nanoseconds a simulated step (1e9 / this = steps a second), all levels, on one core and all: the exact simulator, which records every
/// state, against the batch kernels, which write mV. AllenSDK's Python takes about 6,250 ns a step.
/// </summary>
public class BatchSimulatorBenchmark
{
    private const int Traces = 256;
    private const int Steps = 52_000;
    private const int Operations = Traces * Steps;

    private SimulationRequest[] _traces = [];
    private readonly float[] _voltageMv = new float[Operations];

    [Params(1, 2, 3, 4, 5)]
    public int Level { get; set; }

    [Params(1, 0)]
    public int Cores { get; set; }

    [Params(true, false)]
    public bool SharedStimulus { get; set; }

    private int MaxCores => Cores == 0 ? Environment.ProcessorCount : Cores;

    [GlobalSetup]
    public void Setup()
    {
        var neuron = NeuronConfig.Load(Path.Combine(Root(), "datasets", "neurons", $"483101699_glif{Level}.json"));
        var stimulus = new double[Steps];
        StimulusCatalog.Create("noise", new StimulusOptions { MeanPicoamperes = 300 }).Sample(neuron.DtSeconds, stimulus);
        _traces =
        [
            .. Enumerable
                .Range(0, Traces)
                .Select(i => new SimulationRequest(
                    neuron.With("C", neuron.CapacitanceFarads * (1 + 0.01 * i)),
                    SharedStimulus ? stimulus : (double[])stimulus.Clone()
                )),
        ];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void Exact() =>
        Parallel.ForEach(
            _traces,
            new ParallelOptions { MaxDegreeOfParallelism = MaxCores },
            trace => GlifSimulator.Run(trace.Neuron, trace.StimulusAmperes)
        );

    [Benchmark(OperationsPerInvoke = Operations)]
    public SpikeRecord[] Scalar() => Batch(LaneKernelKind.Scalar);

    [Benchmark(OperationsPerInvoke = Operations)]
    public SpikeRecord[] Lanes128() => Batch(LaneKernelKind.Vector128);

    [Benchmark(OperationsPerInvoke = Operations)]
    public SpikeRecord[] Lanes256() => Batch(LaneKernelKind.Vector256);

    [Benchmark(OperationsPerInvoke = Operations)]
    public SpikeRecord[] Lanes512() => Batch(LaneKernelKind.Vector512);

    private SpikeRecord[] Batch(LaneKernelKind kernel) =>
        BatchSimulator.RunMillivolts(_traces, Steps, _voltageMv, new BatchOptions { Kernel = kernel, MaxDegreeOfParallelism = MaxCores });

    // BenchmarkDotNet runs in a folder of its own, below the repository.
    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GlifMl.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException("GlifMl.sln is above no folder of the benchmark");
    }
}
