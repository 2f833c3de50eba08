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
        Span<double> logits = stackalloc double[components],
            logs = stackalloc double[components],
            weight = stackalloc double[components],
            t = stackalloc double[targets],
            v = stackalloc double[targets],
            u = stackalloc double[components * targets],
            y = stackalloc double[targets];
        var couplings = raw[head.FirstCoupling..];
        var own = new MixtureRow(head, raw, stackalloc double[MixtureRow.Size(head.Shape)]);
        var precision = 0.0;
        for (var i = 0; i < targets; i++)
        {
            y[i] = head.Scaled(i, label[i]);
            var a = head.Precision(raw, i).Value;
            precision += a;
            v[i] = t[i] = Math.Exp(a) * (y[i] - raw[head.FirstMean + i]);
            for (var j = 0; j < i; j++)
                v[i] += couplings[(i * (i - 1) / 2) + j] * t[j];
        }

        for (var k = 0; k < components; k++)
            logits[k] = raw[k];
        var weights = LogOfSum(logits);
        for (var k = 0; k < components; k++)
        {
            weight[k] = Math.Exp(logits[k] - weights);
            logs[k] = logits[k] - weights + precision - (targets * NormalDistribution.LogRoot);
            for (var i = 0; i < targets; i++)
            {
                var row = (k * targets) + i;
                u[row] = own.Scales[row] * (v[i] - own.Offsets[row]);
                logs[k] += own.Precisions[row] - (0.5 * u[row] * u[row]);
            }
        }

        var likelihood = LogOfSum(logs);
        var within = new MixtureWithin(head, raw, own, weight, stackalloc double[MixtureWithin.Size(head.Shape)]);
        var loss = within.LogLeast - likelihood;
        if (gradient.IsEmpty)
            return loss;

        Span<double> slopes = stackalloc double[head.RawSize],
            back = stackalloc double[targets];
        slopes.Clear();
        back.Clear();
        within.AddSlopes(slopes, y, meanWeight);
        for (var k = 0; k < components; k++)
        {
            var share = Math.Exp(logs[k] - likelihood);
            slopes[k] += weight[k] - share;
            for (var i = 0; i < targets; i++)
            {
                var row = (k * targets) + i;
                var pull = share * own.Scales[row] * u[row];
                back[i] += pull;
                slopes[head.FirstOffset + row] -= pull * own.OffsetSlopes[row];
                slopes[head.FirstOwnPrecision + row] -= share * (1 - (u[row] * u[row])) * own.PrecisionSlopes[row];
            }
        }

        for (var j = 0; j < targets; j++)
        {
            var pull = back[j];
            for (var i = j + 1; i < targets; i++)
            {
                var coupling = (i * (i - 1) / 2) + j;
                pull += couplings[coupling] * back[i];
                slopes[head.FirstCoupling + coupling] += back[i] * t[j];
            }

            var (a, slope) = head.Precision(raw, j);
            slopes[head.FirstMean + j] -= Math.Exp(a) * pull;
            slopes[head.FirstPrecision + j] += ((pull * t[j]) - 1) * slope;
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
