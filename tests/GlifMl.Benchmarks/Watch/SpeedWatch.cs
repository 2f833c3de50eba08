using GlifMl.Benchmarks.Generation;
using GlifMl.Benchmarks.Kernels;
using GlifMl.Simulation;

namespace GlifMl.Benchmarks.Watch;

/// <summary>
/// <c>watch [--publish]</c>: measures, in half a minute, how many times as fast as their peers the kernel, the simulator, scoring and
/// generation are here, and says which have fallen by more than a third since it was published. It says so and fails nothing: machines
/// differ. --publish takes more samples, on a quiet machine, and writes what they give to results/PROCESSOR/ratios.json.
/// </summary>
internal static class SpeedWatch
{
    private const double Fallen = 1.0 / 3;
    private const int Pairs = 3,
        PublishedPairs = 7;

    private static readonly (string Name, string What, Func<int, double> Measure)[] Watched =
    [
        ("kernel", "LSTM, forward and backward, hidden 5, batch 16, 5,000 steps, against nn.LSTM at its best", Kernel),
        ("simulator", "batch simulator, one core, GLIF1, one current, against its scalar form", Simulator),
        ("scoring", "the quickstart's network, 256 traces, against plain OnnxRuntime", pairs => ScoringPair.Measure(pairs).Ratio),
        ("generation", "2,000 traces of the quickstart, against a copy of the same files", Generation),
    ];

    public static int Run(string[] options)
    {
        if (options.Contains("--publish"))
        {
            PublishedRatios.Publish(Watched.Select(w => KeyValuePair.Create(w.Name, w.Measure(PublishedPairs))));
            return 0;
        }

        var published = PublishedRatios.Find();
        Console.WriteLine(
            published is null
                ? "watch on speed: nothing is published yet"
                : $"watch on speed, against {Path.GetRelativePath(Results.Repository, published.Path)}:"
        );
        foreach (var (name, what, measure) in Watched)
        {
            var here = measure(Pairs);
            var before = published?.Ratios.TryGetValue(name, out var ratio) is true ? ratio : (double?)null;
            Console.WriteLine(Line(name, what, before, here));
        }
        return 0;
    }

    /// <summary>What is said of a ratio.</summary>
    private static string Line(string name, string what, double? published, double here)
    {
        var fell = published is { } before && here < before * (1 - Fallen) ? $"; FELL by {1 - here / before:P0}" : "";
        return $"  {name}: {here:G3} times, published {(published is { } p ? $"{p:G3}" : "nothing")}{fell} ({what})";
    }

    private static double Kernel(int pairs) =>
        LayerPair.Measure(LayerWork.TrainMean, hidden: 5, batch: 16, steps: 5_000, channels: 1, pairs).AtItsBest?.Ratio ?? double.NaN;

    private static double Simulator(int pairs)
    {
        const int traces = 64,
            steps = 20_000;
        var neuron = NeuronConfig.Load(Path.Combine(Results.Repository, "datasets", "neurons", "483101699_glif1.json"));
        var current = new double[steps];
        StimulusCatalog.Create("noise", new StimulusOptions { MeanPicoamperes = 300 }).Sample(neuron.DtSeconds, current);
        SimulationRequest[] requests =
        [
            .. Enumerable
                .Range(0, traces)
                .Select(n => new SimulationRequest(neuron.With("C", neuron.CapacitanceFarads * (1 + 0.01 * n)), current)),
        ];
        var voltages = new float[traces * steps];
        return PairedTiming.Measure(() => Simulate(LaneKernels.Selected), () => Simulate(LaneKernelKind.Scalar), pairs, block: 2).Ratio;

        void Simulate(LaneKernelKind kernel) =>
            BatchSimulator.RunMillivolts(requests, steps, voltages, new BatchOptions { Kernel = kernel, MaxDegreeOfParallelism = 1 });
    }

    private static double Generation(int pairs)
    {
        using GenerationCase traces = new(2_000);
        return PairedTiming.Measure(traces.Generate, traces.Copy, pairs).Ratio;
    }
}
