namespace GlifMl.Cli;

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
