using System.Diagnostics;
using GlifMl.Datasets;
using GlifMl.Onnx;
using GlifMl.Simulation;
using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines;

/// <summary>Fits a definition's chain and writes it out as ONNX and as an ML.NET model.</summary>
internal static class TrainStage
{
    /// <summary>Trains.</summary>
    /// <param name="pipeline">What is run.</param>
    /// <param name="model">The folder to work in: the model's, or one within it where a finished model stands.</param>
    /// <param name="member">The one network of an ensemble that is trained, and not exported; null: all there is.</param>
    public static StageSeconds Run(Pipeline pipeline, ModelDirectory model, int? member = null)
    {
        var start = Stopwatch.GetTimestamp();
        var (definition, listener) = (pipeline.Definition, pipeline.Settings.Listener);
        listener?.StageStarted("train");
        var train = TrainingRows.Of(pipeline);
        var validation = definition.Dataset.Splits.Validation is null ? null : pipeline.Open("validation");
        var shown = definition.Dataset.Splits.Train.Shown ?? 1;
        var (first, kept, seen) = (int.MaxValue, false, 0L);
        var context = new ChainContext
        {
            Ml = new MLContext(definition.Seed),
            Targets = definition.Targets,
            Limits = DesignLimits.Of(definition),
            Seed = definition.Seed,
            Member = member,
            Progress = (fraction, detail) => listener?.StageProgressed(fraction, detail),
            Run = new TrainingRun
            {
                Directory = model.Path,
                Resume = pipeline.Settings.Resume,
                Endless = train.Source is { } source
                    ? new EndlessRows((first, count) => new TraceSourceView(source, first, count), shown)
                    : null,
                DataFingerprint = pipeline.DataHash,
                Cancellation = pipeline.Settings.Cancellation,
                Peers = pipeline.Settings.Peers,
                OnProgress = p =>
                {
                    first = Math.Min(first, p.Epoch);
                    // Not before: a checkpoint that is refused must not be left beside another run's definition.
                    if (!kept && pipeline.Settings.IsFirst)
                        pipeline.Folder.Keep(model);
                    kept = true;
                    seen = p.TracesSeen;
                    listener?.StageProgressed(Fraction(p), Describe(p, train.Source is not null));
                },
            },
        };
        var chain = FittedChain.Fit(definition, pipeline.Catalog, context, train.View, validation);
        var trained = Stopwatch.GetElapsedTime(start).TotalSeconds + SecondsBefore(pipeline, model, first);
        if (!pipeline.Settings.IsFirst || member is not null)
            return new StageSeconds(Train: trained);
        listener?.StageEnded(
            (
                train.Source is null ? $"{train.Count} traces"
                : shown == 1 ? $"{seen} traces, each simulated once"
                : $"{seen} traces seen, each simulated trace {shown} times"
            ) + $", {definition.Steps[^1].Name}"
        );

        start = Stopwatch.GetTimestamp();
        listener?.StageStarted("export");
        var info = ModelDescription.Of(pipeline, chain, train);
        var onnx = OnnxExporter.Export(chain.Steps, chain.InputSchema, chain.Outputs, info.ToMetadata());
        pipeline.Folder.Keep(model);
        pipeline.Folder.Change(
            $"write {model.Zip}",
            () => StockModel.Save(model.Zip, onnx, chain.InputSchema, info.GraphInputs, chain.Outputs, ModelBounds.Slots(info))
        );
        // Last: it says that the rest is there.
        pipeline.Folder.Change($"write {model.Onnx}", () => AtomicFile.WriteAllBytes(model.Onnx, onnx));
        listener?.StageEnded(Invariant.Text($"{onnx.Length / 1024.0:F0} KiB"));
        return new StageSeconds(Train: trained, Export: Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>What the epochs took that a resumed training did not repeat, s.</summary>
    private static double SecondsBefore(Pipeline pipeline, ModelDirectory model, int firstEpoch) =>
        pipeline.Settings.Resume && pipeline.Definition.Steps[^1].Options is TrainerOptions
            ? TrainingCurve.Load(model.TrainingLog).Where(epoch => epoch.Epoch < firstEpoch).Sum(epoch => epoch.Seconds)
            : 0;

    private static double Fraction(TrainingProgress p) => (p.Epoch - 1 + ((double)p.Step / p.StepsPerEpoch)) / p.Epochs;

    private static string Describe(TrainingProgress p, bool isEndless) =>
        (
            p.Finished is { ValidationLoss: { } validation } done
                ? Invariant.Text($"epoch {p.Epoch} of {p.Epochs}, loss {done.TrainLoss:F4}, validation {validation:F4}")
                : Invariant.Text($"epoch {p.Epoch} of {p.Epochs}, loss {p.Loss:F4}")
        ) + (isEndless ? Invariant.Text($", {p.TracesSeen} traces seen, {p.TracesPerSecond:F0} a second") : "");
}

/// <summary>The rows that a chain is fitted to.</summary>
/// <param name="View">All of them; of traces without end an epoch's.</param>
/// <param name="Count">How many.</param>
/// <param name="Sample">Some of them, which are like all: neighbours in a design are alike.</param>
/// <param name="Source">Where traces without end come from; null where there are shards.</param>
internal sealed record TrainingRows(IDataView View, long Count, IDataView Sample, ITraceSource? Source)
{
    // Enough traces to place the 1st and 99th percentile; a whole training set would be read for numbers that hardly move.
    private const int SampledTraces = 512;

    public static TrainingRows Of(Pipeline pipeline)
    {
        if (pipeline.Definition.Dataset.Splits.Train.IsEndless)
        {
            var source = TraceSources.Of(pipeline.Definition, "train");
            // The next one is like no other: Sobol's points, and a grid's in their random order, are spread from the first on.
            var some = new TraceSourceView(source, 0, Math.Min(source.Count, SampledTraces));
            return new(new TraceSourceView(source, 0, source.Count), source.Count, some, source);
        }

        var shards = pipeline.Open("train");
        var stride = Math.Max(1, shards.Rows / SampledTraces);
        var rows = Enumerable.Range(0, (int)Math.Min(shards.Rows, SampledTraces)).Select(i => i * stride);
        return new(shards, shards.Rows, shards.Subset(rows), Source: null);
    }
}

/// <summary>What a model says of itself in its metadata: what it reads, and what its training traces were like.</summary>
internal static class ModelDescription
{
    public static OnnxModelInfo Of(Pipeline pipeline, FittedChain chain, TrainingRows rows)
    {
        var train = rows.View;
        var (definition, trace) = (pipeline.Definition, pipeline.Definition.Dataset.Trace);
        var labels = definition.Targets.ToDictionary(t => t, t => ValueRange.Of(train.GetColumn<double>(train.Schema[t])));
        var interval = Interval(definition.Dataset, train);
        var inputs = OnnxExporter.InputsOf(chain.Steps, chain.InputSchema, [ChainContext.ParametersColumn]);
        var known = inputs.Where(GlifParameter.Keys.Contains).ToArray();
        var (voltage, stimulus, belonging) = Ranges(rows.Sample);
        return new OnnxModelInfo
        {
            Parameters = [.. definition.Targets.Select(t => new ModelParameter(t, GlifParameter.Of(t).Unit, labels[t]))],
            Samples = trace.Samples,
            SamplingIntervalMinimumSeconds = interval.Minimum,
            SamplingIntervalMaximumSeconds = interval.Maximum,
            Inputs = [.. inputs.Except(known)],
            Known =
            [
                .. known.Select(k => new ModelParameter(
                    k,
                    GlifParameter.Of(k).Unit,
                    ValueRange.Of(train.GetColumn<double>(train.Schema[k]))
                )),
            ],
            SpikeCuts = trace.SpikeCuts switch
            {
                SpikeCuts.Drop => SpikeCutHandling.Drop,
                SpikeCuts.Fill => SpikeCutHandling.Fill,
                _ => SpikeCutHandling.Keep,
            },
            SpikeCutFillMv = trace.FillMv,
            VoltageRanges = voltage,
            StimulusRanges = stimulus,
            Belonging = belonging,
            // Not where it was put: a run repeated elsewhere makes the same bytes.
            Definition = DefinitionWriter.ToYaml(definition with { Output = null, Data = null }, pipeline.Model.Path),
            DataHash = pipeline.DataHash,
            TrainableNumbers = chain.Steps.OfType<ITrainedNetwork>().ToArray() is { Length: > 0 } networks
                ? networks.Sum(network => network.ParameterCount)
                : null,
            Posterior = chain.Posterior,
            Members = definition.Ensemble ?? 1,
            Readings = trace.Holds == TraceContents.Readings ? CellVector.Names : null,
        };
    }

    // The design's own range, not that of the values drawn from it: a recording made at its very end is no extrapolation.
    private static (double Minimum, double Maximum) Interval(DatasetDefinition dataset, IDataView train)
    {
        if (dataset.Trace.SamplingRateHz is { } rate)
            return (1 / rate, 1 / rate);
        if (dataset.Parameters.Ranges.TryGetValue(GlifParameter.TimeStep, out var range))
            return (range.Min, range.Max);
        if (!dataset.Parameters.Values.TryGetValue(GlifParameter.TimeStep, out var values))
            values = [.. train.GetColumn<double>(train.Schema[GlifParameter.TimeStep])];
        return (values.Min(), values.Max());
    }

    private static (TraceRanges Voltage, TraceRanges? Stimulus, TraceBelonging? Belonging) Ranges(IDataView rows)
    {
        var features = new List<double[]>();
        var columns = rows.Schema.Where(c => c.Name is OnnxModelInfo.VoltageColumn or OnnxModelInfo.StimulusColumn).ToArray();
        var statistics = Array.ConvertAll(columns, _ => new List<TraceStatistics>());
        using var cursor = rows.GetRowCursor(rows.Schema.Where(c => columns.Any(x => x.Name == c.Name)));
        var getters = Array.ConvertAll(columns, c => cursor.GetGetter<VBuffer<float>>(rows.Schema[c.Name]));
        VBuffer<float> buffer = default;
        var traces = new float[columns.Length][];
        while (cursor.MoveNext())
        {
            for (var k = 0; k < columns.Length; k++)
            {
                getters[k](ref buffer);
                traces[k] = buffer.DenseValues().ToArray();
                statistics[k].Add(TraceStatistics.Of(traces[k]));
            }
            features.Add(TraceBelongingFeatures.Of(Trace(OnnxModelInfo.VoltageColumn), Trace(OnnxModelInfo.StimulusColumn)));
        }

        float[]? Trace(string column) => Array.FindIndex(columns, c => c.Name == column) is >= 0 and var k ? traces[k] : null;

        TraceRanges? Of(string column) =>
            Array.FindIndex(columns, c => c.Name == column) is >= 0 and var k ? TraceRanges.Of(statistics[k]) : null;
        return (
            Of(OnnxModelInfo.VoltageColumn)!,
            Of(OnnxModelInfo.StimulusColumn),
            features.Count > 1 ? TraceBelonging.Of(features) : null
        );
    }
}
