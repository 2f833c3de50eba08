namespace GlifMl;

/// <summary>How the learning rate moves after the warm-up.</summary>
public interface IRateSchedule
{
    /// <summary>The learning rate's share of its full value.</summary>
    /// <param name="progress">How far training is behind the warm-up: 0 at its first step, short of 1 at its last.</param>
    double At(double progress);
}

/// <summary>Half a cosine from the full rate to a last share of it (Loshchilov &amp; Hutter 2017, arXiv:1608.03983).</summary>
public sealed record CosineRate : IRateSchedule
{
    /// <summary>What is left at the end. Default 0.</summary>
    public double Last { get; init; }

    /// <inheritdoc/>
    public double At(double progress) => Last + ((1 - Last) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
}

/// <summary>The full rate, times a factor behind each of some parts of the training.</summary>
public sealed record StepRate : IRateSchedule
{
    /// <summary>How many parts of equal length. Default 3; at least 1.</summary>
    public int Parts { get; init; } = 3;

    /// <summary>What is left of the rate from one part to the next. Default 0.1.</summary>
    public double Factor { get; init; } = 0.1;

    /// <inheritdoc/>
    public double At(double progress) => Math.Pow(Factor, Math.Min(Parts - 1, Math.Floor(progress * Parts)));
}
