using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using GlifMl.Benchmarks.Kernels;
using GlifMl.Lstm;

namespace GlifMl.Benchmarks.Generation;

/// <summary>
/// <c>generation [--quick] [--before GLIFML.DLL] [--out FOLDER]</c>: measures generating the quickstart's training split against the format
/// before, against a copy of the same bytes and, with --before, against an earlier build of the whole program, and writes generation.md.
/// --quick takes a tenth of the traces.
/// </summary>
internal sealed class GenerationReport
{
    private const int Pairs = 5;
    private readonly StringBuilder _text = new();
    private readonly int _traces;

    private GenerationReport(bool quick) => _traces = quick ? 2_000 : 20_000;

    public static int Run(string[] options)
    {
        GenerationReport report = new(options.Contains("--quick"));
        report.WriteHead();
        report.WriteFormats("noise-free", noisy: false);
        report.WriteFormats("with 0.2 mV of recording noise", noisy: true);
        if (After(options, "--before") is { } before)
            report.WriteBefore(before);
        var folder = After(options, "--out") ?? Results.Folder;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "generation.md"), report._text.ToString());
        return 0;
    }

    private static string? After(string[] options, string name) =>
        Array.IndexOf(options, name) is >= 0 and var at && at + 1 < options.Length ? options[at + 1] : null;

    private void WriteHead()
    {
        Line("# Generation");
        Line();
        Line(
            $"{Processor.Name}, {Environment.ProcessorCount} cores; {RuntimeInformation.FrameworkDescription}. {_traces} traces of the "
                + $"quickstart, voltage and current, 4,000 samples each; medians of {Pairs} pairs, ours and the peer's in turn. "
                + "`dotnet run -c Release --project tests/GlifMl.Benchmarks -- generation`"
        );
        Line();
    }

    private void WriteFormats(string kind, bool noisy)
    {
        using GenerationCase traces = new(_traces, noisy);
        Line($"## Traces {kind}");
        Line();
        Line("| what | peer | peer's | ours | ratio | MB of samples a second |");
        Line("|---|---|---:|---:|---:|---:|");
        Row("generate", "format 2: zstd", PairedTiming.Measure(traces.Generate, traces.GenerateFormat2, Pairs));
        Row("generate", "simulating alone", PairedTiming.Measure(traces.Generate, traces.Simulate, Pairs));
        Row("generate", "a copy of the same files", PairedTiming.Measure(traces.Generate, traces.Copy, Pairs));
        Row("read, one thread", "format 2, by Parquet.Net", PairedTiming.Measure(traces.Read, traces.ReadFormat2, Pairs));
        Line();
        var (today, format2) = traces.Sizes();
        Line($"Samples {traces.RawBytes / 1e6:F0} MB; files {today / 1e6:F0} MB, in format 2 {format2 / 1e6:F0} MB.");
        Line();

        void Row(string what, string peer, PairedTiming time) =>
            Line(
                $"| {what} | {peer} | {time.PeerSeconds:F2} s | {time.Seconds:F2} s | {time.Ratio:F2} "
                    + $"| {traces.RawBytes / 1e6 / time.Seconds:F0} |"
            );
    }

    /// <summary>The whole command against an earlier build of it.</summary>
    private void WriteBefore(string before)
    {
        var now = Path.Combine(AppContext.BaseDirectory, "glifml.dll");
        now = File.Exists(now) ? now : Path.Combine(Results.Repository, "src/GlifMl.Cli/bin/Release/net10.0/glifml.dll");
        var time = PairedTiming.Measure(() => Command(now), () => Command(before), Pairs);
        Line("## The whole command");
        Line();
        Line(
            $"`glifml generate` of {5 * _traces} traces, start included: {time.PeerSeconds:F1} s before "
                + $"({time.PeerRange.Shortest:F1}-{time.PeerRange.Longest:F1}), {time.Seconds:F1} s now "
                + $"({time.Range.Shortest:F1}-{time.Range.Longest:F1}), ratio {time.Ratio:F2}."
        );
    }

    private void Command(string program)
    {
        var folder = Directory.CreateTempSubdirectory("glifml-generation-").FullName;
        try
        {
            string[] arguments =
            [
                program,
                "generate",
                Path.Combine(Results.Repository, "pipelines", "quickstart.yaml"),
                "--data",
                folder,
                "--quiet",
                "--set",
                $"dataset.splits.train.traces={5 * _traces}",
                "--set",
                "dataset.splits.validation.traces=1",
                "--set",
                "dataset.splits.test.traces=1",
            ];
            ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, UseShellExecute = false };
            using var process = Process.Start(start)!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{program} ended with exit code {process.ExitCode}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Line(string text = "")
    {
        _text.AppendLine(text);
        Console.WriteLine(text);
    }
}
