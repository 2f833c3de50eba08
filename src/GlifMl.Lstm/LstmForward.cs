namespace GlifMl.Lstm;

/// <summary>A forward pass over memory of the caller's that allocates none for its results.</summary>
internal static unsafe class LstmForward
{
    /// <summary>Computes the final hidden states of a batch and, where their spans are not empty, the time mean and the sequence.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">[batch, time, channels].</param>
    /// <param name="batch">Rows.</param>
    /// <param name="time">Samples of each row.</param>
    /// <param name="finalHidden">[batch, directions * hidden], to be written.</param>
    /// <param name="timeMean">[batch, directions * hidden], to be written; empty where not wanted.</param>
    /// <param name="sequence">[batch, time, directions * hidden], to be written; empty where not wanted.</param>
    /// <param name="lengths">Valid samples of each row; null where every row is full.</param>
    /// <param name="threads">Threads to share the work; 0 for the machine's cores.</param>
    /// <param name="kernel">The kernel; null for <see cref="LstmKernels.Default"/>.</param>
    /// <param name="finalCell">[batch, directions * hidden], to be written; empty where not wanted.</param>
    /// <param name="checkpoints">What the way back needs, <see cref="ILstmKernel.CheckpointFloats"/> long; empty for none.</param>
    /// <exception cref="ArgumentException">A span's length or a row's length does not fit.</exception>
    public static void Run(
        LstmLayer layer,
        ReadOnlySpan<float> input,
        int batch,
        int time,
        Span<float> finalHidden,
        Span<float> timeMean = default,
        Span<float> sequence = default,
        int[]? lengths = null,
        int threads = 0,
        ILstmKernel? kernel = null,
        Span<float> finalCell = default,
        Span<float> checkpoints = default
    )
    {
        var g = layer.Geometry(batch, time);
        LstmChecks.RequireCount(input.Length, g.InputFloats, "input");
        LstmChecks.RequireCount(finalHidden.Length, g.StateFloats, "final hidden states");
        if (!timeMean.IsEmpty)
            LstmChecks.RequireCount(timeMean.Length, g.StateFloats, "time means");
        if (!sequence.IsEmpty)
            LstmChecks.RequireCount(sequence.Length, g.SequenceFloats, "sequence");
        if (!finalCell.IsEmpty)
            LstmChecks.RequireCount(finalCell.Length, g.StateFloats, "final cell states");
        kernel ??= LstmKernels.Default;
        if (!checkpoints.IsEmpty)
            LstmChecks.RequireCount(checkpoints.Length, kernel.CheckpointFloats(g), "checkpoints");
        LstmChecks.RequireLengths(lengths, g);

        fixed (
            float* x = input,
                last = finalHidden,
                mean = timeMean,
                all = sequence,
                cell = finalCell,
                kept = checkpoints
        )
        {
            var call = new LstmCall
            {
                Geometry = g,
                Parameters = layer.Parameters,
                Input = x,
                Lengths = lengths,
                FinalHidden = last,
                FinalCell = cell,
                TimeMean = mean,
                Sequence = all,
                Checkpoints = kept,
            };
            kernel.Forward(call, threads > 0 ? threads : KernelThreads.Default);
            GC.KeepAlive(layer);
        }
    }
}
