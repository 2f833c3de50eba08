using System.Globalization;

namespace GlifMl.Torch;

/// <summary>The machine's caches, as far as the system tells.</summary>
internal static class CacheSizes
{
    private const string LinuxSecondLevel = "/sys/devices/system/cpu/cpu0/cache/index2/size";

    /// <summary>
    /// The second-level cache of a core; 512 KiB, which nearly every core of this decade has, where the system does not say.
    /// </summary>
    public static long SecondLevelBytes { get; } = ReadKibibytes(LinuxSecondLevel) is { } kibibytes ? kibibytes << 10 : 512 << 10;

    private static long? ReadKibibytes(string path) =>
        File.Exists(path)
        && long.TryParse(File.ReadAllText(path).Trim().TrimEnd('K'), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : null;
}
