namespace GlifMl;

/// <summary>
/// What a row of scores says of a posterior, a parameter after the other: the standard deviation <c>C_sd</c>, the quantiles <c>C_p05</c>,
/// <c>C_p25</c>, <c>C_p50</c>, <c>C_p75</c>, <c>C_p95</c>, SI units, and <c>C_told</c>, how much of the parameter the trace tells, 0 to 1.
/// </summary>
internal static class UncertaintyColumns
{
    /// <summary>The columns of some parameters.</summary>
    public static IReadOnlyList<string> Names(IEnumerable<string> parameters) =>
        [
            .. parameters.SelectMany(name =>
                PosteriorInfo
                    .Levels.Select(level => Invariant.Text($"{name}_p{level * 100:00}"))
                    .Prepend($"{name}_sd")
                    .Append($"{name}_told")
            ),
        ];

    /// <summary>A row's values, in the order of <see cref="Names"/>; NaN of a parameter that was not read.</summary>
    public static IEnumerable<double> Values(ScoredTrace row)
    {
        var count = row.Answer.Parameters.Count;
        for (var k = 0; k < count; k++)
        {
            var posterior = float.IsNaN(row.Answer.Parameters[k]) ? null : row.Posterior;
            yield return posterior?.Deviations[k] ?? double.NaN;
            for (var level = 0; level < PosteriorInfo.Levels.Count; level++)
                yield return posterior?.Quantiles[(level * count) + k] ?? double.NaN;
            yield return posterior?.Told[k] ?? double.NaN;
        }
    }
}
