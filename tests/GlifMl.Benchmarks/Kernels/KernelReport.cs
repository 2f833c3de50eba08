using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using GlifMl.Lstm;
using GlifMl.Torch;
using TorchSharp;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>
/// <c>kernels [--quick] [--out FOLDER]</c>: measures the fused layer and its peers in one run, in turn, and writes kernels.md and its
/// figure. --quick cuts the traces to a tenth and the repetitions to three.
/// </summary>
internal sealed class KernelReport
{
    private const string FigureName = "kernels.png";
    private const double PeerBytesLimit = 2e9;

    private readonly StringBuilder _text = new();
    private readonly PeerTables _peers;
    private readonly KernelFigure _figure = new();
    private readonly int _pairs;
    private readonly int _steps;
    private readonly int _threads = KernelThreads.Default;

    private KernelReport(bool quick)
    {
        _pairs = quick ? 3 : 7;
        _steps = quick ? 5_000 : 50_000;
        _peers = new PeerTables(Line, _pairs, _steps);
    }

    public static int Run(string[] options)
    {
        if (options is [LayerPair.Argument, .. var pair])
            return LayerPair.Return(pair);
        if (options is [PeakMemory.Argument, .. var memory])
            return PeakMemory.Return(memory);

        var quick = options.Contains("--quick");
        var at = Array.IndexOf(options, "--out");
        var folder = at >= 0 && at + 1 < options.Length ? options[at + 1] : Results.Folder;
        var report = new KernelReport(quick);
        report.WriteAll();
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "kernels.md");
        File.WriteAllText(path, report._text.ToString());
        File.WriteAllText(Path.Combine(folder, "kernels-readme.md"), report._peers.Excerpt(report.Where()));
        File.WriteAllBytes(Path.Combine(folder, FigureName), report._figure.Png());
        Console.WriteLine($"written to {path}");
        return 0;
    }

    private void WriteAll()
    {
        WriteHead();
        _peers.WriteTraining();
        _peers.WriteForward();
        WriteShareOfPeak();
        WriteScaling();
        WriteMemory();
        WriteThreads();
        WriteKernels();
    }

    private Measured Where() => new($"{_threads} cores of {Processor.Name}", Version(typeof(torch)), $"{Results.FolderName}/{FigureName}");

    private void WriteHead()
    {
        Line("# Fused LSTM layer");
        Line();
        Line(
            $"{Processor.Name}, {_threads} cores; {RuntimeInformation.FrameworkDescription}; TorchSharp {Version(typeof(torch))}; "
                + $"OnnxRuntime {Version(typeof(Microsoft.ML.OnnxRuntime.InferenceSession))}; "
                + $"kernel {LstmKernels.Default.Name}; {_threads} threads for all."
        );
        Line(
            $"Bidirectional layer. Each figure is the median of {_pairs} samples, ours and the peer's in turn; "
                + "a ratio is the median of the pairs'. Before each sample both stand still for 0.2 s: the peers' threads go on spinning "
                + "after their work, into our time. A run that is not counted then wakes the threads; traces of under 1,000 steps are "
                + "timed in blocks of 20 runs, after 19 that are not counted."
        );
        Line();
    }

    private void WriteShareOfPeak()
    {
        var peak = MachinePeak.FlopsPerSecond(_threads);
        Line("## Share of the machine's peak");
        Line();
        Line(
            $"Peak: {peak / 1e9:F0} GFLOP/s, measured with independent multiply-adds on {_threads} threads. "
                + "Operations by formula, exponentials and reciprocals at their instruction count; "
                + "only multiply-adds count two, so activations alone cannot reach the peak. "
                + "Training is of the time mean: no step is left out."
        );
        Line();
        Line("| hidden | batch | forward GFLOP/s | share | forward and backward GFLOP/s | share |");
        Line("|---:|---:|---:|---:|---:|---:|");
        foreach (var (hidden, batch) in ((int, int)[])[(5, 1), (5, 16), (32, 1), (32, 16), (128, 16)])
        {
            using var layer = new LayerCase(hidden, batch, ShortTrace(hidden, batch));
            var forward = LayerArithmetic.Forward(layer.Geometry) / PairedTiming.Measure(layer.FusedForward, _pairs);
            var training = LayerArithmetic.Training(layer.Geometry) / PairedTiming.Measure(layer.FusedTraining, _pairs);
            Line($"| {hidden} | {batch} | {forward / 1e9:F1} | {forward / peak:P0} | {training / 1e9:F1} | {training / peak:P0} |");
        }

        Line();
    }

    private void WriteScaling()
    {
        Line("## Time against hidden size, batch and length");
        Line();
        Line("Forward and backward of the time mean, nanoseconds a step and trace.");
        Line();
        Line($"![Time against hidden size, batch and length; peak memory against length]({FigureName})");
        Line();
        int[] batches = [1, 2, 4, 8, 16, 32, 64];
        Line($"| hidden | batch {string.Join(" | ", batches)} |");
        Line("|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var hidden in (int[])[2, 5, 8, 16, 32, 64, 128])
        {
            double[] cells = [.. batches.Select(batch => NanosecondsAStep(hidden, batch, ShortTrace(hidden, batch)))];
            _figure.Sizes.AddRange(batches.Zip(cells, (batch, time) => (hidden, batch, time)));
            Line($"| {hidden} | {string.Join(" | ", cells.Select(Number))} |");
        }

        Line();
        int[] lengths = [_steps / 200, _steps / 50, _steps / 10, 2 * _steps / 5, _steps];
        Line($"| hidden, batch | {string.Join(" | ", lengths.Select(l => $"{l} steps"))} |");
        Line("|---|---:|---:|---:|---:|---:|");
        foreach (var (hidden, batch) in ((int, int)[])[(5, 1), (5, 16), (32, 16)])
        {
            double[] cells = [.. lengths.Select(steps => NanosecondsAStep(hidden, batch, steps))];
            _figure.Lengths.AddRange(lengths.Zip(cells, (steps, time) => (hidden, batch, steps, time)));
            Line($"| {hidden}, {batch} | {string.Join(" | ", cells.Select(Number))} |");
        }

        Line();
    }

    private void WriteMemory()
    {
        if (!ProcessMemory.IsKnown)
            return;
        Line("## Peak memory against length");
        Line();
        Line(
            "What one forward and backward pass adds to a process at its peak, beside the input itself: resident memory's high-water mark "
                + "in a process of its own, reset after a first run. Besides the input only one thing grows with the length: the states "
                + "kept every K steps, from which backward computes a chunk's gates again. K is chosen so that a chunk stays in the "
                + "second-level cache. Traces whose tape takes at most 4 MiB a tile keep it instead. nn.LSTM keeps every step's gates; it "
                + $"is left out where these and their gradients take more than {PeerBytesLimit / 1e9} GB."
        );
        Line();
        Line("| hidden | batch | steps | input | states or tape kept | fused adds | nn.LSTM adds |");
        Line("|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (hidden, batch) in ((int, int)[])[(5, 1), (5, 16), (32, 16)])
        {
            foreach (var steps in (int[])[_steps / 10, _steps, 10 * _steps])
            {
                var geometry = new LstmGeometry(batch, steps, Inputs: 1, hidden, Directions: 2);
                var fused = PeakMemory.Measure(fused: true, hidden, batch, steps);
                _figure.Memory.Add((hidden, batch, steps, fused));
                var peer = PeerBytes(geometry) < PeerBytesLimit ? PeakMemory.Measure(fused: false, hidden, batch, steps) : null;
                Line(
                    $"| {hidden} | {batch} | {steps} | {Megabytes(fused.InputBytes)} "
                        + $"| {Megabytes(LstmKernels.Default.CheckpointFloats(geometry) * sizeof(float))} | {Megabytes(fused.AddedBytes)} "
                        + $"| {(peer is null ? "" : Megabytes(peer.AddedBytes))} |"
                );
            }
        }

        Line();
    }

    // Gates, cell and hidden states of each step, and their gradients.
    private static double PeerBytes(LstmGeometry g) => 2.0 * g.SequenceFloats * (LstmGeometry.Gates + 2) * sizeof(float);

    private void WriteThreads()
    {
        Line("## One thread and two");
        Line();
        Line("| hidden | batch | one thread | two | ratio |");
        Line("|---:|---:|---:|---:|---:|");
        foreach (var (hidden, batch) in ((int, int)[])[(5, 1), (5, 16), (32, 16), (32, 32)])
        {
            using var layer = new LayerCase(hidden, batch, ShortTrace(hidden, batch));
            var time = PairedTiming.Measure(
                () => layer.FusedTraining(new() { Threads = 2 }),
                () => layer.FusedTraining(new() { Threads = 1 }),
                _pairs,
                block: 10
            );
            Line($"| {hidden} | {batch} | {Ms(time.PeerSeconds)} | {Ms(time.Seconds)} | {time.Ratio:F2} |");
        }

        Line();
    }

    private void WriteKernels()
    {
        Line("## Kernels");
        Line();
        Line("Forward and backward of the time mean, nanoseconds a step and trace.");
        Line();
        Line("| kernel | hidden 5, batch 1 | hidden 5, batch 16 | hidden 32, batch 16 |");
        Line("|---|---:|---:|---:|");
        foreach (var kernel in LstmKernels.Available)
        {
            var cells = ((int, int)[])[(5, 1), (5, 16), (32, 16)];
            Line($"| {kernel.Name} | {string.Join(" | ", cells.Select(c => Number(NanosecondsAStep(c.Item1, c.Item2, 1_000, kernel))))} |");
        }
    }

    private double NanosecondsAStep(int hidden, int batch, int steps, ILstmKernel? kernel = null)
    {
        using var layer = new LayerCase(hidden, batch, steps);
        var options = new FusedLstmOptions { Kernel = kernel ?? LstmKernels.Default };
        var seconds = PairedTiming.Measure(() => layer.FusedTraining(options), _pairs);
        return seconds / steps / batch * 1e9;
    }

    private static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);

    // Long enough for a run of some milliseconds, so that starting it does not count.
    private static int ShortTrace(int hidden, int batch) => Math.Clamp(20_000_000 / (hidden * hidden + 40) / batch / 8, 300, 20_000);

    private static string Ms(double seconds) => $"{seconds * 1e3:F1} ms";

    private static string Megabytes(long bytes) => $"{bytes / 1e6:F1} MB";

    private static string Version(Type type)
    {
        var version = type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return version.Split('+')[0];
    }

    private void Line(string text = "")
    {
        _text.AppendLine(text);
        Console.WriteLine(text);
    }
}
