using System.CommandLine;
using Spectre.Console;

namespace GlifMl.Cli;

/// <summary>Writes a named stimulus, or lists the names.</summary>
internal static class StimulusCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = $"The stimulus: {string.Join(", ", StimulusCatalog.Names)}. Without one, each is described.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var outOption = new Option<string?>("--out") { Description = "The file: time_s,current_A.", HelpName = "FILE.csv" };
        var rate = new NumberOption<double>("--sampling-rate")
        {
            Description = "Samples a second.",
            HelpName = "HZ",
            DefaultValueFactory = _ => 200_000,
        };
        var duration = new NumberOption<double?>("--duration") { Description = "Seconds to write. Default: all of it.", HelpName = "S" };
        var seed = new NumberOption<ulong?>("--seed")
        {
            Description = "Seed of a random waveform. Default: the name's own.",
            HelpName = "N",
        };
        var rheobase = new NumberOption<double?>("--rheobase")
        {
            Description = "The cell's rheobase, which scales the protocols. Default 150.",
            HelpName = "pA",
        };
        var amplitude = new NumberOption<double?>("--amplitude") { Description = "Amplitude of squares and ramps.", HelpName = "pA" };
        var mean = new NumberOption<double?>("--mean") { Description = "Mean of `noise`.", HelpName = "pA" };
        var cv = new NumberOption<double?>("--cv")
        {
            Description = "Standard deviation over mean of the noise. Default 0.2.",
            HelpName = "RATIO",
        };
        var json = CommonOptions.Json();
        var command = new Command("stimulus", "Write a stimulus as CSV, or list those known by name.")
        {
            name,
            outOption,
            rate,
            duration,
            seed,
            rheobase,
            amplitude,
            mean,
            cv,
            json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(name) is not { } chosen)
                return List(terminal, parsed.GetValue(json));
            var path =
                parsed.GetValue(outOption) ?? throw new ArgumentException($"stimulus '{chosen}': found no --out; expected --out FILE.csv");
            OutputFile.RefuseInputs(path, []);
            var hertz = parsed.GetValue(rate);
            if (!(hertz > 0 && double.IsFinite(hertz)))
                throw new ArgumentException($"--sampling-rate: found {hertz}; expected a positive number of Hz");
            var defaults = new StimulusOptions();
            var stimulus = StimulusCatalog.Create(
                chosen,
                new StimulusOptions
                {
                    Seed = parsed.GetValue(seed),
                    RheobasePicoamperes = parsed.GetValue(rheobase) ?? defaults.RheobasePicoamperes,
                    AmplitudePicoamperes = parsed.GetValue(amplitude),
                    MeanPicoamperes = parsed.GetValue(mean),
                    CoefficientOfVariation = parsed.GetValue(cv) ?? defaults.CoefficientOfVariation,
                    DurationSeconds = parsed.GetValue(duration),
                }
            );
            var seconds = parsed.GetValue(duration) ?? stimulus.DurationSeconds;
            StimulusCsv.Write(stimulus, path, 1 / hertz, seconds);
            if (parsed.GetValue(json))
                terminal.WriteJson(
                    new
                    {
                        stimulus = chosen,
                        path,
                        durationSeconds = seconds,
                        samplingRateHz = hertz,
                    }
                );
            else
                terminal.WriteDone(path, $"{path}: {chosen}, {seconds:R} s at {hertz:R} Hz");
            return ExitCode.Done;
        });
        return command;
    }

    private static int List(Terminal terminal, bool json)
    {
        if (json)
        {
            terminal.WriteJson(StimulusCatalog.Names.Select(n => new { name = n, description = StimulusCatalog.Describe(n) }));
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("stimulus", "what it is");
        foreach (var n in StimulusCatalog.Names)
            table.AddRow(new Text(n), new Text(StimulusCatalog.Describe(n)));
        terminal.Output.Write(table);
        return ExitCode.Done;
    }
}
