using System.Globalization;
using Xunit.Abstractions;

namespace GlifMl.Tests.Faults;

/// <summary>How much of the fault harness runs: a little with every test run, as much as is asked for by environment variables.</summary>
internal static class FaultOptions
{
    /// <summary>Processes that are killed; <c>GLIFML_KILLS</c>.</summary>
    public static int Kills { get; } = Number("GLIFML_KILLS", 8);

    /// <summary>Mutated files that are read; <c>GLIFML_MUTATIONS</c>.</summary>
    public static int Mutations { get; } = Number("GLIFML_MUTATIONS", 1_000);

    /// <summary>The seed of the moments and the mutations; <c>GLIFML_FAULT_SEED</c>.</summary>
    public static int Seed { get; } = Number("GLIFML_FAULT_SEED", 1);

    /// <summary>Says a row of a table of counts, and adds it to the file that <c>GLIFML_FAULT_TABLE</c> names.</summary>
    public static void Report(ITestOutputHelper output, string row)
    {
        output.WriteLine(row);
        if (Environment.GetEnvironmentVariable("GLIFML_FAULT_TABLE") is { Length: > 0 } file)
            File.AppendAllText(file, row + "\n");
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
