using System.Globalization;
using GlifMl.Pipelines;
using static GlifMl.Cli.Inspected;

namespace GlifMl.Cli;

/// <summary>What <c>inspect</c> says of definitions, lists of runs and neurons.</summary>
internal static class InspectedDefinition
{
    private const double PicoamperesPerAmpere = 1e12;

    public static Inspected Definition(string path, string[]? overrides)
    {
        var definition = Pipeline.Load(path, overrides);
        var pipeline = new Pipeline(definition);
        var (steps, cost) = ChainInspection.Of(definition, EstimatorCatalog.Default);
        var text = DefinitionWriter.ToYaml(definition);
        return new(
            [
                Fact("name", definition.Name),
                Fact("data hash", pipeline.DataHash),
                Fact("shards", pipeline.DataDirectory),
                Fact("model", pipeline.Model.Path),
                Fact(
                    "columns",
                    [.. steps.Select(s => $"{s.Step}: {s.Note ?? string.Join(", ", s.Columns.Select(c => $"{c.Key} {c.Value}"))}")]
                ),
                Fact("cost", [.. Lines(cost)]),
            ],
            new
            {
                kind = "definition",
                path,
                name = definition.Name,
                dataHash = pipeline.DataHash,
                shards = pipeline.DataDirectory,
                model = pipeline.Model.Path,
                columns = steps,
                cost,
                definition = text,
            },
            text
        );
    }

    public static Inspected Runs(string path, string[]? overrides)
    {
        var list = RunList.Load(path, overrides);
        var definition = list.Definition;
        return new(
            [
                Fact("name", definition.Name),
                Fact("seeds", string.Join(", ", definition.Seeds)),
                Fact("models", list.Directory),
                Fact("runs", [.. definition.Runs.Select(question => $"{question.Key} {string.Join(", ", question.Value)}")]),
                Fact("in all", list.Announcement),
            ],
            new
            {
                kind = "runs",
                path,
                name = definition.Name,
                seeds = definition.Seeds,
                minutesASeed = definition.MinutesASeed,
                models = list.Directory,
                runs = definition.Runs,
            }
        );
    }

    public static Inspected Neuron(string path)
    {
        var neuron = NeuronConfig.Load(path);
        var parameters = GlifParameter.All.ToDictionary(parameter => parameter.Key, parameter => neuron.Get(parameter.Key));
        var methods = new Dictionary<string, string>
        {
            ["threshold dynamics"] = neuron.ThresholdDynamics.Name,
            ["threshold reset"] = neuron.ThresholdReset.Name,
            ["voltage reset"] = neuron.VoltageReset.Name,
            ["afterspike dynamics"] = neuron.AfterspikeDynamics.Name,
            ["afterspike reset"] = neuron.AfterspikeReset.Name,
        };
        return new(
            [
                Fact("model", Level(neuron)),
                Fact("parameters", string.Join(", ", GlifParameter.All.Select(p => $"{p.Key} {parameters[p.Key]:G5} {p.Unit}"))),
                Fact("in force", $"threshold {neuron.EffectiveThresholdVolts:G5} V above {neuron.RestingReferenceVolts:G5} V"),
                Fact("membrane time constant", $"{neuron.MembraneTimeConstantSeconds * 1e3:G5} ms"),
                Fact("rheobase", $"{neuron.RheobaseAmperes * PicoamperesPerAmpere:G5} pA"),
                Fact("spike cut", $"{neuron.SpikeCutSteps} steps, {neuron.SpikeCutSteps * neuron.DtSeconds * 1e3:G5} ms"),
                Fact("afterspike currents", $"{neuron.AfterspikeAmplitudesAmperes.Length}"),
                .. methods.Select(method => Fact(method.Key, method.Value)),
            ],
            new
            {
                kind = "neuron",
                path,
                model = Level(neuron),
                parameters,
                thresholdVolts = neuron.EffectiveThresholdVolts,
                restingReferenceVolts = neuron.RestingReferenceVolts,
                membraneTimeConstantSeconds = neuron.MembraneTimeConstantSeconds,
                rheobaseAmperes = neuron.RheobaseAmperes,
                spikeCutSteps = neuron.SpikeCutSteps,
                afterspikeCurrents = neuron.AfterspikeAmplitudesAmperes.Length,
                neuronConfig = System.Text.Json.Nodes.JsonNode.Parse(neuron.ToJson()),
            }
        );
    }

    /// <summary>Which of the five models it is: those of afterspike currents, and of a threshold that moves.</summary>
    private static string Level(NeuronConfig neuron) =>
        (neuron.ThresholdDynamics.Name, neuron.AfterspikeDynamics.Name) switch
        {
            ("inf", "none") => "GLIF1",
            ("inf", _) => "GLIF3",
            ("spike_component", "none") => "GLIF2",
            ("spike_component", _) => "GLIF4",
            _ => "GLIF5",
        };

    private static IEnumerable<string> Lines(RoughCost cost)
    {
        var traces = string.Join(", ", cost.Traces.Select(t => $"{t.Key} {t.Value}"));
        var flop = cost.TrainingFlop is { } operations ? $"{Short(operations)} FLOP" : "FLOP not known";
        var memory = cost.TraceMemoryBytes is { } bytes ? $"{Megabytes(bytes)} of traces in memory" : "memory not known";
        return
        [
            $"{traces} traces; {Megabytes(cost.ShardBytes)} before compression",
            $"simulation: {Short(cost.SimulationSteps)} steps",
            $"training: {flop}, {memory}",
        ];
    }

    private static string Megabytes(long bytes) => $"{(bytes / 1e6).ToString("N0", CultureInfo.InvariantCulture)} MB";

    private static string Short(double value) => value.ToString("0.#e+0", CultureInfo.InvariantCulture);
}
