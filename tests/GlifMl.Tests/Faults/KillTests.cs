using System.Text.Json;
using Xunit.Abstractions;

namespace GlifMl.Tests.Faults;

/// <summary>
/// Commands that are killed, or asked to end, at random moments, and run again: what stands under a final name is whole at every moment,
/// and in the end all is as if nothing had happened. <c>GLIFML_KILLS=1000</c> makes a night of it.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Interrupted = 130;

    // In a long run a command is stopped, run again and stopped again before it may end.
    private static readonly int MostStops = Math.Clamp(FaultOptions.Kills / FaultedCommand.All.Count, 1, 3);

    private readonly SortedDictionary<(string Command, bool Politely), (int Stopped, int Late)> _counts = [];
    private TimeSpan _slowest;

    [UnixFact]
    public void Command_StoppedAtAnyMomentAndRunAgain_EndsInTheSameBytes()
    {
        Random random = new(FaultOptions.Seed);
        using FaultWorkspace whole = new();
        Dictionary<string, Reference> references = [];
        var stopped = 0;
        try
        {
            foreach (var command in FaultedCommand.All)
                references[command.Name] = Run(command, references);
            foreach (var (trial, command) in FaultedCommand.Trials().Index())
            {
                stopped += Stop(command, references[command.Name], random, trial);
                if (stopped >= FaultOptions.Kills)
                    break;
            }
        }
        finally
        {
            foreach (var ((command, politely), (stops, late)) in _counts)
                FaultOptions.Report(output, $"| {command} | {(politely ? "SIGTERM" : "SIGKILL")} | {stops} | {late} |");
            FaultOptions.Report(output, $"| slowest end of a process | | {_slowest.TotalSeconds:F1} s | |");
            foreach (var reference in references.Values)
            {
                reference.Before.Dispose();
                reference.Ended.Dispose();
            }
        }
    }

    /// <summary>What a command begins with, what it ends in, and how long it takes.</summary>
    private static Reference Run(FaultedCommand command, IReadOnlyDictionary<string, Reference> done)
    {
        FaultWorkspace before = new(),
            ended = new();
        if (command.Needs is { } need)
            before.CopyFrom(done[need].Ended);
        ended.CopyFrom(before);
        var run = command.Run(ended, moment: null, politely: false, again: false);
        AssertDone(run, command.Name);
        return new(before, ended, ended.Results(), run.Took);
    }

    /// <summary>Stops a command at some moments, and lets it come to its end.</summary>
    /// <returns>How often it was stopped.</returns>
    private int Stop(FaultedCommand command, Reference reference, Random random, int trial)
    {
        using FaultWorkspace at = new();
        at.CopyFrom(reference.Before);
        var (began, stops, again, what) = (reference.Before.Results(), 0, false, $"trial {trial}: {command.Name}");
        for (var left = random.Next(1, MostStops + 1); left > 0; left--)
        {
            var (politely, moment) = (random.Next(3) == 0, reference.Took * random.NextDouble());
            what += $", {(politely ? "SIGTERM" : "SIGKILL")} after {moment.TotalSeconds:F3} s";
            var run = command.Run(at, moment, politely, again);
            Note(run, what);
            again = true;
            if (IsSubmitted(run, at))
                continue;
            if (politely)
                Assert.True(run.Code is 0 or Interrupted or 128 + 15, $"{what}: exit code {run.Code}: {run.Error}");
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
            var (stopped, late) = _counts.GetValueOrDefault((command.Name, politely));
            var isLate = run.Code is 0;
            _counts[(command.Name, politely)] = (stopped + (isLate ? 0 : 1), late + (isLate ? 1 : 0));
            stops += isLate ? 0 : 1;
            AssertWhole(at, reference, began, what);
            at.SetClockBack();
        }

        var last = command.Run(at, moment: null, politely: false, again: true);
        Note(last, what);
        if (IsSubmitted(last, at))
            last = command.Run(at, moment: null, politely: false, again: true);
        AssertDone(last, what);
        var ended = at.Results();
        var different = ended.Except(reference.Results).Select(pair => Difference(pair, reference.Results)).ToArray();
        Assert.True(different.Length == 0, $"{what}: {string.Join("; ", different)}");
        Assert.Equal(reference.Results.Keys, ended.Keys);
        Assert.Equal([], at.Leftovers());
        return stops;
    }

    private void Note(StoppedProcess run, string what)
    {
        Assert.True(
            run.Code is not null,
            $"{what}: found a process that does not end; expected one that does, or goes on working, within two minutes"
        );
        _slowest = run.Took > _slowest ? run.Took : _slowest;
    }

    /// <summary>Whether jobs of a stopped submission are in the queue; then they are ended, as the message says.</summary>
    private static bool IsSubmitted(StoppedProcess run, FaultWorkspace at)
    {
        if (run.Code != 2 || !run.Error.Contains(FakeSlurm.InTheQueue, StringComparison.Ordinal))
            return false;
        FakeSlurm.Cancel(at);
        return true;
    }

    private static void AssertWhole(FaultWorkspace at, Reference reference, SortedDictionary<string, string> began, string what)
    {
        foreach (var (name, content) in at.Results())
        {
            if (content != reference.Results.GetValueOrDefault(name) && content != began.GetValueOrDefault(name))
                Assert.True(IsWhole(name, at, reference.Ended), $"{what}: found {name} half done");
        }
    }

    /// <summary>
    /// Whether a file that is neither what was there nor what will be is one of those that a run writes more than once: a model before and
    /// after its evaluation, a manifest that grows; or scores of the traces that were done when the command was asked to end.
    /// </summary>
    private static bool IsWhole(string name, FaultWorkspace at, FaultWorkspace ended)
    {
        var path = at[name];
        switch (Path.GetFileName(name))
        {
            case "scores.csv":
                return ended.Lines(name).Take(at.Lines(name).Length).SequenceEqual(at.Lines(name));
            case "model.onnx":
                OnnxModel.Load(path).Dispose();
                return true;
            case "queue":
                // It is the cluster's, and told when it is in the way.
                return true;
            case "manifest.json" or "metrics.json" or "report.json" or "comparison.json" or "submission.json":
                JsonDocument.Parse(File.ReadAllText(path)).Dispose();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Where a result begins to differ.</summary>
    private static string Difference(KeyValuePair<string, string> found, SortedDictionary<string, string> expected)
    {
        var other = expected.GetValueOrDefault(found.Key) ?? "nothing";
        var same = Math.Max(found.Value.AsSpan().CommonPrefixLength(other) - 40, 0);
        static string From(string text, int start) => text[start..Math.Min(start + 120, text.Length)];
        return $"{found.Key}: found {From(found.Value, same)}; expected {From(other, same)}";
    }

    private static void AssertDone(StoppedProcess process, string what) =>
        Assert.True(process.Code == 0, $"{what}: exit code {process.Code}: {process.Error}");

    private sealed record Reference(FaultWorkspace Before, FaultWorkspace Ended, SortedDictionary<string, string> Results, TimeSpan Took);
}
