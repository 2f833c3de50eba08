using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace GlifMl.Cli;

/// <summary>What a command did and when, for whoever looks for a fault: on standard error with --verbose, in a file with --log.</summary>
internal sealed class Journal : IDisposable
{
    private readonly TextWriter? _echo;
    private readonly StreamWriter? _file;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();

    /// <param name="echo">Standard error; null: nothing is shown.</param>
    /// <param name="path">A file that is appended to, which several processes may do at once; null: none.</param>
    /// <param name="clock">Tells the time. Default null: the system's.</param>
    /// <exception cref="IOException">The file cannot be written to.</exception>
    public Journal(TextWriter? echo, string? path, TimeProvider? clock = null)
    {
        (_echo, _clock) = (echo, clock ?? TimeProvider.System);
        if (path is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _file = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }

    /// <summary>The command, and what it runs on.</summary>
    public void Begin(IReadOnlyList<string> arguments)
    {
        var version = typeof(Journal).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        Say($"glifml {string.Join(' ', arguments)}");
        Say(
            $"glifml {version}, .NET {Environment.Version}, {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
                + $"{Environment.ProcessorCount} processors, in {Environment.CurrentDirectory}"
        );
    }

    /// <summary>Takes a line down, and shows it.</summary>
    public void Say(string line)
    {
        Keep(line);
        lock (_lock)
            _echo?.WriteLine($"{Now():HH:mm:ss.fff} {line}");
    }

    /// <summary>Takes down a line that is shown elsewhere.</summary>
    public void Keep(string line)
    {
        lock (_lock)
            _file?.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{Now():yyyy-MM-dd HH:mm:ss.fff}Z {Environment.ProcessId} {line}")
            );
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private DateTimeOffset Now() => _clock.GetUtcNow();
}
