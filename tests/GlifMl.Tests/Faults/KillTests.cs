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

    [UnixFact]
    public void Command_StoppedAtAnyMomentAndRunAgain_EndsInTheSameBytes()
    {
        Random random = new(FaultOptions.Seed);
        using FaultWorkspace whole = new();
        Dictionary<string, Reference> references = [];
        try
        {
            foreach (var command in FaultedCommand.All)
                references[command.Name] = Run(command, references);
            SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
            for (var trial = 0; trial < FaultOptions.Kills; trial++)
            {
                var command = FaultedCommand.All[trial % FaultedCommand.All.Count];
                var reference = references[command.Name];
                var politely = random.Next(3) == 0;
                var moment = reference.Took * random.NextDouble();
                var ending = Stop(command, reference, moment, politely, $"trial {trial}: {command.Name} after {moment.TotalSeconds:F3} s");
                var key = $"{command.Name, -9} {(politely ? "SIGTERM" : "SIGKILL")}: {ending}";
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }

            foreach (var (key, count) in counts)
                output.WriteLine($"{key} {count}");
        }
        finally
        {
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

    private static string Stop(FaultedCommand command, Reference reference, TimeSpan moment, bool politely, string trial)
    {
        using FaultWorkspace at = new();
        at.CopyFrom(reference.Before);
        var stopped = command.Run(at, moment, politely, again: false);
        Assert.True(stopped.Code is not null, $"{trial}: found a process that does not end; expected one that does within two minutes");
        if (politely)
            Assert.True(stopped.Code is 0 or Interrupted or 128 + 15, $"{trial}: exit code {stopped.Code}: {stopped.Error}");
        Assert.DoesNotContain("   at ", stopped.Error, StringComparison.Ordinal);
        var began = reference.Before.Results();
        foreach (var (name, content) in at.Results())
        {
            if (content != reference.Results.GetValueOrDefault(name) && content != began.GetValueOrDefault(name))
                Assert.True(IsWhole(name, at, reference.Ended), $"{trial}: found {name} half done");
        }

        at.SetClockBack();
        AssertDone(command.Run(at, moment: null, politely: false, again: true), trial);
        var ended = at.Results();
        var different = ended.Except(reference.Results).Select(pair => Difference(pair, reference.Results)).ToArray();
        Assert.True(different.Length == 0, $"{trial}: {string.Join("; ", different)}");
        Assert.Equal(reference.Results.Keys, ended.Keys);
        Assert.Equal([], at.Leftovers());
        return stopped.Code is 0 ? "had ended" : "stopped";
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
            case "manifest.json" or "metrics.json" or "report.json" or "comparison.json":
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
