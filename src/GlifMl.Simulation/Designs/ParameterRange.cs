namespace GlifMl.Simulation;

/// <summary>The range of one parameter in a design.</summary>
/// <param name="Key">The Allen key, for example <c>C</c>.</param>
/// <param name="Low">The lowest value, in SI units.</param>
/// <param name="High">The highest value, in SI units.</param>
/// <param name="IsLogarithmic">Whether equal ratios, rather than equal differences, are equally likely. Default false.</param>
public sealed record ParameterRange(string Key, double Low, double High, bool IsLogarithmic = false)
{
    /// <summary>The value at a share of the range: 0 gives <see cref="Low"/>, 1 <see cref="High"/>.</summary>
    /// <param name="share">0..1.</param>
    public double At(double share) => Math.Clamp(IsLogarithmic ? Low * Math.Pow(High / Low, share) : Low + share * (High - Low), Low, High);

    internal void Validate()
    {
        if (!double.IsFinite(Low) || !double.IsFinite(High) || Low > High)
        {
            throw new ArgumentException($"range of {Key}: found {Low:R} to {High:R}, expected finite numbers, the lower first");
        }
        if (IsLogarithmic && !(Low > 0))
        {
            throw new ArgumentException($"range of {Key}: found {Low:R} as lower end, expected a positive number for a logarithmic range");
        }
    }
}
