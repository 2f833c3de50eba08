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

    private readonly IAnsiConsole? _console;
    private readonly Journal? _journal;
    private readonly TimeProvider _clock;
    private readonly bool _live;
    private readonly Lock _lock = new();
    private string _stage = "";
    private TimeLeft _left = new();
    private long _start,
        _drawn;

    /// <param name="console">
    /// Where it is shown: as a bar that is drawn over on a terminal, else as a line now and then. Null: nowhere.
    /// </param>
    /// <param name="journal">Takes it down. Default null: nobody.</param>
    /// <param name="clock">Tells the time. Default null: the system's.</param>
    public ProgressListener(IAnsiConsole? console, Journal? journal = null, TimeProvider? clock = null)
    {
        (_console, _journal, _clock) = (console, journal, clock ?? TimeProvider.System);
        _live = console?.Profile.Capabilities is { Ansi: true, Interactive: true };
    }

    public void StageStarted(string name)
    {
        lock (_lock)
        {
            (_stage, _start, _left) = (name, _clock.GetTimestamp(), new());
            _drawn = _start;
            _journal?.Say($"{name}: begun");
        }
    }

    public void StageProgressed(double fraction, string detail)
    {
        lock (_lock)
        {
            var elapsed = _clock.GetElapsedTime(_start);
            // What is said before anything is done says why nothing moves, and is shown at once.
            var left = fraction > 0 ? _left.Estimate(elapsed, fraction) : null;
            if (fraction > 0 && _clock.GetElapsedTime(_drawn) < (_live ? Redraw : ReportToFile))
                return;
            _drawn = _clock.GetTimestamp();
            // The time left comes first: a terminal cuts off what is behind.
            var text = left is { } time ? $"{Rough(time)} left, {detail}" : detail;
            if (_live)
                Draw(fraction, text);
            else
                Line(fraction > 0 ? $"{_stage}: {fraction:P0}, {text}" : $"{_stage}: {text}");
        }
    }

    public void StageEnded(string summary)
    {
        lock (_lock)
        {
            var seconds = Words(_clock.GetElapsedTime(_start));
            if (_live)
                Overwrite($"{Markup.Escape(_stage), -20} [green]done[/] in {seconds}: {Markup.Escape(summary)}\n");
            Line($"{_stage}: done in {seconds}, {summary}");
            _stage = "";
        }
    }

    /// <summary>Leaves the cursor on a new line after a stage that did not end.</summary>
    public void Dispose()
    {
        if (_live && _stage.Length > 0)
            _console!.WriteLine();
    }

    /// <summary>A line of its own: taken down, and shown where no bar is.</summary>
    private void Line(string line)
    {
        _journal?.Keep(line);
        if (!_live)
            _console?.WriteLine(line);
    }

    private void Draw(double fraction, string text)
    {
        // One line, whatever the width: a wrapped bar could not be drawn over.
        var filled = (int)Math.Round(fraction * BarWidth);
        var room = Math.Max(_console!.Profile.Width - BarWidth - 9, 0);
        var stage = Cut($"{_stage, -20}", room);
        Overwrite(
            $"{Markup.Escape(stage)} [green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/] "
                + $"{fraction, 5:P0} {Markup.Escape(Cut(text, room - stage.Length))}"
        );
    }

    /// <summary>Tenths of a second that are an estimate are noise.</summary>
    private static string Rough(TimeSpan time) => time.TotalMinutes < 1 ? $"{Math.Ceiling(time.TotalSeconds):F0} s" : Words(time);

    private static string Words(TimeSpan time) =>
        time.TotalSeconds < 1 ? $"{time.TotalMilliseconds:F0} ms"
        : time.TotalMinutes < 1 ? $"{time.TotalSeconds:F1} s"
        : time.TotalHours < 1 ? $"{time.Minutes} min {time.Seconds} s"
        : $"{(int)time.TotalHours} h {time.Minutes} min";

    private static string Cut(string text, int length) => text.Length <= length ? text : $"{text.AsSpan(0, Math.Max(length - 1, 0))}…";

    private void Overwrite(string markup)
    {
        _console!.Write(new ControlCode("\r\u001b[2K"));
        _console.Write(new Markup(markup));
    }
}
