using System.Globalization;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>What Linux says about this process's memory.</summary>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status";

    // Of the fields behind the name in /proc/self/stat, proc(5) numbers minflt 10th; the state, the 3rd, is the first of them.
    private const int MinorFaultsField = 10 - 3;

    public static bool IsKnown => File.Exists(Status);

    /// <summary>Resident memory now.</summary>
    public static long ResidentBytes => Field("VmRSS:");

    /// <summary>The most that was resident since <see cref="ResetPeak"/>.</summary>
    public static long PeakBytes => Field("VmHWM:");

    /// <summary>Pages that had to be given to the process so far.</summary>
    public static long PageFaults
    {
        get
        {
            if (!IsKnown)
                return 0;
            var stat = File.ReadAllText("/proc/self/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[MinorFaultsField], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Sets the peak to what is resident now.</summary>
    public static void ResetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Field(string name)
    {
        var line = File.ReadLines(Status).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }
}
