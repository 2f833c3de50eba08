namespace GlifMl.Benchmarks.Kernels;

/// <summary>The shortest and the longest of several times.</summary>
internal sealed record SecondsRange(double Shortest, double Longest)
{
    public static SecondsRange Of(IEnumerable<double> seconds)
    {
        double[] all = [.. seconds];
        return new(all.Min(), all.Max());
    }
}
