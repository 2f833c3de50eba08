using System.Numerics;
using System.Runtime.InteropServices;

namespace GlifMl.Simulation;

/// <summary>Refuses stimuli with samples that are not numbers.</summary>
internal static class StimulusGuard
{
    /// <exception cref="ArgumentException">A sample is NaN or infinite; the message names the first.</exception>
    public static void RequireFinite(ReadOnlySpan<double> amperes)
    {
        // 0 x NaN and 0 x infinity are NaN and stay NaN in the sum: one pass without branches.
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(amperes);
        var sum = Vector<double>.Zero;
        foreach (var vector in vectors)
            sum += vector * Vector<double>.Zero;
        var isFinite = Vector.Sum(sum) == 0;
        foreach (var value in amperes[(vectors.Length * Vector<double>.Count)..])
            isFinite &= double.IsFinite(value);
        if (isFinite)
            return;
        for (var sample = 0; sample < amperes.Length; sample++)
        {
            if (!double.IsFinite(amperes[sample]))
            {
                throw new ArgumentException($"stimulus sample {sample}: found {amperes[sample]}, expected a finite current in A");
            }
        }
    }
}
