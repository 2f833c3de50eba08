using GlifMl.Cli;

namespace GlifMl.Tests.Cli;

/// <summary>Runs the command line in memory.</summary>
internal static class Glifml
{
    public static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(),
            error = new();
        var code = CommandLine.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The repository: the tests run from its build output.</summary>
    public static string Repository { get; } = Find();

    public static string Path(string relative) => System.IO.Path.Combine(Repository, relative);

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "GlifMl.sln")))
            folder =
                System.IO.Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("the tests do not run from within the repository");
        return folder;
    }
}
