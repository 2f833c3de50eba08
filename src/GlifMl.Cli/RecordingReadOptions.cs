using System.CommandLine;

namespace GlifMl.Cli;

/// <summary>How a recording becomes a model's input, on the commands that read one with a model.</summary>
internal sealed class RecordingReadOptions
{
    public Option<double?> Start { get; } =
        new NumberOption<double?>("--start")
        {
            Description = "Where in a recording the trace starts, by its own clock. Default: where the current first changes.",
            HelpName = "S",
        };

    public Option<double?> Rest { get; } =
        new NumberOption<double?>("--rest")
        {
            Description = "Resting potential of a recording. Default: the median voltage before the current.",
            HelpName = "mV",
        };

    public KnownOption Known { get; } = new();

    /// <summary>What was said.</summary>
    /// <exception cref="ArgumentException">The model is told something else than what <c>--known</c> says.</exception>
    public RecordingOptions OptionsOf(ParseResult parsed, OnnxModelInfo info) =>
        new()
        {
            StartSeconds = parsed.GetValue(Start),
            RestMv = parsed.GetValue(Rest),
            Known = Known.ValuesOf(parsed, info),
        };
}
