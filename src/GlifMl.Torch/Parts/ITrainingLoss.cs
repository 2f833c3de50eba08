using System.Runtime.InteropServices;
using GlifMl.Torch;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>What training makes small.</summary>
public interface ITrainingLoss
{
    /// <summary>The loss of a batch. It runs within a DisposeScope, and libtorch derives it.</summary>
    /// <param name="scores">What the module gave, [batch, targets].</param>
    /// <param name="labels">The labels, [batch, targets].</param>
    /// <returns>One number: the mean over the batch.</returns>
    Tensor Of(Tensor scores, Tensor labels);
}

/// <summary>The mean squared error: what is used where nothing is said.</summary>
public sealed record SquaredErrorLoss : ITrainingLoss
{
    /// <inheritdoc/>
    public Tensor Of(Tensor scores, Tensor labels) => nn.functional.mse_loss(scores, labels);
}

/// <summary>
/// Huber's loss (1964, doi:10.1214/aoms/1177703732): half the square of a small error and a straight line behind it, so that a few labels
/// far off do not decide.
/// </summary>
public sealed record HuberLoss : ITrainingLoss
{
    /// <summary>Where the line begins, in label units. Default 1; above 0.</summary>
    public double Delta { get; init; } = 1;

    /// <inheritdoc/>
    public Tensor Of(Tensor scores, Tensor labels) => nn.functional.huber_loss(scores, labels, Delta);
}

/// <summary>A loss of one's own as the training loop takes it.</summary>
internal sealed class OwnLoss(ITrainingLoss own) : TrainingLoss
{
    /// <inheritdoc/>
    public override double Backward(Tensor outputs, Tensor labels)
    {
        var loss = own.Of(outputs, labels);
        loss.backward();
        return TensorMemory.Values(loss)[0];
    }

    /// <inheritdoc/>
    public override double Of(Tensor outputs, Tensor labels) => TensorMemory.Values(own.Of(outputs, labels))[0];
}

/// <summary>A loss that keeps the validation rows' scores until they have been measured.</summary>
internal sealed class MeasuredLoss(TrainingLoss loss, IReadOnlyList<ITrainingMetric> metrics) : TrainingLoss
{
    private readonly List<float> _scores = [],
        _labels = [];
    private int _targets;

    /// <inheritdoc/>
    public override double Backward(Tensor outputs, Tensor labels)
    {
        loss.Progress = Progress;
        return loss.Backward(outputs, labels);
    }

    /// <inheritdoc/>
    public override double Of(Tensor outputs, Tensor labels)
    {
        _targets = (int)labels.shape[1];
        using var contiguous = outputs.contiguous();
        _scores.AddRange(TensorMemory.Values(contiguous));
        _labels.AddRange(TensorMemory.Values(labels));
        return loss.Of(outputs, labels);
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double>? Measure()
    {
        if (_scores.Count == 0)
            return null;
        var measured = new OrderedDictionary<string, double>();
        foreach (var metric in metrics)
            measured[metric.Name] = metric.Of(CollectionsMarshal.AsSpan(_scores), CollectionsMarshal.AsSpan(_labels), _targets);
        _scores.Clear();
        _labels.Clear();
        return measured;
    }
}
