using System.Diagnostics;

namespace GlifMl.Tests.Datasets;

/// <summary>A test that needs h5py (Debian: python3-h5py); skipped, and said so, where it is missing.</summary>
internal sealed class H5pyFactAttribute : FactAttribute
{
    public const string Python = "/usr/bin/python3";

    public H5pyFactAttribute()
    {
        if (!IsThere())
            Skip = $"{Python} with h5py is not installed here (Debian: apt-get install python3-h5py)";
    }

    private static bool IsThere()
    {
        if (!File.Exists(Python))
            return false;
        using var python = Process.Start(
            new ProcessStartInfo(Python)
            {
                ArgumentList = { "-c", "import h5py" },
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        python.StandardError.ReadToEnd();
        python.WaitForExit();
        return python.ExitCode == 0;
    }
}
