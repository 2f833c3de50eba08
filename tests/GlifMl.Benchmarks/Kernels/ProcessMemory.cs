using System.Globalization;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>What Linux says about this process's memory.</summary>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status";

    public static bool IsKnown => File.Exists(Status);

    /// <summary>Resident memory now.</summary>
    public static long ResidentBytes => Field("VmRSS:");

    /// <summary>The most that was resident since <see cref="ResetPeak"/>.</summary>
    public static long PeakBytes => Field("VmHWM:");

    /// <summary>Sets the peak to what is resident now.</summary>
    public static void ResetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Field(string name)
    {
        var line = File.ReadLines(Status).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }
}
