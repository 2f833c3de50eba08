using GlifMl.Onnx;
using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>What training makes small.</summary>
internal abstract class TrainingLoss
{
    /// <summary>The mean squared error of the labels.</summary>
    public static TrainingLoss SquaredError { get; } = new MeanSquares();

    /// <summary>What a checkpoint says of it beside the options; empty: nothing.</summary>
    public virtual string Identity => "";

    /// <summary>How far training is, 0 to 1: told before each step.</summary>
    public double Progress { get; set; }

    /// <summary>Computes the loss of a batch, and adds its gradient to the parameters'.</summary>
    /// <param name="outputs">What the network gave, [batch, outputs].</param>
    /// <param name="labels">[batch, labels].</param>
    /// <returns>The mean loss of a row.</returns>
    public abstract double Backward(Tensor outputs, Tensor labels);

    /// <summary>The loss of a batch.</summary>
    /// <param name="outputs">What the network gave, [batch, outputs].</param>
    /// <param name="labels">[batch, labels].</param>
    /// <returns>The mean loss of a row.</returns>
    public abstract double Of(Tensor outputs, Tensor labels);

    /// <summary>What was measured since it was last asked, beside the loss; null: nothing.</summary>
    public virtual IReadOnlyDictionary<string, double>? Measure() => null;

    private sealed class MeanSquares : TrainingLoss
    {
        public override double Backward(Tensor outputs, Tensor labels)
        {
            var loss = nn.functional.mse_loss(outputs, labels);
            loss.backward();
            return TensorMemory.Values(loss)[0];
        }

        public override double Of(Tensor outputs, Tensor labels) => TensorMemory.Values(nn.functional.mse_loss(outputs, labels))[0];
    }
}

/// <summary>
/// The negative log likelihood of the labels under the mixture that the network gives. Its derivative is computed here, over the tensors'
/// memory and in double precision: no libtorch call, and none of the Scalars that a garbage collection may free during one.
/// </summary>
/// <remarks>
/// The gradient is that of the likelihood and of the mean's squared distance from the label, whose weight falls as training goes on. Both
/// are least where the posterior is right, so that their sum is (Gneiting &amp; Raftery 2007, section 2: a sum of proper scores is proper);
/// but the likelihood alone minds above all the directions that it knows best already, and learns means slowly (Seitzer et al. 2022,
/// arXiv:2203.09168, figure 1).
/// </remarks>
/// <param name="head">Reads what the network gives.</param>
internal sealed class MixtureLoss(MixtureHead head) : TrainingLoss
{
    private readonly MixtureLikelihood _likelihood = new(head);

    // Measured: decision record 0026.
    private const double FirstMeanWeight = 10,
        LastMeanWeight = 1;

    /// <inheritdoc/>
    public override double Backward(Tensor outputs, Tensor labels)
    {
        var gradient = empty(outputs.shape);
        var loss = Mean(outputs, labels, TensorMemory.Values(gradient));
        outputs.backward([gradient]);
        return loss;
    }

    /// <inheritdoc/>
    public override double Of(Tensor outputs, Tensor labels) => Mean(outputs, labels, []);

    /// <inheritdoc/>
    public override string Identity => head.Ends is null ? "" : " cut off at the design's ends";

    private double MeanWeight => LastMeanWeight + ((FirstMeanWeight - LastMeanWeight) * (1 - Progress) * (1 - Progress));

    private double Mean(Tensor outputs, Tensor labels, Span<float> gradient)
    {
        using var contiguous = outputs.contiguous();
        ReadOnlySpan<float> raw = TensorMemory.Values(contiguous),
            truth = TensorMemory.Values(labels);
        var (rows, targets, size) = ((int)outputs.shape[0], head.Shape.Targets, head.RawSize);
        var sum = 0.0;
        for (var row = 0; row < rows; row++)
        {
            var own = gradient.IsEmpty ? [] : gradient.Slice(row * size, size);
            sum += _likelihood.Loss(raw.Slice(row * size, size), truth.Slice(row * targets, targets), own, MeanWeight);
            foreach (ref var derivative in own)
                derivative /= rows;
        }

        GC.KeepAlive(contiguous);
        GC.KeepAlive(labels);
        return sum / rows;
    }
}

/// <summary>What a trainer's options make of the end of a network.</summary>
internal static class NetworkHead
{
    /// <summary>The head that options ask for, and the loss that it is trained with; no head without a posterior.</summary>
    /// <param name="options">The trainer's options.</param>
    /// <param name="train">Training rows; their label column alone is read.</param>
    /// <param name="label">The label column.</param>
    public static (MixtureHead? Head, TrainingLoss Loss) Of(TrainerOptions options, IDataView train, string label)
    {
        if (options.Posterior is not { } posterior)
            return (null, TrainingLoss.SquaredError);
        var moments = LabelMoments.Of(train, label);
        var shape = new MixtureShape(posterior.Components, moments.Means.Length);
        var head = new MixtureHead(shape, moments.Means, moments.Deviations, LabelEnds.Of(train.Schema[label]));
        return (head, new MixtureLoss(head));
    }
}
