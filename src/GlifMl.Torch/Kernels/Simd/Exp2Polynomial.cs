namespace GlifMl.Torch;

/// <summary>
/// 2^f = 1 + f (C1 + f (C2 + ... C5)) on [-1/2, 1/2]: the polynomial of degree 5 that is exact at 0 and has the least maximal relative
/// error (Remez exchange in double, then rounded to float). Being exact at 0 makes tanh(0) = 0.
/// </summary>
internal static class Exp2Polynomial
{
    public const float C1 = 0.693147004f;
    public const float C2 = 0.240222424f;
    public const float C3 = 0.0555073358f;
    public const float C4 = 0.00967151299f;
    public const float C5 = 0.00132647273f;

    /// <summary>Of 2^x evaluated in float: 1.1e-7 from the polynomial, the rest from rounding.</summary>
    public const double RelativeError = 2.5e-7;

    /// <summary>
    /// Larger exponents count as this one, so that products of two of the denominators 1 + 2^x stay far from overflow. A gate is then
    /// closed to 1 / (1 + 2^48) = 4e-15 where the exact value is smaller still.
    /// </summary>
    public const float Limit = 48;

    /// <summary>Smaller exponents count as this one where the exponent field is written directly.</summary>
    public const float LowerLimit = -126;
}
