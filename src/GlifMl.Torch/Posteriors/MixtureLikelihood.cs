using GlifMl.Onnx;

namespace GlifMl.Torch;

/// <summary>How unlikely a label is under the mixture that a network's raw numbers are read as, and what each of them does to it.</summary>
/// <remarks>
/// Where labels have ends the mixture counts as cut off there. The probability that all labels are between their ends has no closed form,
/// and their product is no bound of it; the least of the probabilities, each of one label, is. So what is made small is never below the
/// negative log likelihood of the mixture cut off, and equal to it where at most one label comes near an end.
/// </remarks>
/// <param name="head">How raw numbers are read.</param>
internal sealed class MixtureLikelihood(MixtureHead head)
{
    /// <summary>The loss of a label.</summary>
    /// <param name="raw">What the network gave.</param>
    /// <param name="label">The label.</param>
    /// <param name="gradient">Where the derivatives go, as many as raw numbers; empty: they are not asked for.</param>
    /// <param name="meanWeight">
    /// How much the derivatives of the squared distance of the mixture's mean, cut off, from the label count beside them. Default 0.
    /// </param>
    /// <returns>The loss, nats, of labels in training deviations; without the distance.</returns>
    public double Loss(ReadOnlySpan<float> raw, ReadOnlySpan<float> label, Span<float> gradient, double meanWeight = 0)
    {
        var (components, targets) = (head.Shape.Components, head.Shape.Targets);
        var couplings = raw[head.FirstCoupling..];
        Span<double> logits = stackalloc double[components],
            logs = stackalloc double[components],
            weight = stackalloc double[components],
            v = stackalloc double[components * targets],
            u = stackalloc double[components * targets],
            y = stackalloc double[targets];
        for (var i = 0; i < targets; i++)
            y[i] = (label[i] - head.LabelMeans[i]) / head.LabelDeviations[i];
        for (var k = 0; k < components; k++)
            logits[k] = raw[k];
        var weights = LogOfSum(logits);
        for (var k = 0; k < components; k++)
        {
            weight[k] = Math.Exp(logits[k] - weights);
            logs[k] = logits[k] - weights - (targets * NormalDistribution.LogRoot);
            for (var i = 0; i < targets; i++)
            {
                var row = (k * targets) + i;
                var a = head.LogPrecision(raw, row).Value;
                u[row] = v[row] = Math.Exp(a) * (y[i] - head.Mean(raw, row));
                for (var j = 0; j < i; j++)
                    u[row] += couplings[(k * head.Couplings) + (i * (i - 1) / 2) + j] * v[(k * targets) + j];
                logs[k] += a - (0.5 * u[row] * u[row]);
            }
        }

        var likelihood = LogOfSum(logs);
        var within = new MixtureWithin(head, raw, weight, stackalloc double[MixtureWithin.Size(head.Shape)]);
        var loss = within.LogLeast - likelihood;
        if (gradient.IsEmpty)
            return loss;

        Span<double> slopes = stackalloc double[head.RawSize];
        slopes.Clear();
        within.AddSlopes(slopes, y, meanWeight);
        for (var k = 0; k < components; k++)
        {
            var share = Math.Exp(logs[k] - likelihood);
            slopes[k] += weight[k] - share;
            for (var j = 0; j < targets; j++)
            {
                var row = (k * targets) + j;
                var back = u[row];
                for (var i = j + 1; i < targets; i++)
                {
                    var coupling = (k * head.Couplings) + (i * (i - 1) / 2) + j;
                    back += couplings[coupling] * u[(k * targets) + i];
                    slopes[head.FirstCoupling + coupling] += share * u[(k * targets) + i] * v[row];
                }

                var (a, slope) = head.LogPrecision(raw, row);
                slopes[head.FirstMean + row] -= share * Math.Exp(a) * back;
                slopes[head.FirstPrecision + row] -= share * (1 - (v[row] * back)) * slope;
            }
        }

        for (var i = 0; i < slopes.Length; i++)
            gradient[i] = Finite(slopes[i]);
        return loss;
    }

    private static double LogOfSum(ReadOnlySpan<double> logs)
    {
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        foreach (var log in logs)
            largest = Math.Max(largest, log);
        foreach (var log in logs)
            sum += Math.Exp(log - largest);
        return largest + Math.Log(sum);
    }

    // A trace thousands of deviations off has a derivative that single precision does not hold.
    private static float Finite(double derivative) => (float)Math.Clamp(derivative, -1e12, 1e12);
}
