namespace GlifMl.Lstm;

/// <summary>A forward pass: its results, and the way back.</summary>
public sealed unsafe class LstmPass
{
    private readonly LstmLayer _layer;
    private readonly LstmGeometry _geometry;
    private readonly float[] _input;
    private readonly int[]? _lengths;
    private readonly float[]? _checkpoints;
    private readonly ILstmKernel _kernel;
    private readonly int _threads;

    internal LstmPass(LstmLayer layer, LstmGeometry g, float[] input, int[]? lengths, LstmPassOptions options)
    {
        (_layer, _geometry, _input, _lengths) = (layer, g, input, lengths);
        _kernel = options.Kernel ?? LstmKernels.Default;
        _threads = options.Threads > 0 ? options.Threads : KernelThreads.Default;
        FinalHidden = new float[g.StateFloats];
        FinalCell = options.FinalCell ? new float[g.StateFloats] : [];
        TimeMean = options.TimeMean ? new float[g.StateFloats] : [];
        Sequence = options.Sequence ? new float[g.SequenceFloats] : [];
        _checkpoints = options.Differentiable ? new float[_kernel.CheckpointFloats(g)] : null;
        LstmForward.Run(
            layer,
            input,
            g.Batch,
            g.Time,
            FinalHidden,
            TimeMean,
            Sequence,
            lengths,
            _threads,
            _kernel,
            FinalCell,
            _checkpoints
        );
    }

    /// <summary>[batch, directions * hidden]: forward after a row's last sample, reverse after its first.</summary>
    public float[] FinalHidden { get; }

    /// <summary>[batch, directions * hidden]; empty where it was not asked for.</summary>
    public float[] FinalCell { get; }

    /// <summary>[batch, directions * hidden]; empty where it was not asked for.</summary>
    public float[] TimeMean { get; }

    /// <summary>[batch, time, directions * hidden], zero beyond a row's samples; empty where it was not asked for.</summary>
    public float[] Sequence { get; }

    /// <summary>
    /// The gradients of a loss, from its gradients by this pass's results. The layer's weights must be those of the forward pass.
    /// </summary>
    /// <param name="finalHidden">By <see cref="FinalHidden"/>; null: the loss does not read it.</param>
    /// <param name="finalCell">By <see cref="FinalCell"/>; null: the loss does not read it.</param>
    /// <param name="timeMean">By <see cref="TimeMean"/>; null: the loss does not read it.</param>
    /// <param name="sequence">By <see cref="Sequence"/>; null: the loss does not read it.</param>
    /// <exception cref="ArgumentException">A gradient has not the length of what it belongs to.</exception>
    /// <exception cref="InvalidOperationException">The pass was not <see cref="LstmPassOptions.Differentiable"/>.</exception>
    public LstmPassGradients Backward(
        float[]? finalHidden = null,
        float[]? finalCell = null,
        float[]? timeMean = null,
        float[]? sequence = null
    )
    {
        if (_checkpoints is null)
            throw new InvalidOperationException(
                $"found a pass that kept nothing for its gradients; expected one with {nameof(LstmPassOptions.Differentiable)}"
            );
        var g = _geometry;
        LstmChecks.RequireCount(finalHidden?.Length ?? g.StateFloats, g.StateFloats, "gradients by the final hidden states");
        LstmChecks.RequireCount(finalCell?.Length ?? g.StateFloats, g.StateFloats, "gradients by the final cell states");
        LstmChecks.RequireCount(timeMean?.Length ?? g.StateFloats, g.StateFloats, "gradients by the time mean");
        LstmChecks.RequireCount(sequence?.Length ?? g.SequenceFloats, g.SequenceFloats, "gradients by the sequence");

        LstmWeights[] directions =
        [
            .. _layer.Directions.Select(d => new LstmWeights(
                LstmLayer.Pinned(d.InputWeights.Length),
                LstmLayer.Pinned(d.HiddenWeights.Length),
                LstmLayer.Pinned(d.InputBias.Length),
                LstmLayer.Pinned(d.HiddenBias.Length)
            )),
        ];
        var gradients = new LstmPassGradients(directions, new float[g.InputFloats]);
        // The outputs' own memory is not read on the way back.
        fixed (
            float* x = _input,
                checkpoints = _checkpoints,
                hidden = finalHidden,
                cell = finalCell,
                mean = timeMean,
                all = sequence,
                dx = gradients.Input
        )
        {
            var call = new LstmCall
            {
                Geometry = g,
                Parameters = _layer.Parameters,
                Input = x,
                Lengths = _lengths,
                FinalHidden = null,
                Checkpoints = checkpoints,
            };
            var from = new LstmGradients
            {
                FinalHidden = hidden,
                FinalCell = cell,
                TimeMean = mean,
                Sequence = all,
                Parameters = LstmLayer.Pointers(directions),
                Input = dx,
            };
            _kernel.Backward(call, from, _threads);
            GC.KeepAlive(directions);
            GC.KeepAlive(_layer);
        }

        return gradients;
    }
}

/// <summary>The gradients of a loss by what went into a pass.</summary>
/// <param name="Directions">By the weights, forward then reverse: the layout of <see cref="LstmLayer.Directions"/>.</param>
/// <param name="Input">By the input, [batch, time, inputs].</param>
public sealed record LstmPassGradients(IReadOnlyList<LstmWeights> Directions, float[] Input);
