using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace GlifMl.Torch;

/// <summary>
/// Steps of an optimiser, with optional clipping of the gradient's global norm, over the parameters' own memory.
/// </summary>
/// <remarks>
/// <c>torch.optim.Adam</c> passes temporary Scalars to libtorch, which a garbage collection can free during the call
/// (dotnet/TorchSharp pull requests 1434 and 1496). These make no libtorch call in a step.
/// </remarks>
internal sealed class ParameterSteps
{
    private readonly IOptimiser _optimiser;
    private readonly Tensor[] _parameters;
    private readonly float[][] _first,
        _second;

    public ParameterSteps(IEnumerable<Tensor> parameters, IOptimiser? optimiser = null)
    {
        _optimiser = optimiser ?? new AdamOptimiser();
        _parameters = parameters.ToArray();
        _first = Array.ConvertAll(_parameters, p => new float[p.numel()]);
        _second = Array.ConvertAll(_parameters, p => new float[p.numel()]);
    }

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Sets every gradient to zero.</summary>
    public void ZeroGradients()
    {
        foreach (var parameter in _parameters)
        {
            using var gradient = parameter.grad;
            if (gradient is not null)
                TensorMemory.Values(gradient).Clear();
        }
    }

    /// <summary>One step from the gradients at hand, which are scaled in place where they are clipped.</summary>
    /// <param name="learningRate">The step size of this step.</param>
    /// <param name="clipNorm">Largest global L2 norm of the gradient; larger ones are scaled down to it. 0: none.</param>
    /// <returns>The gradient's global norm before clipping.</returns>
    public double Step(double learningRate, double clipNorm)
    {
        Steps++;
        var norm = Math.Sqrt(SumOfSquares());
        var scale = clipNorm > 0 && norm > clipNorm ? (float)(clipNorm / norm) : 1f;
        for (var k = 0; k < _parameters.Length; k++)
        {
            using var gradient = _parameters[k].grad;
            if (gradient is null)
                continue;
            var slopes = TensorMemory.Values(gradient);
            if (scale < 1)
                TensorPrimitives.Multiply(slopes, scale, slopes);
            _optimiser.Step(TensorMemory.Values(_parameters[k]), slopes, _first[k], _second[k], learningRate, Steps);
        }

        return norm;
    }

    /// <summary>Moments of every parameter, first then second, for a checkpoint.</summary>
    public (long Steps, float[][] First, float[][] Second) Save() =>
        (Steps, Array.ConvertAll(_first, m => (float[])m.Clone()), Array.ConvertAll(_second, m => (float[])m.Clone()));

    /// <summary>Takes up where <see cref="Save"/> left off.</summary>
    public void Restore(long steps, float[][] first, float[][] second)
    {
        Steps = steps;
        for (var k = 0; k < _parameters.Length; k++)
        {
            first[k].CopyTo(_first[k], 0);
            second[k].CopyTo(_second[k], 0);
        }
    }

    private double SumOfSquares()
    {
        var sum = 0.0;
        foreach (var parameter in _parameters)
        {
            using var gradient = parameter.grad;
            if (gradient is not null)
                sum += TensorPrimitives.SumOfSquares<float>(TensorMemory.Values(gradient));
        }

        return sum;
    }
}
