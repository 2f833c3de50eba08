using System.CommandLine;
using System.CommandLine.Parsing;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>The options that stand on several commands, worded once.</summary>
internal static class CommonOptions
{
    public const string VerboseName = "--verbose";
    public const string LogName = "--log";

    public static Option<string[]> Set() =>
        new("--set")
        {
            Description = "Override a value of the definition: key.path=value, pipeline.bilstm.epochs=1. May be repeated.",
            HelpName = "key.path=value",
            AllowMultipleArgumentsPerToken = false,
            DefaultValueFactory = _ => [],
        };

    public static Option<string?> Output(string description) => new("--output") { Description = description, HelpName = "DIR" };

    public static Option<string?> Data() =>
        new("--data")
        {
            Description = "The folder of the shards. Default: the definition's, or datasets/shards/ and the dataset's hash.",
            HelpName = "DIR",
        };

    public static Option<bool> Resume() =>
        new("--resume") { Description = "Go on from the last checkpoint, to the same result as an unbroken run." };

    public static Option<bool> Force() =>
        new("--force") { Description = "Replace the finished model that is in the folder, whichever definition trained it." };

    /// <summary>On every command.</summary>
    public static Option<bool> Verbose() =>
        new(VerboseName)
        {
            Description = "Say what is done and when, and, where the program fails, print the stack trace.",
            Recursive = true,
        };

    /// <summary>On every command.</summary>
    public static Option<bool> AllowPlugins() =>
        new(PluginPermission.Option)
        {
            Description = "Load the assemblies that a definition names under `uses`, which is to run their code.",
            Recursive = true,
        };

    /// <summary>On every command.</summary>
    public static Option<string?> Log() =>
        new(LogName)
        {
            Description = "Append to a file what is done and when, with the stack trace of a failure.",
            HelpName = "FILE",
            Recursive = true,
        };

    public static Option<bool> Json() =>
        new("--json") { Description = "Print one JSON document on standard output, and nothing else there." };

    public static Option<bool> Quiet() => new("--quiet") { Description = "No progress." };

    public static Option<string?> Sweeps() =>
        new("--sweeps")
        {
            Description = "Which sweeps of a recording, by number: 63,65 or 40-45. Default: all that can be used.",
            HelpName = "N,N-N",
        };

    /// <summary>The sweeps that are asked for.</summary>
    /// <param name="numbers">What stands after <see cref="Sweeps"/>; null where nothing does.</param>
    /// <param name="stimulus">The name of a stimulus; null where none is given.</param>
    public static SweepSelection Selection(string? numbers, string? stimulus = null) =>
        new() { Numbers = numbers is null ? [] : SweepSelection.ParseNumbers(numbers), Stimulus = stimulus };

    /// <summary>Refuses a place in S3 for what is written on this machine.</summary>
    public static void RequireHere(OptionResult result)
    {
        if (result.Tokens.FirstOrDefault(token => S3Address.Is(token.Value)) is { } token)
            result.AddError($"{result.Option.Name}: found {token.Value}; expected a place on this machine");
    }

    public static Argument<string> Definition() => new("PIPELINE.yaml") { Description = "The pipeline definition." };
}
