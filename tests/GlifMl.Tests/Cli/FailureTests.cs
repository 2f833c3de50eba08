using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using GlifMl.Cli;
using YamlDotNet.Core;

namespace GlifMl.Tests.Cli;

/// <summary>No command ends in a stack trace that nobody asked for.</summary>
public sealed class FailureTests
{
    public static TheoryData<Exception, int, string> Exceptions =>
        new()
        {
            { new InvalidDataException("a: found b; expected c"), 2, "a: found b; expected c" },
            { new JsonException("not JSON"), 2, "not JSON" },
            { new YamlException("not YAML"), 2, "not YAML" },
            { new Parquet.ParquetException("not Parquet"), 2, "not Parquet" },
            { new IOException("disk full"), 1, "disk full" },
            { new DllNotFoundException("no libtorch"), 1, "no libtorch" },
            { new InsufficientMemoryException("too much"), 1, "too much" },
            { new NativeException("a tensor is not one\nException raised from at::...\nframe #0"), 1, "a tensor is not one" },
            { new AggregateException(new OperationCanceledException(), new IOException("disk full")), 1, "disk full" },
            { new AggregateException(new AggregateException(new ArgumentException("odd"))), 2, "odd" },
            { new TypeInitializationException("T", new DllNotFoundException("no libtorch")), 1, "no libtorch" },
            { new TargetInvocationException(new FileNotFoundException("no such file")), 2, "no such file" },
            {
                new AggregateException(new OperationCanceledException()),
                130,
                "interrupted; what was finished is kept, and --resume goes on from there"
            },
        };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void Report_Foreseen_IsOneLine(Exception exception, int code, string message)
    {
        using var error = new StringWriter();
        Assert.Equal(code, Failure.Report(exception, error, verbose: false));
        Assert.Equal($"glifml: {message}\n", error.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Report_Unforeseen_IsOneLineAndAFileWithTheStackTrace()
    {
        using var error = new StringWriter();
        Assert.Equal(1, Failure.Report(Thrown(), error, verbose: false));
        var log = Path.Combine(Path.GetTempPath(), $"glifml-{Environment.ProcessId}.log");
        Assert.Equal(
            $"glifml: FormatException: odd (not foreseen: {log} has the stack trace, and --verbose prints it)\n",
            error.ToString().ReplaceLineEndings("\n")
        );
        Assert.Contains(nameof(Thrown), File.ReadAllText(log), StringComparison.Ordinal);
        File.Delete(log);
    }

    [Fact]
    public void Report_Verbose_PrintsTheStackTrace()
    {
        using var error = new StringWriter();
        Assert.Equal(1, Failure.Report(Thrown(), error, verbose: true));
        Assert.StartsWith("glifml: FormatException: odd\n", error.ToString().ReplaceLineEndings("\n"));
        Assert.Contains($" {typeof(FailureTests).FullName}.{nameof(Thrown)}(", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verbose_StandsOnEveryCommand() => Assert.Equal(0, Glifml.Run("estimators", "mean", "--verbose").Code);

    private static FormatException Thrown()
    {
        try
        {
            throw new FormatException("odd");
        }
        catch (FormatException e)
        {
            return e;
        }
    }

    /// <summary>As TorchSharp throws them.</summary>
    private sealed class NativeException(string message) : ExternalException(message);
}
