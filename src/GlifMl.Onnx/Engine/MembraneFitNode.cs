using System.Collections.Concurrent;
using GlifMl.Lstm;

namespace GlifMl.Onnx;

/// <summary>What stands for the nodes of a membrane fit: a row's voltage and stimulus become <see cref="MembraneNumbers"/>.</summary>
/// <param name="samples">Samples of a trace.</param>
/// <param name="size">Samples of a block.</param>
/// <param name="points">Rates of the last grid that are looked between: <see cref="NearbyRates"/>.</param>
internal sealed unsafe class MembraneFitNode(int samples, int size, int points) : EngineNode
{
    /// <summary>The operator: voltage and stimulus, each [batch, samples], to [batch, numbers].</summary>
    public static readonly EngineSignature MembraneFit = new("MembraneFit", Inputs: 2, Required: 2, Int32Input: -1, Outputs: 1);

    // One a thread that computes: a fit has memory of its own.
    private readonly ConcurrentBag<MembraneNumbers> _fits = [];

    /// <inheritdoc/>
    public override EngineSignature Signature => MembraneFit;

    /// <inheritdoc/>
    public override void Compute(nint context, int threads)
    {
        var (voltage, stimulus) = (OrtApi.Input(context, 0)!, OrtApi.Input(context, 1)!);
        if (voltage.Dims is not [var batch, var found] || found != samples || !stimulus.Dims.SequenceEqual(voltage.Dims))
            throw new InvalidDataException(
                $"found traces [{string.Join(", ", voltage.Dims)}] and stimuli [{string.Join(", ", stimulus.Dims)}]; expected {samples} "
                    + "samples each"
            );
        var numbers = MembraneNumbers.Names.Count;
        var (v, i, to) = ((nint)voltage.Data, (nint)stimulus.Data, (nint)OrtApi.Output(context, 0, batch, numbers));
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : KernelThreads.Default };
        if (batch == 1 || options.MaxDegreeOfParallelism == 1)
        {
            for (var row = 0; row < batch; row++)
                RunRow(row);
        }
        else
        {
            Parallel.For(0, (int)batch, options, RunRow);
        }

        void RunRow(int row)
        {
            var fit = _fits.TryTake(out var free) ? free : new MembraneNumbers(samples, size, points);
            fit.Of(
                new ReadOnlySpan<float>((float*)v + ((long)row * samples), samples),
                new ReadOnlySpan<float>((float*)i + ((long)row * samples), samples),
                new Span<float>((float*)to + ((long)row * numbers), numbers)
            );
            _fits.Add(fit);
        }
    }
}
