using System.Runtime.InteropServices;

namespace GlifMl.Lstm;

/// <summary>The processor that kernels run on: what a time, and the last digits of a training, are to be read beside.</summary>
internal static class Processor
{
    /// <summary>Its model, as it calls itself; the architecture where the system does not tell.</summary>
    public static string Name { get; } = Find();

    private static string Find()
    {
        const string cpuInfo = "/proc/cpuinfo";
        var model = File.Exists(cpuInfo)
            ? File.ReadLines(cpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return model is null ? RuntimeInformation.ProcessArchitecture.ToString() : model[(model.IndexOf(':') + 1)..].Trim();
    }
}
