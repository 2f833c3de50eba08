using GlifMl.Onnx;
using GlifMl.Torch;
using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>
/// An ML.NET estimator that fits a TorchSharp module to traces: one score for each slot of the label vector, or with
/// <see cref="TrainerOptions.Posterior"/> the numbers of a posterior.
/// </summary>
public sealed class TorchModuleTrainer : OnnxExportableEstimator<TorchModuleTransformer>
{
    private readonly TrainerColumns _columns;
    private readonly TrainerOptions _options;
    private readonly TraceLayout _layout;
    private readonly Func<ModuleShape, nn.Module<Tensor, Tensor>> _create;
    private readonly IDataView? _validation;
    private readonly TrainingRun _run;
    private readonly TrainingParts? _parts;

    internal TorchModuleTrainer(
        TrainerColumns columns,
        TrainerOptions options,
        TraceLayout layout,
        Func<ModuleShape, nn.Module<Tensor, Tensor>> create,
        IDataView? validation,
        TrainingRun? run,
        TrainingParts? parts = null
    )
        : base(new MLContext(options.SeedOrDefault), [columns.Features], columns.Score)
    {
        options.Validate();
        (_parts, _columns, _options, _layout, _create, _validation, _run) = (
            parts,
            columns,
            options,
            layout,
            create,
            validation,
            run ?? new TrainingRun()
        );
    }

    /// <summary>The epochs of the last <see cref="Fit"/>.</summary>
    public IReadOnlyList<EpochRecord> History { get; private set; } = [];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The module cannot be trained or cannot be written as ONNX: a layer is not supported, does not fit what it is given, or an export of
    /// one's own gives other scores than the module. Found before the training rows are read.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows, or a trace holds NaN; or the checkpoint to resume from is another run's.
    /// </exception>
    /// <exception cref="InvalidOperationException">The loss is no longer finite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; its last checkpoint stays.</exception>
    public override TorchModuleTransformer Fit(IDataView input)
    {
        TorchRuntime.EnsureLoaded();
        var shape = ModuleShape.Of(input.Schema, _columns.Features, _columns.Label);
        var (head, loss) = NetworkHead.Of(_options, input, _columns.Label);
        loss = _parts?.LossOf(loss, head is not null) ?? loss;
        if (head is not null)
            shape = shape with { Targets = head.RawSize };
        var seed = _options.SeedOrDefault;
        random.manual_seed(seed);
        var module = new TraceModule(
            _create(shape) ?? throw new ArgumentException("found no module from the factory; expected a new one each time"),
            shape,
            _layout
        );
        try
        {
            var fingerprint = ModuleCheck.Check(module);
            var budget = (long)_options.CacheMebibytes << 20;
            using var train = new TraceStore(input, _columns, seed, budget, _run.Endless);
            var left = budget - train.HeldBytes;
            using var validation = _validation is null ? null : new TraceStore(_validation, _columns, seed, left);

            using var scope = NewDisposeScope();
            History = new TrainingLoop(module, train, validation, _options, _run, loss, $"{_layout} {shape} {fingerprint}", _parts).Run();
            return new TorchModuleTransformer(input.Schema, _columns, module, head, _options.Threads);
        }
        catch
        {
            module.Module.Dispose();
            throw;
        }
    }
}

/// <summary>How a module of one's own is trained, and what it is given.</summary>
public sealed record TorchModuleOptions : TrainerOptions
{
    /// <summary>How a batch of traces lies before the module. Default [batch, samples, channels].</summary>
    public TraceLayout Layout { get; init; } = TraceLayout.SamplesChannels;
}

/// <summary>How a batch of traces lies before a module.</summary>
public enum TraceLayout
{
    /// <summary>[batch, samples, channels]: for Linear, LSTM and GRU layers.</summary>
    SamplesChannels,

    /// <summary>[batch, channels, samples]: for convolution and pooling over time.</summary>
    ChannelsSamples,
}

/// <summary>The columns of a trainer.</summary>
/// <param name="Label">The label column: a vector of Single, in units of order one.</param>
/// <param name="Features">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
/// <param name="Score">The score column it adds: as many values as the label.</param>
/// <param name="Beside">Estimates beside the trace: a vector of Single, without NaN. Null: none.</param>
internal sealed record TrainerColumns(
    string Label = TraceColumns.Label,
    string Features = TraceColumns.Features,
    string Score = TraceColumns.Score,
    string? Beside = null
)
{
    /// <summary>The columns that a network reads.</summary>
    public string[] Inputs => Beside is { } beside ? [Features, beside] : [Features];
}
