namespace GlifMl.Cli;

/// <summary>
/// Estimates how long a stage will take from how it went of late: the first steps compile code and fill caches, and an estimate that counts
/// them from the start is several times too long.
/// </summary>
internal sealed class TimeLeft
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100),
        ShortestBasis = TimeSpan.FromSeconds(1),
        Recent = TimeSpan.FromSeconds(30);

    private readonly Queue<(TimeSpan At, double Fraction)> _seen = [];
    private TimeSpan _last;

    /// <summary>Takes note of how far the stage is.</summary>
    /// <param name="at">Time since any one moment.</param>
    /// <param name="fraction">0 to 1.</param>
    /// <returns>The time left; null while there is too little to tell by.</returns>
    public TimeSpan? Estimate(TimeSpan at, double fraction)
    {
        if (_seen.Count == 0 || at - _last >= Spacing)
        {
            _seen.Enqueue((at, fraction));
            _last = at;
        }

        // Half of a long stage, so that what comes once an epoch is in it.
        while (_seen.Count > 2 && at - _seen.Peek().At > Max(Recent, at / 2))
            _seen.Dequeue();
        var (start, done) = _seen.Peek();
        return at - start < ShortestBasis || fraction <= done ? null : (at - start) * ((1 - fraction) / (fraction - done));
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
