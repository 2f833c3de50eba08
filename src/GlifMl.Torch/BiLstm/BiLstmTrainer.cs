using GlifMl.Onnx;
using GlifMl.Torch;
using Microsoft.ML;
using TorchSharp;

namespace GlifMl;

/// <summary>
/// An ML.NET estimator that fits a bidirectional LSTM regressor to traces: one score for each slot of the label vector.
/// </summary>
public sealed class BiLstmTrainer : OnnxExportableEstimator<OnnxExportableTransformer>
{
    private readonly TrainerColumns _columns;
    private readonly BiLstmOptions _options;
    private readonly IDataView? _validation;
    private readonly TrainingRun _run;

    // The catalogue's own context is internal to ML.NET; this one serves stock steps without randomness.
    internal BiLstmTrainer(TrainerColumns columns, BiLstmOptions options, IDataView? validation, TrainingRun? run)
        : base(new MLContext(options.SeedOrDefault), columns.Inputs, columns.Score)
    {
        options.Validate();
        (_columns, _options, _validation, _run) = (columns, options, validation, run ?? new TrainingRun());
    }

    /// <summary>The epochs of the last <see cref="Fit"/>.</summary>
    public IReadOnlyList<EpochRecord> History { get; private set; } = [];

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">
    /// There are no rows, or a trace holds NaN; or the checkpoint to resume from is another run's.
    /// </exception>
    /// <exception cref="InvalidOperationException">The loss is no longer finite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; its last checkpoint stays.</exception>
    public override OnnxExportableTransformer Fit(IDataView input)
    {
        TorchRuntime.EnsureLoaded();
        var seed = _options.SeedOrDefault;
        var budget = (long)_options.CacheMebibytes << 20;
        using var train = new TraceStore(input, _columns, seed, budget, _run.Endless);
        var left = budget - train.HeldBytes;
        using var validation = _validation is null ? null : new TraceStore(_validation, _columns, seed, left);

        using var scope = torch.NewDisposeScope();
        torch.random.manual_seed(seed);
        var (head, loss) = NetworkHead.Of(_options, input, _columns.Label);
        var estimates = _columns.Beside is null ? null : BesideEstimates.Of(input, _columns);
        if (head is not null)
            estimates = estimates?.ForMeans(head);
        using var module = new BiLstmModule(_options, train.Channels, head?.RawSize ?? train.LabelLength, estimates);
        var loop = new TrainingLoop(
            module,
            train,
            validation,
            _options,
            _run,
            loss,
            $"bilstm {train.FeatureLength}/{train.Channels} to {train.LabelLength}"
        );
        History = loop.Run();
        return new BiLstmTransformer(input.Schema, _columns, _options, module.LayerWeights(), module.Head(), head, train.HasShortTraces);
    }
}

/// <summary>The bidirectional LSTM regressor: its shape and how it is trained. The defaults are a small, quick network.</summary>
public sealed record BiLstmOptions : RecurrentOptions
{
    /// <summary>Which code runs the LSTM layers. Default the fused kernel.</summary>
    public LstmKernel Kernel { get; init; } = LstmKernel.Fused;
}

/// <summary>Which code runs the LSTM layers.</summary>
public enum LstmKernel
{
    /// <summary>The project's own kernel, one call a layer.</summary>
    Fused,

    /// <summary>libtorch's nn.LSTM: the peer in benchmarks and the cross-check in tests.</summary>
    Torch,
}
