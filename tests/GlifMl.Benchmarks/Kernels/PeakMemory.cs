using System.Globalization;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>The process's greatest resident memory while something runs; Linux only.</summary>
internal static class PeakMemory
{
    /// <summary>Mebibytes above what was resident before; not a number on other systems.</summary>
    public static double GrowthMebibytes(Action work)
    {
        if (!OperatingSystem.IsLinux())
            return double.NaN;
        GC.Collect();
        // proc(5): writing 5 sets the peak back to what is resident now.
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Kibibytes("VmHWM:");
        work();
        return (Kibibytes("VmHWM:") - before) / 1024.0;
    }

    private static long Kibibytes(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
