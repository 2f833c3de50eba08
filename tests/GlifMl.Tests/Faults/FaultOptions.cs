using System.Globalization;

namespace GlifMl.Tests.Faults;

/// <summary>How much of the fault harness runs: a little with every test run, as much as is asked for by environment variables.</summary>
internal static class FaultOptions
{
    /// <summary>Processes that are killed; <c>GLIFML_KILLS</c>.</summary>
    public static int Kills { get; } = Number("GLIFML_KILLS", 7);

    /// <summary>Mutated files that are read; <c>GLIFML_MUTATIONS</c>.</summary>
    public static int Mutations { get; } = Number("GLIFML_MUTATIONS", 1_000);

    /// <summary>The seed of the moments and the mutations; <c>GLIFML_FAULT_SEED</c>.</summary>
    public static int Seed { get; } = Number("GLIFML_FAULT_SEED", 1);

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
