using GlifMl.Cli;
using Spectre.Console;

namespace GlifMl.Tests.Cli;

public sealed class ProgressListenerTests
{
    [Fact]
    public void Estimate_AfterASlowStart_FollowsTheRateOfLate()
    {
        var left = new TimeLeft();
        // Half of what there is to compile and to load is in the first report, after 8 s.
        Assert.Null(left.Estimate(TimeSpan.FromSeconds(8), 0.01));
        Assert.Null(left.Estimate(TimeSpan.FromSeconds(8.5), 0.02));

        var seconds = left.Estimate(TimeSpan.FromSeconds(10), 0.05)!.Value.TotalSeconds;

        Assert.InRange(seconds, 45, 50);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Estimate_AtASteadyRate_IsWhatIsLeft(double fraction)
    {
        var left = new TimeLeft();
        TimeSpan? last = null;
        for (var step = 1; step <= 1000 * fraction; step++)
            last = left.Estimate(TimeSpan.FromSeconds(step * 0.2), step / 1000.0);

        Assert.InRange(last!.Value.TotalSeconds, 200 * (1 - fraction) * 0.99, 200 * (1 - fraction) * 1.01);
    }

    [Fact]
    public void Estimate_OfWhatStandsStill_IsNone()
    {
        var left = new TimeLeft();
        left.Estimate(TimeSpan.Zero, 0.5);

        Assert.Null(left.Estimate(TimeSpan.FromSeconds(20), 0.5));
    }

    [Fact]
    public void StageProgressed_OnATerminal_CutsTheDetailAndNotTheTime()
    {
        var (progress, clock, text) = Create(width: 80, terminal: true);

        progress.StageStarted("train");
        progress.StageProgressed(0.1, "epoch 1 of 10");
        clock.Seconds = 10;
        progress.StageProgressed(0.2, "epoch 2 of 10, loss 0.1234, validation 0.1234, and much more to say");

        var line = text().Split('\r')[^1];
        Assert.True(Plain(line).Contains(" 20 % 1 min 20 s left, epoch 2", StringComparison.Ordinal), line);
        Assert.True(Plain(line).Length <= 80, line);
    }

    [Fact]
    public void StageProgressed_BeforeAnythingIsDone_IsSaidAtOnce()
    {
        var (progress, _, text) = Create(width: 200, terminal: false);

        progress.StageStarted("train");
        progress.StageProgressed(0, "lightgbm loads its traces");
        progress.StageProgressed(0.2, "lightgbm, target 2 of 5");

        Assert.Equal("train: lightgbm loads its traces\n", text());
    }

    private static string Plain(string line) => System.Text.RegularExpressions.Regex.Replace(line, "\u001b\\[[0-9;]*[A-Za-z]", "");

    private static (ProgressListener Progress, Clock Clock, Func<string> Text) Create(int width, bool terminal)
    {
        var (writer, clock) = (new StringWriter(), new Clock());
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = terminal ? AnsiSupport.Yes : AnsiSupport.No,
                Interactive = terminal ? InteractionSupport.Yes : InteractionSupport.No,
            }
        );
        console.Profile.Width = width;
        return (new ProgressListener(console, clock: clock), clock, writer.ToString);
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => (long)(Seconds * TimestampFrequency);
    }
}
