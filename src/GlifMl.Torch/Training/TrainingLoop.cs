using System.Diagnostics;
using GlifMl.Onnx;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>
/// Fits a module that maps traces [batch, samples, channels] to scaled targets [batch, targets], or to what their posterior is read from.
/// Every trainer of the project runs through this loop.
/// </summary>
internal sealed class TrainingLoop
{
    private readonly ITraceModule _module;
    private readonly TrainingLoss _loss;
    private readonly TrainerOptions _options;
    private readonly TrainingRun _run;
    private readonly TraceStore _train;
    private readonly TraceStore? _validation;
    private readonly int _seed;
    private readonly Tensor[] _parameters;
    private readonly ParameterSteps _moves;
    private readonly TrainingParts? _parts;
    private readonly string _fingerprint;
    private readonly List<EpochRecord> _history = [];
    private byte[][] _best = [];
    private int _bestEpoch;
    private EpochPart? _part;

    /// <param name="module">What is trained, in place.</param>
    /// <param name="train">Training rows.</param>
    /// <param name="validation">Validation rows, or null.</param>
    /// <param name="options">Hyperparameters, validated.</param>
    /// <param name="run">Files and callbacks.</param>
    /// <param name="loss">What is made small.</param>
    /// <param name="architecture">Names the module, so that another architecture's checkpoint is refused.</param>
    /// <param name="parts">What of the training is someone's own; null: nothing.</param>
    /// <exception cref="ArgumentException">A batch has fewer rows than the module needs.</exception>
    public TrainingLoop(
        ITraceModule module,
        TraceStore train,
        TraceStore? validation,
        TrainerOptions options,
        TrainingRun run,
        TrainingLoss loss,
        string architecture,
        TrainingParts? parts = null
    )
    {
        (_module, _train, _validation, _options, _run, _loss) = (module, train, validation, options, run, loss);
        if (Math.Min(options.Batch, train.Count) is var rows && rows < module.LeastRows)
            throw new ArgumentException(
                $"found batches of {rows} row(s); expected {module.LeastRows} or more, which the module's batch normalisation needs"
            );
        run.Peers?.Check(rows, module.LeastRows);
        _seed = options.SeedOrDefault;
        _parameters = module.Module.parameters().ToArray();
        (_parts, _moves) = (parts, new ParameterSteps(_parameters, parts?.Optimiser));
        if (parts is not null)
            architecture += $" {parts.Identity}";
        _fingerprint = string.Join(
            " | ",
            architecture + loss.Identity,
            options.Identity,
            run.DataFingerprint,
            train.Count,
            validation?.Count
        );
    }

    private string? CheckpointFile => _run.Directory is { } folder ? Path.Combine(folder, "checkpoint", "last.ckpt") : null;

    /// <summary>Trains to the end, and leaves the chosen weights in the module.</summary>
    /// <returns>The epochs, in order.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled; a checkpoint of the last step is there.</exception>
    /// <exception cref="InvalidOperationException">The loss is no longer finite.</exception>
    public IReadOnlyList<EpochRecord> Run()
    {
        set_num_threads(
            !_module.ComputesInLibtorch ? 1
            : _options.Threads > 0 ? _options.Threads
            : _module.QuickestThreads
        );
        using var heap = NativeHeap.Keep();
        if (_run.Resume && File.Exists(CheckpointFile))
            Restore(Checkpoint.Load(CheckpointFile, _fingerprint));
        var log = _run.Directory is { } folder && IsFirst ? new TrainingLog(folder) : null;

        var goesOn = _history.TrueForAll(Continues);
        for (var epoch = _history.Count + 1; epoch <= _options.Epochs && goesOn && !StopsEarly(); epoch++)
        {
            var record = KeepingParts(epoch);
            _history.Add(record);
            if (record.ValidationLoss is { } loss && (_bestEpoch == 0 || loss < _history[_bestEpoch - 1].ValidationLoss))
                (_bestEpoch, _best) = (epoch, State());
            if (CheckpointFile is { } file && IsFirst)
                Snapshot(part: null).Save(file);
            log?.Write(_history);
            Report(epoch, StepsPerEpoch, record.TrainLoss, record.TracesPerSecond, record);
            goesOn = Continues(record);
        }

        if (_options.RestoreBest && _bestEpoch > 0)
            SetState(_best);
        return _history;
    }

    // Of processes that train together the first one writes.
    private bool IsFirst => _run.Peers is not { IsFirst: false };

    private long StepsPerEpoch => Math.Max(1, (_train.Count + _options.Batch - _module.LeastRows) / _options.Batch);

    // What would be left with too few rows for a batch of its own joins the one before.
    private int RowsOfStep(long remaining)
    {
        var left = remaining - _options.Batch;
        return (int)(left < _module.LeastRows ? remaining : _options.Batch);
    }

    private bool Continues(EpochRecord epoch) => _parts?.Continues(epoch) ?? true;

    private bool StopsEarly() => _options.EarlyStopping > 0 && _bestEpoch > 0 && _history.Count - _bestEpoch >= _options.EarlyStopping;

    /// <summary>One epoch, of which a run that is stopped keeps the steps that are done.</summary>
    private EpochRecord KeepingParts(int epoch)
    {
        try
        {
            return RunEpoch(epoch);
        }
        catch (OperationCanceledException) when (_part is { HasBegun: true } && IsFirst && CheckpointFile is not null)
        {
            Snapshot(_part.Whole()).Save(CheckpointFile);
            throw;
        }
    }

    private EpochRecord RunEpoch(int epoch)
    {
        var start = Stopwatch.GetTimestamp();
        var waited = _train.ReadSeconds + (_validation?.ReadSeconds ?? 0);
        if (epoch == 1)
            waited = 0; // the first epoch pays for decoding the traces into memory

        // Dropout draws from libtorch's generator: seeding it each epoch makes a resumed run equal an unbroken one.
        random.manual_seed(unchecked((_seed * 1_000_003L) + epoch));
        _module.Module.train();
        _part?.RestoreGenerator();
        var (first, sum, before) = _part is { } begun ? (begun.Steps, begun.LossSum, begun.Seconds) : (0, 0, 0);
        using var pass = _train.Begin(epoch);
        pass.Skip(Math.Min(first * _options.Batch, _train.Count));
        for (var step = first; pass.Remaining > 0; step++)
        {
            // A peer may be lost within a step; alone, a step that was begun is ended.
            _part = new(
                step,
                sum,
                before + Stopwatch.GetElapsedTime(start).TotalSeconds,
                _run.Peers is null ? [] : EpochPart.GeneratorState()
            );
            _run.Cancellation.ThrowIfCancellationRequested();
            var rows = RowsOfStep(pass.Remaining);
            var loss = Step(pass, rows, Rate(epoch, step));
            RequireFinite(loss, Invariant.Text($"the loss is {loss} in epoch {epoch}, step {step + 1}"));
            sum += loss * rows;
            var done = _train.Count - pass.Remaining;
            Report(epoch, step + 1, sum / done, done / (before + Stopwatch.GetElapsedTime(start).TotalSeconds), finished: null);
        }

        _part = new(StepsPerEpoch, sum, before + Stopwatch.GetElapsedTime(start).TotalSeconds, []);
        var rate = _train.Count / (before + Stopwatch.GetElapsedTime(start).TotalSeconds);
        var validation = _validation is null ? (double?)null : MeanLoss(_validation);
        // The epoch's last step may be the one that diverges, and no training loss comes after it.
        RequireFinite(validation ?? 0, Invariant.Text($"the validation loss is {validation} after epoch {epoch}"));
        _part = null;
        var seconds = before + Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new EpochRecord(
            epoch,
            sum / _train.Count,
            validation,
            Rate(epoch, StepsPerEpoch - 1),
            seconds,
            _train.ReadSeconds + (_validation?.ReadSeconds ?? 0) - waited
        )
        {
            TracesSeen = epoch * _train.Count,
            TracesPerSecond = rate,
            Metrics = _loss.Measure(),
        };
    }

    private static void RequireFinite(double loss, string found)
    {
        if (!double.IsFinite(loss))
            throw new InvalidOperationException($"{found}; a lower learning_rate, warm_up_steps or clip_norm keeps it finite");
    }

    private double Rate(int epoch, long step) =>
        _options.RateAt(((epoch - 1) * StepsPerEpoch) + step, _options.Epochs * StepsPerEpoch, _parts?.Schedule);

    private double Step(TraceStore.Pass pass, int rows, double learningRate)
    {
        using var scope = NewDisposeScope();
        _moves.ZeroGradients();
        _loss.Progress = (double)_moves.Steps / (_options.Epochs * StepsPerEpoch);
        var (skipped, own) = _run.Peers?.Share(rows) ?? (0, rows);
        pass.Skip(skipped);
        var loss = own > 0 ? Backward(pass, own) : 0;
        pass.Skip(rows - skipped - own);
        loss = _run.Peers?.SumGradients(_parameters, (double)own / rows, loss) ?? loss;
        _moves.Step(learningRate, _options.ClipNorm);
        return loss;
    }

    private double Backward(TraceStore.Pass pass, int rows)
    {
        var (features, beside, lengths, labels) = TrainingBatch.Next(_train, pass, rows);
        var loss = _loss.Backward(_module.Forward(features, beside, lengths), labels);
        _module.AfterBackward();
        return loss;
    }

    private double MeanLoss(TraceStore store)
    {
        _module.Module.eval();
        using var gradients = set_grad_enabled(_module.NeedsGradients);
        var sum = 0.0;
        using var pass = store.Begin(epoch: null);
        for (var batch = 0; pass.Remaining > 0; batch++)
        {
            _run.Cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            // Scoring has no gradient noise to keep: a full batch fills the lanes whatever the training batch is. With gradients on a
            // larger batch would take more memory than training does.
            var rows = (int)Math.Min(_module.NeedsGradients ? _options.Batch : Math.Max(_options.Batch, 16), pass.Remaining);
            if (_run.Peers is { } peers && batch % peers.Count != peers.Rank)
            {
                pass.Skip(rows);
                continue;
            }

            var (features, beside, lengths, labels) = TrainingBatch.Next(store, pass, rows);
            sum += _loss.Of(_module.Forward(features, beside, lengths), labels) * rows;
        }

        return (_run.Peers?.Sum(sum) ?? sum) / store.Count;
    }

    private void Report(int epoch, long step, double loss, double rate, EpochRecord? finished) =>
        _run.OnProgress?.Invoke(
            new TrainingProgress(epoch, _options.Epochs, step, StepsPerEpoch, loss, finished)
            {
                TracesSeen = ((epoch - 1) * _train.Count) + Math.Min(step * _options.Batch, _train.Count),
                TracesPerSecond = rate,
            }
        );

    // Batch normalisation keeps its running statistics in buffers. They are looked up each time: a module may replace them.
    private IEnumerable<Tensor> StateTensors => _parameters.Concat(_module.Module.buffers());

    private byte[][] State() => [.. StateTensors.Select(TensorMemory.CopyBytes)];

    private void SetState(byte[][] state)
    {
        foreach (var (tensor, bytes) in StateTensors.Zip(state))
            TensorMemory.FillBytes(tensor, bytes);
    }

    private Checkpoint Snapshot(EpochPart? part)
    {
        var (steps, first, second) = _moves.Save();
        return new Checkpoint
        {
            Fingerprint = _fingerprint,
            History = _history,
            BestEpoch = _bestEpoch,
            Steps = steps,
            State = State(),
            BestState = _best,
            FirstMoments = first,
            SecondMoments = second,
            Part = part,
        };
    }

    private void Restore(Checkpoint checkpoint)
    {
        _history.AddRange(checkpoint.History);
        _part = checkpoint.Part;
        (_bestEpoch, _best) = (checkpoint.BestEpoch, checkpoint.BestState);
        SetState(checkpoint.State);
        _moves.Restore(checkpoint.Steps, checkpoint.FirstMoments, checkpoint.SecondMoments);
    }
}
