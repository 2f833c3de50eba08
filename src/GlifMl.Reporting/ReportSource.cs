using GlifMl.Datasets;
using GlifMl.Pipelines;
using GlifMl.Simulation;
using GlifMl.Torch;

namespace GlifMl.Reporting;

/// <summary>Everything a report is made of: what a model's folder holds, and what the model says of the fitted neuron.</summary>
internal sealed class ReportSource
{
    public required PipelineDefinition Definition { get; init; }

    public required PipelineMetrics Metrics { get; init; }

    /// <summary>The fitted neuron that the definition starts from.</summary>
    public required NeuronConfig Neuron { get; init; }

    public required ParameterDesign Design { get; init; }

    /// <summary>Whether the data are those of the published study, so that its numbers may stand beside ours.</summary>
    public bool IsStudy => PublishedStudy.IsReproducedBy(Definition, Neuron);

    public required IReadOnlyList<EpochRecord> Epochs { get; init; }

    /// <summary>Predictions on the test split; null for a folder that was evaluated without writing them.</summary>
    public required PredictionFile? Predictions { get; init; }

    /// <summary>Where the truth lies in the posteriors of the test split; null for a model without posteriors.</summary>
    public required CalibrationFile? Calibration { get; init; }

    /// <summary>What the model says of its posteriors; null for a model without any.</summary>
    public required PosteriorInfo? Posterior { get; init; }

    /// <summary>One test trace with its posterior; null for a model without posteriors.</summary>
    public required PosteriorExample? Example { get; init; }

    /// <summary>What the model infers from the fitted neuron's answer to the test stimulus, by Allen key, SI units.</summary>
    public required IReadOnlyDictionary<string, double> Inferred { get; init; }

    /// <summary>Whether the model is given the stimulus beside the voltage.</summary>
    public required bool ReadsStimulus { get; init; }

    /// <summary>Mean of the training labels, by Allen key, SI units.</summary>
    public required IReadOnlyDictionary<string, double> LabelMeans { get; init; }

    /// <summary>Why the inferred parameters make no neuron (a negative capacitance, say); null where they do.</summary>
    public required string? InferredFault { get; init; }

    /// <summary>The fitted neuron, the inferred one where there can be such a neuron, and the random one.</summary>
    public required IReadOnlyList<ComparedNeuron> Subjects { get; init; }

    /// <summary>Reads a model's folder.</summary>
    /// <exception cref="FileNotFoundException">A file of the folder is missing; the message says which command writes it.</exception>
    public static ReportSource Load(ModelDirectory directory, EstimatorCatalog? catalog)
    {
        new ModelSwap(directory).Complete();
        if (!File.Exists(directory.Definition))
            throw new FileNotFoundException(NoModel(directory), directory.Definition);
        if (!File.Exists(directory.Onnx))
            throw Missing(directory.Onnx, "the model, which `glifml train` writes");
        var metrics =
            PipelineMetrics.Load(directory.Metrics)
            ?? throw Missing(directory.Metrics, "the model's figures, which `glifml evaluate` writes");
        var definition = Pipeline.Load(directory.Definition, catalog: catalog);
        var neuron = NeuronConfig.Load(definition.Dataset.Neuron);
        var design = DesignFactory.Create(definition);
        using var model = OnnxModel.Load(directory.Onnx, new OnnxModelOptions { Engine = OnnxEngine.Steady });
        var predictions = PredictionFile.Load(directory.Predictions);
        RequireOneModel(directory, definition, model.Info, metrics, predictions);
        var hash = DatasetHash.Compute(definition);
        if (DefinitionDifference.Of(model.Info, directory.Path, definition, hash, catalog ?? EstimatorCatalog.Default) is { } difference)
            throw new InvalidDataException(
                $"{directory.Onnx}: found a model with {difference}, as {directory.Definition} says: train again"
            );
        var inferred = Infer(definition, model);
        var inferredNeuron = Make(neuron, inferred, out var fault);
        return new ReportSource
        {
            Definition = definition,
            Metrics = metrics,
            Neuron = neuron,
            Design = design,
            Epochs = TrainingCurve.Load(directory.TrainingLog),
            Predictions = predictions,
            Calibration = model.Info.Posterior is null ? null : CalibrationFile.Load(directory.Calibration),
            Posterior = model.Info.Posterior,
            Example = PosteriorExample.Of(definition, model),
            Inferred = inferred,
            InferredFault = fault,
            ReadsStimulus = model.Info.ReadsStimulus,
            LabelMeans = model
                .Info.Parameters.Where(p => p.TrainingRange is not null)
                .ToDictionary(p => p.Name, p => p.TrainingRange!.Mean),
            Subjects =
            [
                new("fitted", "fitted", neuron, SeriesColour.Fitted),
                .. inferredNeuron is null
                    ? Array.Empty<ComparedNeuron>()
                    : [new("inferred", "inferred", inferredNeuron, SeriesColour.Inferred)],
                new("random", "random", RandomNeuron(definition, neuron, design), SeriesColour.Random),
            ],
        };
    }

    private static FileNotFoundException Missing(string path, string expected) =>
        new($"{path}: found no such file; expected {expected}", path);

    private static string NoModel(ModelDirectory directory) =>
        File.Exists(directory.ListTable)
            ? $"{directory.Path}: found the folder of a list of runs; expected one model's: `glifml run LIST.yaml` writes the list's report"
            : $"{directory.Path}: found no pipeline.yaml; expected a trained model's folder, which `glifml run` writes";

    /// <summary>Refuses files of different models or runs, which together would make a page of half-truths.</summary>
    private static void RequireOneModel(
        ModelDirectory directory,
        PipelineDefinition definition,
        OnnxModelInfo model,
        PipelineMetrics metrics,
        PredictionFile? predictions
    )
    {
        void Require(bool holds, string file, string found, string expected, string then)
        {
            if (!holds)
                throw new InvalidDataException($"{file}: found {found}; expected {expected}: {then} again");
        }

        void RequireTargets(string file, IEnumerable<string> found, string then)
        {
            string[] keys = [.. found];
            Require(
                keys.SequenceEqual(definition.Targets),
                file,
                $"targets {string.Join(", ", keys)}",
                $"{string.Join(", ", definition.Targets)}, those of {directory.Definition}",
                then
            );
        }

        static string Traces(int samples, bool stimulus) => $"{samples} samples {(stimulus ? "with" : "without")} the stimulus";

        var trace = definition.Dataset.Trace;
        RequireTargets(directory.Onnx, model.Parameters.Select(p => p.Name), "train");
        Require(
            model.Samples == trace.Samples && (trace.Stimulus || !model.ReadsStimulus),
            directory.Onnx,
            $"a model of {Traces(model.Samples, model.ReadsStimulus)}",
            $"{Traces(trace.Samples, trace.Stimulus)}, the traces of {directory.Definition}",
            "train"
        );
        RequireTargets(directory.Metrics, metrics.Test.Parameters.Keys, "evaluate");
        Require(
            metrics.DataHash == model.DataHash,
            directory.Metrics,
            $"figures of dataset {ShortHash.Of(metrics.DataHash)}",
            $"{ShortHash.Of(model.DataHash)}, which {directory.Onnx} was trained on",
            "evaluate"
        );
        if (predictions is null)
            return;
        RequireTargets(directory.Predictions, predictions.Targets, "evaluate");
        Require(
            predictions.Rows == metrics.Test.Rows,
            directory.Predictions,
            $"{predictions.Rows} traces",
            $"{metrics.Test.Rows}, as {directory.Metrics} says",
            "evaluate"
        );
    }

    private static Dictionary<string, double> Infer(PipelineDefinition definition, OnnxModel model)
    {
        var source = TraceSources.Of(OnlyTheFitted(definition), "test");
        var batch = new TraceBatch(source.Schema, 1);
        source.Fill(0, batch);
        var stimulus = model.Info.ReadsStimulus ? batch.Stimulus(0).ToArray() : [];
        float[] known = [.. model.Info.Known.Select(k => (float)batch.Labels(source.Schema.Targets.ToList().IndexOf(k.Name))[0])];
        var scores = model.Score(batch.Voltage(0).ToArray(), stimulus, known);
        return model.Info.Parameters.Index().ToDictionary(p => p.Item.Name, p => (double)scores[0, p.Index]);
    }

    /// <summary>
    /// The definition with one configuration, the fitted neuron's own, so that its trace is made exactly as the test traces are.
    /// </summary>
    private static PipelineDefinition OnlyTheFitted(PipelineDefinition definition)
    {
        var neuron = NeuronConfig.Load(definition.Dataset.Neuron);
        var test = definition.Dataset.Splits.Test with { Traces = TraceCount.All, Sweeps = 1 };
        return definition with
        {
            Dataset = definition.Dataset with
            {
                HoldOut = null,
                Parameters = new ParametersDefinition
                {
                    Design = DesignKind.Grid,
                    Values = definition.Targets.ToDictionary(t => t, t => (IReadOnlyList<double>)[neuron.Get(t)]),
                },
                // A definition must have training traces; other sweeps keep them from sharing the test split's one configuration.
                Splits = new SplitsDefinition { Train = test with { Sweeps = 2 }, Test = test },
            },
        };
    }

    /// <summary>A configuration of the design, drawn by the definition's seed.</summary>
    private static NeuronConfig RandomNeuron(PipelineDefinition definition, NeuronConfig neuron, ParameterDesign design)
    {
        var count = design.Count ?? definition.Dataset.Splits.Present.Sum(s => (long)(s.Split.Traces.Number ?? 0));
        var point = design.Point(new SeededRandom((ulong)definition.Seed, RandomStreams.ReportConfiguration).NextBelow(count));
        return design.Keys.Zip(point).Aggregate(neuron, (changed, p) => changed.With(p.First, p.Second));
    }

    private static NeuronConfig? Make(NeuronConfig neuron, Dictionary<string, double> parameters, out string? fault)
    {
        fault = null;
        try
        {
            return parameters.Aggregate(neuron, (changed, p) => changed.With(p.Key, p.Value));
        }
        catch (ArgumentException e)
        {
            fault = e.Message;
            return null;
        }
    }
}
