using System.CommandLine;

namespace GlifMl.Cli;

/// <summary>A folder to begin with, for those who have the program and no clone.</summary>
internal static class NewCommand
{
    private const double DefaultRateHz = 10_000,
        DefaultSeconds = 1,
        DefaultPicoamperes = 200,
        DefaultNoiseMv = 0.1;

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME")
        {
            Description = $"{Starter.Quickstart}: simulated neurons. {Starter.Recordings}: a model for recordings of your own.",
        };
        var outOption = new Option<string?>("--out") { Description = "The folder. Default: NAME.", HelpName = "DIR" };
        var from = new Option<string?>("--from")
        {
            Description = "A recording that sampling rate, length, currents and noise are taken from.",
            HelpName = "RECORDING",
        };
        var sweeps = CommonOptions.Sweeps();
        var rate = new NumberOption<double?>("--sampling-rate")
        {
            Description = $"Samples a second of your recordings. Default: --from's, or {DefaultRateHz:0}.",
            HelpName = "HZ",
        };
        var duration = new NumberOption<double?>("--duration")
        {
            Description = "How long they are behind where the current begins. Default: --from's, or 1.",
            HelpName = "S",
        };
        var current = new NumberOption<double?>("--current")
        {
            Description = $"The largest current that they inject. Default: --from's, or {DefaultPicoamperes:0}.",
            HelpName = "pA",
        };
        var noise = new NumberOption<double?>("--noise")
        {
            Description = "Their noise from sample to sample. Default: --from's, or 0.1.",
            HelpName = "mV",
        };
        var command = new Command("new", "Write a starter folder: a definition with its neuron and currents.")
        {
            name,
            outOption,
            from,
            sweeps,
            rate,
            duration,
            current,
            noise,
        };
        command.SetAction(parsed =>
        {
            var chosen = parsed.GetRequiredValue(name);
            Option[] ofRecordings = [from, sweeps, rate, duration, current, noise];
            if (chosen == Starter.Quickstart && ofRecordings.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
                throw new ArgumentException($"{other.Name}: found it with {chosen}; expected it with {Starter.Recordings} alone");
            var starter = chosen switch
            {
                Starter.Quickstart => Starter.OfQuickstart(),
                Starter.Recordings => Starter.OfRecordings(Rig()),
                _ => throw new ArgumentException($"found {Quoted.Of(chosen)}; expected {Starter.Quickstart} or {Starter.Recordings}"),
            };
            var folder = parsed.GetValue(outOption) ?? starter.Name;
            starter.Write(folder);
            foreach (var (path, _) in starter.Files)
                terminal.Writer.WriteLine(Path.Combine(folder, path));
            terminal.Note($"next: cd {folder}; glifml run {starter.Definition}");
            return ExitCode.Done;

            RecordingRig Rig()
            {
                var rig = parsed.GetValue(from) is { } recording
                    ? RecordingRig.Of(recording, CommonOptions.Selection(parsed.GetValue(sweeps)))
                    : new RecordingRig
                    {
                        From = "Sampling, length, currents and noise are what was said, or a guess: they want to be those of your rig.",
                        IntervalSeconds = 1 / DefaultRateHz,
                        DurationSeconds = DefaultSeconds,
                        PeaksPa = [-DefaultPicoamperes / 2, DefaultPicoamperes],
                        NoiseMv = DefaultNoiseMv,
                    };
                return rig with
                {
                    IntervalSeconds = 1 / Positive(parsed, rate, 1 / rig.IntervalSeconds),
                    DurationSeconds = Positive(parsed, duration, rig.DurationSeconds),
                    PeaksPa = parsed.GetValue(current) is null
                        ? rig.PeaksPa
                        : [-Positive(parsed, current, 0) / 2, Positive(parsed, current, 0)],
                    NoiseMv = Positive(parsed, noise, rig.NoiseMv),
                };
            }
        });
        return command;
    }

    private static double Positive(ParseResult parsed, Option<double?> option, double otherwise) =>
        parsed.GetValue(option) switch
        {
            null => otherwise,
            > 0 and var value => value,
            var value => throw new ArgumentException(Invariant.Text($"{option.Name}: found {value.Value:R}; expected a number above 0")),
        };
}
