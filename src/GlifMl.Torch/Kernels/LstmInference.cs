using GlifMl.Onnx;

namespace GlifMl.Torch;

/// <summary>Runs a layer without libtorch: the forward kernel over the caller's arrays.</summary>
internal static unsafe class LstmInference
{
    /// <summary>Computes the final hidden states of a batch and, where their spans are not empty, the time mean and the sequence.</summary>
    /// <param name="weights">The layer.</param>
    /// <param name="input">[batch, time, channels].</param>
    /// <param name="batch">Rows.</param>
    /// <param name="time">Samples of each row.</param>
    /// <param name="finalHidden">[batch, directions * hidden], to be written.</param>
    /// <param name="timeMean">[batch, directions * hidden], to be written; empty where not wanted.</param>
    /// <param name="sequence">[batch, time, directions * hidden], to be written; empty where not wanted.</param>
    /// <param name="lengths">Valid samples of each row; null where every row is full.</param>
    /// <param name="threads">Threads to share the work; 0 for the machine's cores.</param>
    /// <param name="kernel">The kernel; null for <see cref="LstmKernels.Default"/>.</param>
    /// <exception cref="ArgumentException">A span's length or a row's length does not fit.</exception>
    public static void Run(
        LstmLayerWeights weights,
        ReadOnlySpan<float> input,
        int batch,
        int time,
        Span<float> finalHidden,
        Span<float> timeMean = default,
        Span<float> sequence = default,
        int[]? lengths = null,
        int threads = 0,
        ILstmKernel? kernel = null
    )
    {
        var g = new LstmGeometry(batch, time, weights.InputSize, weights.HiddenSize, weights.Directions.Count);
        Require(input.Length, g.InputFloats, "input");
        Require(finalHidden.Length, g.StateFloats, "final hidden states");
        if (!timeMean.IsEmpty)
            Require(timeMean.Length, g.StateFloats, "time means");
        if (!sequence.IsEmpty)
            Require(sequence.Length, g.SequenceFloats, "sequence");
        LstmLengths.Require(lengths, g);

        // A fixed statement needs each array by name; with one direction its own are pinned twice.
        var (forward, reverse) = (weights.Directions[0], weights.Directions[^1]);
        fixed (
            float* x = input,
                last = finalHidden,
                mean = timeMean,
                all = sequence
        )
        fixed (
            float* fw = forward.InputWeights,
                fu = forward.RecurrentWeights,
                fb = forward.InputBias,
                fc = forward.RecurrentBias
        )
        fixed (
            float* rw = reverse.InputWeights,
                ru = reverse.RecurrentWeights,
                rb = reverse.InputBias,
                rc = reverse.RecurrentBias
        )
        {
            LstmParameters[] parameters = g.Directions == 1 ? [new(fw, fu, fb, fc)] : [new(fw, fu, fb, fc), new(rw, ru, rb, rc)];
            var call = new LstmCall
            {
                Geometry = g,
                Parameters = parameters,
                Input = x,
                Lengths = lengths,
                FinalHidden = last,
                TimeMean = mean,
                Sequence = all,
            };
            (kernel ?? LstmKernels.Default).Forward(call, threads > 0 ? threads : KernelThreads.Default);
        }
    }

    private static void Require(long found, long expected, string what)
    {
        if (found != expected)
            throw new ArgumentException($"found {found} numbers of {what}, expected {expected}");
    }
}
