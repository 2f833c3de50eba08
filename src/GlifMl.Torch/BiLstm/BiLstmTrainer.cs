using GlifMl.Onnx;
using Microsoft.ML;
using TorchSharp;

namespace GlifMl.Torch;

/// <summary>
/// An ML.NET estimator that fits a bidirectional LSTM regressor to traces: one score for each slot of the label vector.
/// </summary>
public sealed class BiLstmTrainer : OnnxExportableEstimator<BiLstmTransformer>
{
    private readonly string _label,
        _features,
        _score;
    private readonly BiLstmOptions _options;
    private readonly IDataView? _validation;
    private readonly TrainingRun _run;

    /// <summary>Creates the trainer.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="label">The label column: a vector of Single, in units of order one.</param>
    /// <param name="features">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="score">The score column it adds: as many values as the label.</param>
    /// <param name="options">The network and how it is trained.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <param name="run">Files and callbacks of the run; null: none.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public BiLstmTrainer(
        MLContext ml,
        string label,
        string features,
        string score,
        BiLstmOptions options,
        IDataView? validation = null,
        TrainingRun? run = null
    )
        : base(ml, [features], score)
    {
        options.Validate();
        (_label, _features, _score, _options, _validation, _run) = (label, features, score, options, validation, run ?? new TrainingRun());
    }

    /// <summary>The epochs of the last <see cref="Fit"/>.</summary>
    public IReadOnlyList<EpochRecord> History { get; private set; } = [];

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">There are no rows, or a trace holds NaN; or the checkpoint to resume from is another run's.</exception>
    /// <exception cref="InvalidOperationException">The loss is no longer finite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; its last checkpoint stays.</exception>
    public override BiLstmTransformer Fit(IDataView input)
    {
        TorchRuntime.EnsureLoaded();
        var seed = _options.SeedOrOne();
        var budget = (long)_options.CacheMebibytes << 20;
        using var train = new TraceStore(input, _features, _label, seed, budget);
        var left = train.IsCached ? budget - (train.Count * train.FeatureLength * sizeof(float)) : budget;
        using var validation = _validation is null ? null : new TraceStore(_validation, _features, _label, seed, left);

        using var scope = torch.NewDisposeScope();
        torch.random.manual_seed(seed);
        using var module = new BiLstmModule(_options, train.Channels, train.LabelLength);
        var loop = new TrainingLoop(
            module,
            train,
            validation,
            _options,
            _run,
            $"bilstm {train.FeatureLength}/{train.Channels} to {train.LabelLength}"
        );
        History = loop.Run();
        return new BiLstmTransformer(input.Schema, _features, _score, _options, module.LayerWeights(), module.Head(), train.HasShortTraces);
    }
}
