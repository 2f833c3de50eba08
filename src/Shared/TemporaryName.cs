using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace GlifMl;

/// <summary>
/// Names of unfinished files, and of folders for a while: <c>NAME.HOST-PROCESS-START-N.tmp</c>. No two processes ever have one in common,
/// and whoever finds one can tell whether the process that it belongs to still runs.
/// </summary>
internal static partial class TemporaryName
{
    /// <summary>The ending of unfinished files. Readers ignore them.</summary>
    public const string Suffix = ".tmp";

    /// <summary>
    /// Where the process cannot be looked for, on another machine or before a restart of this one, a file that nobody has written to for
    /// so long is abandoned. A live process writes to its file every few seconds.
    /// </summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    /// <summary>A number for this machine since it was started: processes are numbered anew after that.</summary>
    private static readonly string Host = HostMark();

    private static readonly long OwnStart = StartOf(Environment.ProcessId) ?? 0;
    private static int _last;

    /// <summary>A name beside <paramref name="path"/> that nobody has had before.</summary>
    public static string Beside(string path) => Beside(path, Environment.ProcessId, OwnStart, Interlocked.Increment(ref _last));

    /// <summary>The name that a process gives its n-th file.</summary>
    public static string Beside(string path, int process, long start, int n)
    {
        // File systems end names at 255 bytes; a long one is cut, for it only tells a person what the file was to become.
        var name = Path.GetFileName(path);
        while (Encoding.UTF8.GetByteCount(name) > 190)
            name = name[..^1];
        var mark = string.Create(CultureInfo.InvariantCulture, $"{name}.{Host}-{process}-{start}-{n}{Suffix}");
        return Path.Combine(Path.GetDirectoryName(path) ?? "", mark);
    }

    /// <summary>Whether a file has such a name and the process that was writing it is gone.</summary>
    public static bool IsAbandoned(string file)
    {
        var name = Pattern.Match(Path.GetFileName(file));
        if (!name.Success)
            return false;
        if (name.Groups["host"].Value != Host)
            return TimeProvider.System.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(file) > Forgotten;
        return !int.TryParse(name.Groups["process"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            || !long.TryParse(name.Groups["start"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            || StartOf(process) != start;
    }

    /// <summary>When a process started, in units of its system; null where there is none of this number.</summary>
    /// <remarks>Linux: the kernel's own count. .NET makes a time of it with the clock, which may be set meanwhile.</remarks>
    internal static long? StartOf(int process)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var other = Process.GetProcessById(process);
                return other.StartTime.ToUniversalTime().Ticks;
            }
            // proc(5): the name in parentheses may hold anything; of the fields behind it, from the third, the start is the 22nd.
            var status = File.ReadAllText($"/proc/{process}/stat");
            var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[22 - 3], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    private static string HostMark()
    {
        const string BootId = "/proc/sys/kernel/random/boot_id";
        var boot = File.Exists(BootId) ? File.ReadAllText(BootId) : "";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Environment.MachineName}\n{boot}")))[..8];
    }

    [GeneratedRegex(@"^.+\.(?<host>[0-9a-f]{8})-(?<process>\d+)-(?<start>\d+)-\d+\.tmp(-\w+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern { get; }
}
