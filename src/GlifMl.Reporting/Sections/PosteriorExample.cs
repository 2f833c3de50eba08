using GlifMl.Datasets;
using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>
/// The first test trace with its posterior, and what neurons drawn from the posterior do under the trace's own current (posterior
/// predictive, Gelman et al. 2013, chapter 6).
/// </summary>
/// <param name="Truth">The parameters that the trace was made with, by Allen key, SI units.</param>
/// <param name="Draws">Draws, by Allen key, SI units.</param>
/// <param name="StepSeconds">Time between the numbers of the traces below, s.</param>
/// <param name="StimulusPa">The current.</param>
/// <param name="TruthMv">What the neuron does that the trace was made with, NaN in spike cuts.</param>
/// <param name="DrawnMv">What drawn neurons do.</param>
internal sealed record PosteriorExample(
    IReadOnlyDictionary<string, double> Truth,
    IReadOnlyDictionary<string, double[]> Draws,
    double StepSeconds,
    double[] StimulusPa,
    double[] TruthMv,
    IReadOnlyList<double[]> DrawnMv
)
{
    private const int DrawCount = 500,
        Simulated = 100,
        Times = 400;

    /// <summary>The example of a model with a posterior; null for one without.</summary>
    public static PosteriorExample? Of(PipelineDefinition definition, OnnxModel model)
    {
        // A membrane is no GLIF that could be simulated with the parameters drawn.
        if (model.Info.Posterior is null || definition.Dataset.Membrane is not null)
            return null;
        var source = new SimulatedTraceSource(definition, "test");
        var batch = new TraceBatch(source.Schema, 1);
        source.Fill(0, batch);
        var stimulus = model.Info.ReadsStimulus ? batch.Stimulus(0).ToArray() : [];
        string[] keys = [.. model.Info.Parameters.Select(p => p.Name)];
        var truth = source.Schema.Targets.Index().ToDictionary(t => t.Item, t => batch.Labels(t.Index)[0]);
        float[] known = [.. model.Info.Known.Select(k => (float)truth[k.Name])];
        var draws = model.Posteriors(batch.Voltage(0).ToArray(), stimulus, known)[0].Draw(DrawCount, definition.Seed);

        var config = NeuronConfig.Load(definition.Dataset.Neuron);
        var current = new StimulusSource(definition.Dataset.Splits.Test.Stimulus, definition.Seed, "test", config.DtSeconds).Of(0);
        var trueNeuron = truth.Aggregate(config, (neuron, parameter) => neuron.With(parameter.Key, parameter.Value));
        var seconds = definition.Dataset.Trace.Samples * Step(definition, trueNeuron);
        var step = seconds / Times;
        double[] Run(NeuronConfig neuron) => Simulate(definition, neuron, current, config.SpikeCutSteps * config.DtSeconds, seconds, step);
        var drawn = new List<double[]>();
        for (var draw = 0; draw < DrawCount && drawn.Count < Simulated; draw++)
        {
            var neuron = Drawn(trueNeuron, keys, draws, draw);
            if (neuron is not null)
                drawn.Add(Run(neuron));
        }

        return new PosteriorExample(
            truth.Where(parameter => keys.Contains(parameter.Key)).ToDictionary(),
            keys.Index().ToDictionary(key => key.Item, key => Enumerable.Range(0, DrawCount).Select(n => draws[n, key.Index]).ToArray()),
            step,
            Array.ConvertAll(Sample(current, step, Times), amperes => 1e12 * amperes),
            Run(trueNeuron),
            drawn
        );
    }

    /// <summary>A neuron of a draw; null where there can be none of such parameters, or where it would take for ever.</summary>
    private static NeuronConfig? Drawn(NeuronConfig config, string[] keys, double[,] draws, int draw)
    {
        try
        {
            var neuron = keys.Index().Aggregate(config, (changed, key) => changed.With(key.Item, draws[draw, key.Index]));
            return neuron.DtSeconds > 0.1 * config.DtSeconds && neuron.DtSeconds < 10 * config.DtSeconds ? neuron : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static double Step(PipelineDefinition definition, NeuronConfig neuron) =>
        definition.Dataset.Trace.SamplingRateHz is { } rate ? 1 / rate : neuron.DtSeconds;

    // At the neuron's own step; then what the figure shows of it.
    private static double[] Simulate(
        PipelineDefinition definition,
        NeuronConfig neuron,
        Stimulus current,
        double spikeCut,
        double seconds,
        double step
    )
    {
        neuron = neuron.With(GlifParameter.TimeStep, Step(definition, neuron));
        if (definition.Dataset.Trace.SpikeCut == SpikeCutUnit.Time)
            neuron = neuron.WithSpikeCutDuration(spikeCut);
        var amperes = Sample(current, neuron.DtSeconds, (int)Math.Ceiling(seconds / neuron.DtSeconds) + 1);
        var trace = GlifSimulator.Run(neuron, amperes);
        return
        [
            .. Enumerable
                .Range(0, Times)
                .Select(n => 1000 * trace.VoltageVolts[Math.Min((int)(n * step / neuron.DtSeconds), amperes.Length - 1)]),
        ];
    }

    private static double[] Sample(Stimulus current, double step, int count)
    {
        var amperes = new double[count];
        current.Sample(step, amperes);
        return amperes;
    }
}
