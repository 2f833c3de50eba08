using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Parquet;
using YamlDotNet.Core;

namespace GlifMl.Cli;

/// <summary>
/// What is said of an exception that ends a command: one line, never a stack trace unasked; of a definition, a line a fault.
/// </summary>
internal static class Failure
{
    /// <summary>Says it.</summary>
    /// <param name="thrown">The exception.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="verbose">Whether to print the stack trace of one that nobody foresaw; else it goes to a file.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Report(Exception thrown, TextWriter error, bool verbose)
    {
        var e = Cause(thrown);
        if (e is OperationCanceledException)
        {
            error.WriteLine("glifml: interrupted; what was finished is kept, and --resume goes on from there");
            return ExitCode.Interrupted;
        }

        if (ExitCodeOf(e) is { } code)
        {
            foreach (var line in e is DefinitionException ? e.Message.Split('\n') : [e.Message])
                error.WriteLine($"glifml: {OneLine(line)}");
            return code;
        }

        error.WriteLine($"glifml: {e.GetType().Name}: {OneLine(e.Message)}{(verbose ? "" : Log(thrown))}");
        if (verbose)
            error.WriteLine(thrown);
        return ExitCode.Failed;
    }

    /// <summary>The exception that those which only carry another one are about.</summary>
    private static Exception Cause(Exception e) =>
        e switch
        {
            // One that was cancelled because another one failed says nothing.
            AggregateException { InnerExceptions.Count: > 0 } many => Cause(
                many.Flatten().InnerExceptions.FirstOrDefault(inner => inner is not OperationCanceledException) ?? many.InnerExceptions[0]
            ),
            TypeInitializationException or TargetInvocationException when e.InnerException is { } inner => Cause(inner),
            _ => e,
        };

    /// <summary>Which exit code an exception means whose message says all there is to say; null for one that nobody foresaw.</summary>
    private static int? ExitCodeOf(Exception e) =>
        e switch
        {
            DefinitionException or InvalidDataException or FileNotFoundException or DirectoryNotFoundException or ArgumentException =>
                ExitCode.BadInput,
            JsonException or YamlException or ParquetException => ExitCode.BadInput,
            IOException or UnauthorizedAccessException or InvalidOperationException or NotSupportedException => ExitCode.Failed,
            DllNotFoundException or BadImageFormatException or OutOfMemoryException or OnnxRuntimeException or ExternalException =>
                ExitCode.Failed,
            _ => null,
        };

    /// <summary>
    /// The first line: those of native libraries go on with a stack of their own. A message may name a file, whose name is anybody's: what
    /// a terminal would obey is escaped.
    /// </summary>
    private static string OneLine(string message) => Quoted.Text(message.TrimStart().Split('\n')[0].TrimEnd(), most: int.MaxValue);

    private static string Log(Exception e)
    {
        var path = Path.Combine(Path.GetTempPath(), $"glifml-{Environment.ProcessId}.log");
        try
        {
            AtomicFile.WriteAllText(path, $"{e}\n");
            return $" (not foreseen: {path} has the stack trace, and --verbose prints it)";
        }
        catch (IOException)
        {
            return " (not foreseen: --verbose prints the stack trace)";
        }
    }
}
