using System.Diagnostics;

namespace GlifMl.Tests.Onnx;

/// <summary>
/// A test that needs the reference implementation of ONNX (Debian: python3-onnx); skipped, and said so, where it is missing.
/// </summary>
public sealed class PythonOnnxFactAttribute : FactAttribute
{
    private const string Python = "/usr/bin/python3";
    private static readonly Lazy<bool> IsPresent = new(() => File.Exists(Python) && Run("import onnx").ExitCode == 0);

    public PythonOnnxFactAttribute()
    {
        if (!IsPresent.Value)
            Skip = $"{Python} with the onnx package is not installed here (Debian: apt-get install python3-onnx)";
    }

    /// <summary>Whether it is here.</summary>
    public static bool IsHere => IsPresent.Value;

    /// <summary>Runs onnx.checker with full_check; fails with what it says.</summary>
    public static void Check(byte[] model)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, model);
            Succeeds("import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)", path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Runs a script; fails with what it says on standard error.</summary>
    public static void Succeeds(string script, params string[] arguments)
    {
        var (exitCode, error) = Run(script, arguments);
        Assert.True(exitCode == 0, error);
    }

    private static (int ExitCode, string Error) Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, ["-c", script, .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }
}
