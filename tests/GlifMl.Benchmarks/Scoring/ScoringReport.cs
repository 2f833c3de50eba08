using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using GlifMl.Benchmarks.Kernels;
using GlifMl.Lstm;

namespace GlifMl.Benchmarks.Scoring;

/// <summary>
/// <c>scoring [--quick] [--out FOLDER]</c>: scores the traces of quickstart and case study, with models of these definitions that are
/// trained for a moment, by the kernel and by OnnxRuntime alone, in turn, and writes scoring.md. --quick takes fewer traces and three
/// pairs.
/// </summary>
internal sealed class ScoringReport(bool quick)
{
    private readonly StringBuilder _text = new();
    private readonly int _pairs = quick ? 3 : 7;

    public static int Run(string[] options)
    {
        var report = new ScoringReport(options.Contains("--quick"));
        report.WriteAll();
        var at = Array.IndexOf(options, "--out");
        var folder = at >= 0 && at + 1 < options.Length ? options[at + 1] : Results.Folder;
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "scoring.md");
        File.WriteAllText(path, report._text.ToString());
        Console.WriteLine($"written to {path}");
        return 0;
    }

    private void WriteAll()
    {
        var runtime = typeof(Microsoft.ML.OnnxRuntime.InferenceSession).Assembly;
        var version = runtime.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        Line("# Scoring");
        Line();
        Line(
            $"{Processor.Name}, {Environment.ProcessorCount} cores; {RuntimeInformation.FrameworkDescription}; OnnxRuntime {version}; "
                + $"kernel {LstmKernels.Default.Name}. Traces of the definitions of this repository, and models of them that are "
                + $"trained for a moment. Each figure is the median of {_pairs} samples, the kernel's and OnnxRuntime's in turn, in "
                + "brackets the shortest and the longest; a ratio is the median of the pairs'. Both decode, score and write in the same "
                + "threads."
        );
        Line();
        Line("| traces | from | OnnxRuntime, ms a trace | kernel | ratio | largest difference |");
        Line("|---|---|---:|---:|---:|---:|");
        using (
            var quickstart = new ScoringCase(
                "quickstart",
                quick ? 640 : 4000,
                ["dataset.splits.train.traces=64", "dataset.splits.validation.traces=16", "pipeline.bilstm.epochs=1"]
            )
        )
            Write(quickstart, "quickstart: 4,000 samples, two channels, hidden 32");
        using (
            var study = new ScoringCase(
                "case-study",
                quick ? 64 : 320,
                ["dataset.splits.train.traces=32", "dataset.splits.validation.traces=16", "pipeline.bilstm.epochs=1"]
            )
        )
            Write(study, "case study: 50,000 samples, hidden 5");
    }

    private void Write(ScoringCase scoring, string name)
    {
        Row(name, "memory", scoring.Memory(OnnxEngine.Kernel), scoring.Memory(OnnxEngine.OnnxRuntime), scoring.InMemory, scoring);
        Row(name, "memory, one alone", scoring.Single(OnnxEngine.Kernel), scoring.Single(OnnxEngine.OnnxRuntime), 1, scoring);
        Row(name, "shards to CSV", scoring.Shards(OnnxEngine.Kernel), scoring.Shards(OnnxEngine.OnnxRuntime), scoring.InShards, scoring);
    }

    private void Row(string name, string from, Action kernel, Action runtime, int traces, ScoringCase scoring)
    {
        var time = PairedTiming.Measure(kernel, runtime, _pairs);
        var (theirs, ours) = (Milliseconds(time.PeerSeconds, time.PeerRange, traces), Milliseconds(time.Seconds, time.Range, traces));
        var ratio = time.Ratio.ToString("F1", CultureInfo.InvariantCulture);
        var difference = scoring.Difference.ToString("G2", CultureInfo.InvariantCulture);
        Line($"| {name} | {from} | {theirs} | {ours} | {ratio} | {difference} |");
    }

    private static string Milliseconds(double seconds, SecondsRange range, int traces)
    {
        string Of(double time) => (time * 1e3 / traces).ToString("G3", CultureInfo.InvariantCulture);
        return $"{Of(seconds)} ({Of(range.Shortest)}-{Of(range.Longest)})";
    }

    private void Line(string text = "")
    {
        _text.AppendLine(text);
        Console.WriteLine(text);
    }
}
