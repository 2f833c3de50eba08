using System.Reflection;
using System.Runtime.InteropServices;
using GlifMl.Lstm;

namespace GlifMl;

/// <summary>What made a model's figures, and when: enough to ask why another machine's last digits differ.</summary>
/// <param name="Version">Version of GlifMl.</param>
/// <param name="Commit">The commit that it was built from; null for a build outside a clone.</param>
/// <param name="Date">When the figures were written, UTC.</param>
/// <param name="Processor">Model of the processor.</param>
/// <param name="Cores">Logical processors that the process could use.</param>
/// <param name="System">Operating system and architecture.</param>
/// <param name="Runtime">Version of .NET.</param>
/// <param name="Kernel">The LSTM kernel chosen for this processor: the last digits of a training are its own.</param>
public sealed record RunProvenance(
    string Version,
    string? Commit,
    DateTime Date,
    string Processor,
    int Cores,
    string System,
    string Runtime,
    string Kernel
)
{
    /// <summary>This process, now.</summary>
    internal static RunProvenance Here(TimeProvider? clock = null)
    {
        var version = typeof(RunProvenance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        var plus = version.IndexOf('+');
        return new(
            plus < 0 ? version : version[..plus],
            plus < 0 ? null : version[(plus + 1)..],
            (clock ?? TimeProvider.System).GetUtcNow().UtcDateTime,
            Lstm.Processor.Name,
            Environment.ProcessorCount,
            $"{RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}",
            $"{Environment.Version}",
            LstmKernels.Default.Name
        );
    }
}
