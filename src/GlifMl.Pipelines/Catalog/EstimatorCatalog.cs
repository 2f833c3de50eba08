using System.Collections.Concurrent;
using GlifMl.Estimators;
using GlifMl.Onnx;
using GlifMl.Pipelines;
using Microsoft.ML;

namespace GlifMl;

/// <summary>The estimators that a definition can name. Adding one is one line here, or one call from outside.</summary>
public sealed class EstimatorCatalog : IStepCatalog
{
    private readonly ConcurrentDictionary<string, EstimatorEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _plugins = new(StringComparer.Ordinal);

    /// <summary>A catalogue of this library's estimators, to which others can be added without <see cref="Default"/> knowing.</summary>
    public EstimatorCatalog()
    {
        Add<ScaleTargetsOptions>(
            "scale-targets",
            EstimatorRole.Label,
            "Targets to label units: a factor, standardised, or standardised in the logarithm.",
            (o, c) => new ScaleTargetsEstimator(c.Ml, c.Targets, ChainContext.LabelColumn, o, c.Limits)
        );
        Add<ChannelsOptions>(
            "channels",
            EstimatorRole.Trace,
            "Joins voltage and stimulus into one trace with a channel each.",
            (o, c) => new ChannelsEstimator(c.Ml, o.ColumnNames(), c.AddTrace("Channels"))
        );
        Add<ScaleTraceOptions>(
            "scale-trace",
            EstimatorRole.Trace,
            "One offset and scale a channel: fixed, asinh, or standardised over the training traces.",
            (o, c) => new ScaleTraceEstimator(c.Ml, c.Trace, c.AddTrace("Scaled"), o)
        );
        Add<BlockReduceOptions>(
            "block-reduce",
            EstimatorRole.Trace,
            "Shortens a trace to block means, with within-block change and spike-cut fraction as channels.",
            (o, c) => new BlockReduceEstimator(c.Ml, c.Trace, c.AddTrace("Blocks"), o)
        );
        Add<CropOptions>(
            "crop",
            EstimatorRole.Trace,
            "Keeps one stretch of a trace.",
            (o, c) => new CropEstimator(c.Ml, c.Trace, c.AddTrace("Cropped"), o)
        );
        Add<ResampleOptions>(
            "resample",
            EstimatorRole.Trace,
            "Lowers the sampling rate by a whole factor, by box means.",
            (o, c) => new ResampleEstimator(c.Ml, c.Trace, c.AddTrace("Resampled"), o)
        );
        Add<TraceFeaturesOptions>(
            "trace-features",
            EstimatorRole.Trace,
            "Describes a trace by some tens of numbers, for trees and linear models.",
            (o, c) => new TraceFeaturesEstimator(c.Ml, c.Trace, c.AddTrace("TraceFeatures"), o)
        );
        Add<MembraneFitOptions>(
            "membrane-fit",
            EstimatorRole.Trace,
            "Fits a leaky membrane to voltage and stimulus, and gives the estimates to the network beside the trace.",
            (o, c) => new MembraneFitEstimator(c.Ml, c.Trace, o.Beside ? c.PutBeside("MembraneFit") : c.AddTrace("MembraneFit"), o)
        );
        Add<NoiseOptions>(
            "noise",
            EstimatorRole.Augmentation,
            "Recording noise and quantisation on the voltage, in training alone.",
            (o, c) => new NoiseEstimator(c.Trace, o)
        );

        Add<MeanOptions>(
            "mean",
            EstimatorRole.Trainer,
            "Always answers the mean label: chance.",
            (_, c) => new MeanTrainer(c.Ml, ChainContext.LabelColumn, c.Trace, c.Score)
        );
        Add<ClosedFormOptions>(
            "closed-form",
            EstimatorRole.Trainer,
            "Solves the membrane equation by least squares; needs voltage and stimulus.",
            (o, c) => new ClosedFormTrainer(c.Ml, ChainContext.LabelColumn, c.Trace, c.Score, o)
        );
        Add<LinearOptions>(
            "linear",
            EstimatorRole.Trainer,
            "A linear model of standardised features (Sdca).",
            (o, c) => c.Ml.Regression.Trainers.Linear(o, ChainContext.LabelColumn, c.Trace)
        );
        Add<FastTreeOptions>(
            "fast-tree",
            EstimatorRole.Trainer,
            "Gradient-boosted trees, ML.NET's own.",
            (o, c) => c.Ml.Regression.Trainers.FastTree(o, ChainContext.LabelColumn, c.Trace, c.Score, c.Validation)
        );
        Add<FastForestOptions>(
            "fast-forest",
            EstimatorRole.Trainer,
            "A random forest.",
            (o, c) => c.Ml.Regression.Trainers.FastForest(o, ChainContext.LabelColumn, c.Trace)
        );
        Add<LightGbmOptions>(
            "lightgbm",
            EstimatorRole.Trainer,
            "Gradient-boosted trees grown leaf by leaf, LightGBM.",
            (o, c) => c.Ml.Regression.Trainers.LightGbm(o, ChainContext.LabelColumn, c.Trace, c.Score, c.Validation)
        );
        Add<BiLstmOptions>(
            "bilstm",
            EstimatorRole.Trainer,
            "A bidirectional LSTM regressor.",
            (o, c) => c.Ml.Regression.Trainers.BiLstm(o, ChainContext.LabelColumn, c.Trace, c.Score, c.Validation, c.Run, c.Beside)
        );
        Add<GruOptions>(
            "gru",
            EstimatorRole.Trainer,
            "A gated recurrent unit regressor, through libtorch.",
            (o, c) => c.Ml.Regression.Trainers.Gru(o, ChainContext.LabelColumn, c.Trace, c.Score, c.Validation, c.Run)
        );
        Add<CnnOptions>(
            "cnn",
            EstimatorRole.Trainer,
            "A small convolution network over time.",
            (o, c) => c.Ml.Regression.Trainers.Cnn(o, ChainContext.LabelColumn, c.Trace, c.Score, c.Validation, c.Run)
        );
        Add<MlpOptions>(
            "mlp",
            EstimatorRole.Trainer,
            "A multilayer perceptron over the whole trace.",
            (o, c) => c.Ml.Regression.Trainers.Mlp(o, ChainContext.LabelColumn, c.Trace, c.Score, c.Validation, c.Run)
        );

        Add<TemporalConvOptions>(
            "temporal-conv",
            EstimatorRole.Trainer,
            "Dilated convolutions over time, each layer seeing twice as far as the one before.",
            (o, c) => c.Ml.Regression.Trainers.TemporalConv(o, ChainContext.LabelColumn, c.Trace, c.Score, c.Validation, c.Run)
        );
        Add<TransformerOptions>(
            "transformer",
            EstimatorRole.Trainer,
            "Attention between blocks of a trace, of Microsoft.ML.TorchSharp's own layers.",
            (o, c) => c.Ml.Regression.Trainers.Transformer(o, ChainContext.LabelColumn, c.Trace, c.Score, c.Validation, c.Run)
        );

        foreach (var step in StockCatalog.Steps)
            _entries[step.Name] = EstimatorEntry.Of(step);
    }

    /// <summary>The catalogue that definitions are read with where no other is given.</summary>
    public static EstimatorCatalog Default { get; } = new();

    /// <summary>The names that a definition may use.</summary>
    public IReadOnlyCollection<string> Names => [.. _entries.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The estimators, by role and name.</summary>
    internal IReadOnlyList<EstimatorEntry> Entries => [.. _entries.Values.OrderBy(e => e.Role).ThenBy(e => e.Name, StringComparer.Ordinal)];

    /// <summary>The estimator of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    internal EstimatorEntry this[string name] => _entries[name];

    Type? IStepCatalog.OptionsType(string name) => _entries[name].OptionsType;

    string? IStepCatalog.Refusal(string name) => StockCatalog.Refused.GetValueOrDefault(name);

    /// <summary>Adds an estimator, so that definitions can name it.</summary>
    /// <typeparam name="TOptions">A record with a parameterless constructor, init properties and documented defaults.</typeparam>
    /// <param name="name">Its name in definitions.</param>
    /// <param name="role">Its place in a chain.</param>
    /// <param name="summary">What it does, in one sentence.</param>
    /// <param name="create">Makes the estimator from its options and the chain so far.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add<TOptions>(
        string name,
        EstimatorRole role,
        string summary,
        Func<TOptions, ChainContext, IEstimator<ITransformer>> create
    )
        where TOptions : class
    {
        if (
            !_entries.TryAdd(
                name,
                new EstimatorEntry(
                    name,
                    role,
                    () => summary,
                    () => typeof(TOptions),
                    (options, context) => create((TOptions)Seeded(options, context.Seed), context)
                )
            )
        )
            throw new ArgumentException($"found estimator '{name}' in the catalogue already; expected a new name", nameof(name));
    }

    /// <summary>Adds the estimators of an assembly. One that was added is not added again.</summary>
    /// <param name="assemblyFile">The file.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="ArgumentException">
    /// It is no assembly, has no <see cref="IEstimatorPlugin"/>, or adds a name that is taken.
    /// </exception>
    public void AddFrom(string assemblyFile)
    {
        var file = Path.GetFullPath(assemblyFile);
        if (!File.Exists(file))
            throw new FileNotFoundException($"found no file {assemblyFile}; expected an assembly of estimators", assemblyFile);
        lock (_plugins)
        {
            if (_plugins.Contains(file))
                return;
            foreach (var plugin in PluginAssembly.Load(file))
                plugin.AddTo(this);
            _plugins.Add(file);
        }
    }

    bool IStepCatalog.Has(string assemblyFile)
    {
        lock (_plugins)
            return _plugins.Contains(assemblyFile);
    }

    private static object Seeded(object options, int seed) => options is ISeededOptions own ? own.WithSeed(seed) : options;
}

/// <summary>An estimator's place in a chain.</summary>
public enum EstimatorRole
{
    /// <summary>Makes the label vector from the targets; at most one, SI units where there is none.</summary>
    Label,

    /// <summary>Changes the trace.</summary>
    Trace,

    /// <summary>Changes the trace of training rows alone: validation rows and the model never see it.</summary>
    Augmentation,

    /// <summary>Learns the label from the trace; exactly one, the last step.</summary>
    Trainer,
}
