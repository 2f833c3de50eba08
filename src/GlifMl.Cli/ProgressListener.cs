using System.Diagnostics;
using Spectre.Console;

namespace GlifMl.Cli;

/// <summary>
/// Shows the stages of a run. It draws on the thread that reports: a display that refreshes itself from a timer would allocate while
/// libtorch runs, which TorchSharp does not survive.
/// </summary>
internal sealed class ProgressListener : IPipelineListener, IDisposable
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(200),
        ReportToFile = TimeSpan.FromSeconds(15);
    private const int BarWidth = 24;

    private readonly IAnsiConsole _console;
    private readonly bool _live;
    private readonly Lock _lock = new();
    private string _stage = "";
    private long _start,
        _drawn;

    public ProgressListener(IAnsiConsole console) =>
        (_console, _live) = (console, console.Profile.Capabilities.Ansi && console.Profile.Capabilities.Interactive);

    public void StageStarted(string name)
    {
        lock (_lock)
            (_stage, _start, _drawn) = (name, Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
    }

    public void StageProgressed(double fraction, string detail)
    {
        lock (_lock)
        {
            if (Stopwatch.GetElapsedTime(_drawn) < (_live ? Redraw : ReportToFile))
                return;
            _drawn = Stopwatch.GetTimestamp();
            var elapsed = Stopwatch.GetElapsedTime(_start);
            var left = fraction > 0 ? $", {Words(elapsed * ((1 - fraction) / fraction))} left" : "";
            var filled = (int)Math.Round(fraction * BarWidth);
            if (_live)
            {
                // One line, whatever the width: a wrapped bar could not be drawn over.
                var room = Math.Max(_console.Profile.Width - BarWidth - 8, 0);
                var stage = Cut($"{_stage, -20}", room);
                Overwrite(
                    $"{Markup.Escape(stage)} [green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/] "
                        + $"{fraction, 4:P0} {Markup.Escape(Cut(detail + left, room - stage.Length))}"
                );
            }
            else
                _console.WriteLine($"{_stage}: {fraction:P0}, {detail}{left}");
        }
    }

    public void StageEnded(string summary)
    {
        lock (_lock)
        {
            var seconds = Words(Stopwatch.GetElapsedTime(_start));
            if (_live)
                Overwrite($"{Markup.Escape(_stage), -20} [green]done[/] in {seconds}: {Markup.Escape(summary)}\n");
            else
                _console.WriteLine($"{_stage}: done in {seconds}, {summary}");
            _stage = "";
        }
    }

    /// <summary>Leaves the cursor on a new line after a stage that did not end.</summary>
    public void Dispose()
    {
        if (_live && _stage.Length > 0)
            _console.WriteLine();
    }

    private static string Words(TimeSpan time) =>
        time.TotalSeconds < 1 ? $"{time.TotalMilliseconds:F0} ms"
        : time.TotalMinutes < 1 ? $"{time.TotalSeconds:F1} s"
        : time.TotalHours < 1 ? $"{time.Minutes} min {time.Seconds} s"
        : $"{(int)time.TotalHours} h {time.Minutes} min";

    private static string Cut(string text, int length) => text.Length <= length ? text : $"{text.AsSpan(0, Math.Max(length - 1, 0))}…";

    private void Overwrite(string markup)
    {
        _console.Write(new ControlCode("\r\u001b[2K"));
        _console.Write(new Markup(markup));
    }
}
