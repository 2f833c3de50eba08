using System.Diagnostics;
using System.Runtime.ExceptionServices;
using GlifMl.Onnx;

namespace GlifMl.Cli;

/// <summary>
/// Scores on their way to whoever writes them: gone through once, counted, with what is to be said at the end. Where the command is
/// interrupted they end, so that those that are finished are written.
/// </summary>
/// <param name="score">Scores, and tells how much is done.</param>
/// <param name="progress">Shows it.</param>
internal sealed class ScoreRun(Func<Action<double>, IEnumerable<ScoredTrace>> score, ProgressListener progress)
{
    // Of warnings: a file may hold millions of traces.
    private const int WarningsShown = 20;

    private readonly List<string> _notes = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _failures = [];
    private long _doubtful;
    private bool _isInterrupted;

    /// <summary>Rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>The scores.</summary>
    /// <exception cref="Exception">The only row is a failure: of one input there is nothing else to tell.</exception>
    /// <exception cref="OperationCanceledException">The command was interrupted before any row was finished.</exception>
    public IEnumerable<ScoredTrace> Rows()
    {
        progress.StageStarted("score");
        var start = Stopwatch.GetTimestamp();
        using var rows = score(Report).GetEnumerator();
        try
        {
            ScoredTrace? first = null;
            while (HasNext())
            {
                var row = rows.Current;
                Count++;
                if (Count == 1 && row.Failure is not null)
                {
                    first = row;
                    continue;
                }

                if (first is not null)
                    yield return Noted(first);
                first = null;
                yield return Noted(row);
            }

            if (first?.Failure is { } failure)
                ExceptionDispatchInfo.Throw(failure);
        }
        finally
        {
            progress.Dispose();
        }

        bool HasNext()
        {
            try
            {
                return rows.MoveNext();
            }
            catch (OperationCanceledException) when (Count > 0)
            {
                _isInterrupted = true;
                return false;
            }
        }

        void Report(double fraction)
        {
            var perSecond = Count / Math.Max(Stopwatch.GetElapsedTime(start).TotalSeconds, 1e-3);
            progress.StageProgressed(fraction, Invariant.Text($"{Count} traces, {perSecond:F0} a second"));
        }
    }

    /// <summary>Says what is left to say, on standard error, and with which exit code the command ends.</summary>
    /// <param name="terminal">Where it is said.</param>
    /// <param name="written">The file that the rows went to; null: none.</param>
    /// <param name="isJson">Whether they went to standard output as JSON.</param>
    public int End(Terminal terminal, string? written, bool isJson)
    {
        foreach (var note in written is null ? [] : _notes)
            terminal.Note(note);
        if (written is not null && !isJson)
            terminal.WriteDone(written, $"{written}: {Count} traces");
        // Where a table says it, it is said.
        if (written is not null || isJson)
        {
            foreach (var warning in _warnings)
                terminal.Note(warning);
            if (_doubtful > WarningsShown)
                terminal.Note(
                    $"glifml: warning: {_doubtful - WarningsShown} more traces like these; columns status and reason name them all"
                );
        }

        foreach (var failure in _failures)
            terminal.Note(failure);
        if (_failures.Count > 0)
            terminal.Note($"glifml: {_failures.Count} of {Count} could not be read");
        if (!_isInterrupted)
            return _failures.Count == 0 ? ExitCode.Done
                : _failures.Count < Count ? ExitCode.Failed
                : ExitCode.BadInput;
        terminal.Note($"glifml: interrupted after {Count} traces; {written ?? "what is printed"} has these and no others");
        return ExitCode.Interrupted;
    }

    private ScoredTrace Noted(ScoredTrace row)
    {
        if (row.Failure is { } failure)
        {
            _failures.Add($"glifml: {failure.Message}");
            return row;
        }

        if (IsOfShards(row))
            _notes.AddRange(row.Notes);
        if (row.Answer.Reasons.Count > 0 && _doubtful++ < WarningsShown)
            _warnings.Add(
                $"glifml: warning: {row.Source}, trace {row.Trace}: "
                    + $"{CheckedAnswer.Word(row.Answer.Status)}: {string.Join("; ", row.Answer.Reasons)}"
            );
        return row;
    }

    private static bool IsOfShards(ScoredTrace row) =>
        row.Notes.Count > 0 && (Directory.Exists(row.Source) || row.Source.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase));
}
