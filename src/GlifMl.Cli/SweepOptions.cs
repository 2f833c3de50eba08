using System.CommandLine;

namespace GlifMl.Cli;

/// <summary>Which sweeps of recordings <c>score</c> reads, and what becomes of their spikes.</summary>
internal sealed class SweepOptions
{
    private const string NoCut = "none";

    public Option<string?> Numbers { get; } = CommonOptions.Sweeps();

    public Option<string?> Stimulus { get; } =
        new("--stimulus")
        {
            Description = "Which sweeps of a recording, by the name that the file gives their stimulus, such as \"Noise 1\".",
            HelpName = "NAME",
        };

    public Option<string?> Repair { get; } =
        new("--repair")
        {
            Description = $"What is mended in each sweep of a recording, and said: {SweepRepair.Forms}. Default: nothing.",
            HelpName = "LIST",
        };

    public Option<string?> SpikeCut { get; } =
        new("--spike-cut")
        {
            Description = "How long each spike of a recording is cut, in s, or none. Default: what the cell's own spikes say.",
            HelpName = $"S|{NoCut}",
        };

    /// <summary>What was said.</summary>
    /// <exception cref="ArgumentException">It is no list of sweeps, or no length.</exception>
    public SweepReading ReadingOf(ParseResult parsed) =>
        new()
        {
            Sweeps = CommonOptions.Selection(parsed.GetValue(Numbers), parsed.GetValue(Stimulus)),
            Repair = parsed.GetValue(Repair) is { } list ? SweepRepair.Parse(list) : SweepRepair.None,
            Spikes = parsed.GetValue(SpikeCut) switch
            {
                null => new SpikeCutOptions(),
                NoCut => new SpikeCutOptions { Cut = false },
                var text => new SpikeCutOptions
                {
                    Seconds = PlainNumber.Real(text) is > 0 and var seconds
                        ? seconds
                        : throw new ArgumentException(
                            $"{SpikeCut.Name}: found {Quoted.Of(text)}; expected a positive number of seconds, or {NoCut}"
                        ),
                },
            },
        };
}
