using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace GlifMl.Torch;

/// <summary>
/// Adam (Kingma &amp; Ba 2015, arXiv:1412.6980, algorithm 1), with optional clipping of the gradient's global norm,
/// over the parameters' own memory.
/// </summary>
/// <remarks>
/// <c>torch.optim.Adam</c> passes temporary Scalars to libtorch, which a garbage collection can free during the call
/// (dotnet/TorchSharp pull requests 1434 and 1496). This one makes no libtorch call in a step.
/// </remarks>
internal sealed class Adam
{
    private const float Beta1 = 0.9f,
        Beta2 = 0.999f,
        Epsilon = 1e-8f; // the paper's defaults, and torch's

    private readonly Tensor[] _parameters;
    private readonly float[][] _first,
        _second;

    public Adam(IEnumerable<Tensor> parameters)
    {
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

    /// <summary>One step from the gradients at hand.</summary>
    /// <param name="learningRate">The step size of this step.</param>
    /// <param name="clipNorm">Largest global L2 norm of the gradient; larger ones are scaled down to it. 0: none.</param>
    /// <returns>The gradient's global norm before clipping.</returns>
    public double Step(double learningRate, double clipNorm)
    {
        Steps++;
        var norm = Math.Sqrt(SumOfSquares());
        var scale = clipNorm > 0 && norm > clipNorm ? (float)(clipNorm / norm) : 1f;
        var rate = (float)(learningRate / (1 - Math.Pow(Beta1, Steps)));
        var secondScale = (float)(1 / (1 - Math.Pow(Beta2, Steps)));
        for (var k = 0; k < _parameters.Length; k++)
        {
            using var gradient = _parameters[k].grad;
            if (gradient is null)
                continue;
            Update(TensorMemory.Values(_parameters[k]), TensorMemory.Values(gradient), _first[k], _second[k], scale, rate, secondScale);
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

    private static void Update(
        Span<float> values,
        ReadOnlySpan<float> gradient,
        float[] first,
        float[] second,
        float scale,
        float rate,
        float secondScale
    )
    {
        for (var j = 0; j < values.Length; j++)
        {
            var g = gradient[j] * scale;
            first[j] = (Beta1 * first[j]) + ((1 - Beta1) * g);
            second[j] = (Beta2 * second[j]) + ((1 - Beta2) * g * g);
            values[j] -= rate * first[j] / (MathF.Sqrt(second[j] * secondScale) + Epsilon);
        }
    }
}
