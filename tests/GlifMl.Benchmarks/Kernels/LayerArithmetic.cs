using GlifMl.Lstm;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>
/// Operations of a layer, by formula: a multiply-add counts two, every other vector instruction of the AVX-512 kernel one. 2^x is 14
/// (minimum, rounding, subtraction, five multiply-adds, scaling), a reciprocal 7 (estimate and three multiply-adds).
/// </summary>
internal static class LayerArithmetic
{
    private const double Exp2 = 1 + 1 + 1 + 5 * 2 + 1;
    private const double Reciprocal = 1 + 3 * 2;

    // Five exponentials, three reciprocals; 1 + E five times, 1 - E twice, two denominators' products, c' = f c + i g (3), -2 c log2 e, h'.
    private const double Activations = 5 * Exp2 + 3 * Reciprocal + 5 + 2 + 2 + 3 + 1 + 1;

    // The gates apart, for the tape: i, g and o, tanh(c) take three products more each.
    private const double Tape = 6;

    // dh + mean, dc (o (1 - t^2), 5), di, df, do (s (1 - s), 5 each), dg (5), dc f.
    private const double GateGradients = 1 + 5 + 3 * 4 + 4 + 1;

    public static double Forward(LstmGeometry g) => Steps(g) * (Products(g) + g.Hidden * Activations);

    public static double Training(LstmGeometry g) =>
        Forward(g)
        + Steps(g) * (Products(g) + g.Hidden * (Activations + Tape + GateGradients))
        + Steps(g) * 2.0 * LstmGeometry.Gates * g.Hidden * g.Hidden
        + Steps(g) * 2.0 * LstmGeometry.Gates * g.Hidden * (g.Hidden + g.Inputs + 1);

    private static double Steps(LstmGeometry g) => (double)g.Directions * g.Batch * g.Time;

    private static double Products(LstmGeometry g) => 2.0 * LstmGeometry.Gates * g.Hidden * (g.Inputs + g.Hidden);
}
