using System.CommandLine;

namespace GlifMl.Cli;

/// <summary>One GLIF trace, exactly.</summary>
internal static class SimulateCommand
{
    private const string NwbEnding = ".nwb";

    public static Command Create(Terminal terminal)
    {
        var neuronOption = new Option<string>("--neuron")
        {
            Description = "The neuron: an Allen neuron_config.",
            HelpName = "FILE.json",
            Required = true,
        };
        var modelOption = new Option<string?>("--model-id")
        {
            Description = "Which model, where the file holds several by id.",
            HelpName = "ID",
        };
        var stimulusOption = new Option<string>("--stimulus")
        {
            Description = "The current: a CSV file, a recording (NWB, ABF, Igor), or the name of one that `glifml stimulus` lists.",
            HelpName = "FILE|NAME",
            Required = true,
        };
        var sweepOption = new Option<string?>("--sweeps")
        {
            Description = "Which sweep's current, of a recording that has several.",
            HelpName = "N",
        };
        var outOption = new Option<string>("--out")
        {
            Description = "The trace: a CSV file of time_s,stimulus_A,voltage_V,threshold_V,asc0_A,..., or an NWB 2 file.",
            HelpName = "FILE.csv|FILE.nwb",
            Required = true,
        };
        var dtOption = new NumberOption<double?>("--dt") { Description = "Integration step in s. Default: the neuron's.", HelpName = "S" };
        var durationOption = new NumberOption<double?>("--duration")
        {
            Description = "Seconds to simulate. Default: the whole stimulus.",
            HelpName = "S",
        };
        var jsonOption = CommonOptions.Json();
        var command = new Command("simulate", "Simulate one GLIF neuron under one current.")
        {
            neuronOption,
            modelOption,
            stimulusOption,
            sweepOption,
            outOption,
            dtOption,
            durationOption,
            jsonOption,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(outOption);
            OutputFile.RefuseInputs(path, [parsed.GetRequiredValue(neuronOption), parsed.GetRequiredValue(stimulusOption)]);
            var neuron = NeuronConfig.Load(parsed.GetRequiredValue(neuronOption), parsed.GetValue(modelOption));
            if (parsed.GetValue(dtOption) is { } dt)
                neuron = neuron.With(GlifParameter.TimeStep, dt);
            neuron.Validate();
            var notes = new List<string>();
            var stimulus = StimulusSource(parsed.GetRequiredValue(stimulusOption), parsed.GetValue(sweepOption), neuron.DtSeconds, notes);
            foreach (var note in notes)
                terminal.Note($"glifml: {stimulus.Name}: {note}");
            var duration = parsed.GetValue(durationOption) ?? stimulus.DurationSeconds;
            if (!double.IsFinite(duration))
                throw new ArgumentException($"stimulus '{stimulus.Name}': found no end; expected --duration");
            var amperes = new double[Stimulus.SampleCount(duration, neuron.DtSeconds)];
            stimulus.Sample(neuron.DtSeconds, amperes);
            var trace = GlifSimulator.Run(neuron, amperes);
            if (path.EndsWith(NwbEnding, StringComparison.OrdinalIgnoreCase))
                TraceNwb.Write(path, amperes, trace, neuron.RestingReferenceVolts, Path.GetFileNameWithoutExtension(stimulus.Name));
            else
                TraceCsv.Write(path, amperes, trace);
            if (parsed.GetValue(jsonOption))
            {
                terminal.WriteJson(
                    new
                    {
                        dt = neuron.DtSeconds,
                        spikeTimeSteps = trace.SpikeSteps,
                        gridSpikeTimes = trace.GridSpikeTimesSeconds,
                        interpolatedSpikeTimes = trace.InterpolatedSpikeTimesSeconds,
                        badReset = trace.BadReset,
                    }
                );
            }
            else
            {
                terminal.WriteDone(
                    path,
                    $"{path}: {amperes.Length} steps of {neuron.DtSeconds:R} s, {trace.SpikeSteps.Length} "
                        + $"spikes{(trace.BadReset ? ", ended by a reset above threshold" : "")}"
                );
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Stimulus StimulusSource(string text, string? sweeps, double dt, List<string> notes)
    {
        if (!Recordings.HasEnding(text) && !File.Exists(text))
            return sweeps is null
                ? StimulusCatalog.Create(text)
                : throw new ArgumentException("--sweeps: found a named stimulus; expected a recording");
        return sweeps is null ? StimulusCsv.Load(text, dt, notes) : SweepStimulus.Load(text, CommonOptions.Selection(sweeps), notes);
    }
}
