using System.CommandLine;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>The whole program over given writers: what <c>Main</c> runs, and what tests run in memory.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command.</summary>
    /// <param name="arguments">The words after the program's name.</param>
    /// <param name="output">Standard output: results only.</param>
    /// <param name="error">Standard error: progress and messages.</param>
    /// <param name="cancellation">Stops the command.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        var terminal = new Terminal(output, error);
        var parsed = Root(terminal, cancellation).Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            error.WriteLine($"glifml: {UsageFault.Of(parsed)}");
            return ExitCode.BadInput;
        }

        var verbose = parsed.GetValue<bool>(CommonOptions.VerboseName);
        using var permission = parsed.GetValue<bool>(PluginPermission.Option) ? PluginPermission.Give() : null;
        try
        {
            using var journal = new Journal(verbose ? error : null, parsed.GetValue<string?>(CommonOptions.LogName));
            terminal.Journal = journal;
            journal.Begin(arguments);
            var code = Invoke(parsed, output, error, journal, verbose);
            journal.Say($"exit code {code}");
            return code;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Of the log itself.
            return Failure.Report(e, error, verbose);
        }
    }

    private static int Invoke(ParseResult parsed, TextWriter output, TextWriter error, Journal journal, bool verbose)
    {
        try
        {
            return parsed.Invoke(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                }
            );
        }
        catch (Exception e)
        {
            journal.Keep($"{e}");
            return Failure.Report(e, error, verbose);
        }
    }

    /// <summary>Every command.</summary>
    internal static RootCommand Root(Terminal terminal, CancellationToken cancellation = default)
    {
        var root = Commands(terminal, cancellation);
        // Where nothing goes to S3 a folder named s3: would be made, without a word.
        foreach (var option in root.Subcommands.SelectMany(command => command.Options).Concat(root.Options))
        {
            if (option.Name is CommonOptions.LogName or "--out" or "--scripts")
                option.Validators.Add(CommonOptions.RequireHere);
        }

        return root;
    }

    private static RootCommand Commands(Terminal terminal, CancellationToken cancellation) =>
        new("Reads a neuron model's parameters out of its voltage: simulate, train, export to ONNX, score.")
        {
            CommonOptions.Verbose(),
            CommonOptions.Log(),
            CommonOptions.AllowPlugins(),
            RunCommands.Run(terminal, cancellation),
            RunCommands.Generate(terminal, cancellation),
            TrainCommand.Create(terminal, cancellation),
            RunCommands.Evaluate(terminal, cancellation),
            ReportCommand.Create(terminal, cancellation),
            CompareCommand.Create(terminal, cancellation),
            SweepCommand.Create(terminal, cancellation),
            SubmitCommand.Create(terminal),
            StatusCommand.Create(terminal),
            ScoreCommand.Create(terminal, cancellation),
            SampleCommand.Create(terminal, cancellation),
            CellsCommand.Create(terminal),
            FitCommand.Create(terminal, cancellation),
            SimulateCommand.Create(terminal),
            StimulusCommand.Create(terminal),
            InspectCommand.Create(terminal, cancellation),
            EstimatorsCommand.Create(terminal),
            SchemaCommand.Create(terminal),
            CleanCommand.Create(terminal, cancellation),
            NewCommand.Create(terminal),
        };
}

/// <summary>What the process says when it ends.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Something failed that the input was not to blame for: a full disk, a diverging loss.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage, or a bad definition, input or model.</summary>
    public const int BadInput = 2;

    /// <summary>Stopped from outside; what was finished is kept.</summary>
    public const int Interrupted = 130;
}
