namespace GlifMl;

/// <summary>How a gradient moves weights. One object serves all weights, so that what it remembers of each is handed to it.</summary>
public interface IOptimiser
{
    /// <summary>Moves some weights.</summary>
    /// <param name="weights">The weights, changed in place.</param>
    /// <param name="gradient">The loss's derivative by each of them, clipped where that was asked for.</param>
    /// <param name="first">What is remembered of each, zero at first; checkpoints keep it.</param>
    /// <param name="second">As <paramref name="first"/>.</param>
    /// <param name="learningRate">The step size of this step.</param>
    /// <param name="step">The step's number, from 1.</param>
    void Step(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, double learningRate, long step);
}

/// <summary>Adam (Kingma &amp; Ba 2015, arXiv:1412.6980, algorithm 1): what is used where nothing is said.</summary>
public record AdamOptimiser : IOptimiser
{
    /// <summary>How much of the mean of gradients is kept from step to step. Default 0.9.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>How much of the mean of their squares is kept. Default 0.999.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of that mean. Default 1e-8.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <inheritdoc/>
    public virtual void Step(
        Span<float> weights,
        ReadOnlySpan<float> gradient,
        Span<float> first,
        Span<float> second,
        double learningRate,
        long step
    )
    {
        var rate = (float)(learningRate / (1 - Math.Pow(Beta1, step)));
        var secondScale = (float)(1 / (1 - Math.Pow(Beta2, step)));
        var (beta1, beta2, epsilon) = (Beta1, Beta2, Epsilon);
        for (var j = 0; j < weights.Length; j++)
        {
            var g = gradient[j];
            first[j] = (beta1 * first[j]) + ((1 - beta1) * g);
            second[j] = (beta2 * second[j]) + ((1 - beta2) * g * g);
            weights[j] -= rate * first[j] / (MathF.Sqrt(second[j] * secondScale) + epsilon);
        }
    }
}

/// <summary>Adam whose weights decay by themselves, whatever their gradients (Loshchilov &amp; Hutter 2019, arXiv:1711.05101).</summary>
public sealed record AdamWOptimiser : AdamOptimiser
{
    /// <summary>Share of a weight that goes in a step, times the learning rate. Default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <inheritdoc/>
    public override void Step(
        Span<float> weights,
        ReadOnlySpan<float> gradient,
        Span<float> first,
        Span<float> second,
        double learningRate,
        long step
    )
    {
        var kept = (float)(1 - (learningRate * WeightDecay));
        foreach (ref var weight in weights)
            weight *= kept;
        base.Step(weights, gradient, first, second, learningRate, step);
    }
}

/// <summary>Stochastic gradient descent, with momentum where it is asked for (Sutskever et al. 2013, as torch has it).</summary>
public sealed record SgdOptimiser : IOptimiser
{
    /// <summary>How much of the last move is kept. Default 0.</summary>
    public float Momentum { get; init; }

    /// <inheritdoc/>
    public void Step(
        Span<float> weights,
        ReadOnlySpan<float> gradient,
        Span<float> first,
        Span<float> second,
        double learningRate,
        long step
    )
    {
        var rate = (float)learningRate;
        for (var j = 0; j < weights.Length; j++)
        {
            first[j] = (Momentum * first[j]) + gradient[j];
            weights[j] -= rate * first[j];
        }
    }
}
