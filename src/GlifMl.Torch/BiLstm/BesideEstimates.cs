using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace GlifMl.Torch;

/// <summary>
/// The linear map from the numbers beside a trace that comes nearest to the labels, from which training starts. Its answers are cut off
/// where no training label is: what little a trace tells is no reason to go beyond.
/// </summary>
/// <param name="Scale">How the numbers are scaled.</param>
/// <param name="Weights">[answers, numbers], of the scaled numbers.</param>
/// <param name="Bias">[answers].</param>
/// <param name="Lows">The least that each answer may be.</param>
/// <param name="Highs">The most.</param>
internal sealed record BesideEstimates(BesideScale Scale, float[] Weights, float[] Bias, float[] Lows, float[] Highs)
{
    // Of a label's deviation, what the map leaves where it is all there is to know: recordings without noise.
    private const double LeastLeft = 1e-3;

    // Enough for twenty weights, and read in a second whatever they are computed from.
    private const int MostRows = 4096;

    // Of the rows' number: numbers may follow from each other, as a resistance from gain and rate.
    private const double Ridge = 1e-6;

    /// <summary>Fits it to training rows.</summary>
    public static BesideEstimates Of(IDataView train, TrainerColumns columns)
    {
        var (numbers, labels) = Read(train, columns);
        var (rows, size, targets) = (numbers.Count, numbers[0].Length, labels[0].Length);
        var (means, inverses) = (new float[size], new float[size]);
        for (var j = 0; j < size; j++)
        {
            var mean = numbers.Average(row => (double)row[j]);
            var deviation = Math.Sqrt(numbers.Average(row => (row[j] - mean) * (row[j] - mean)));
            // What does not vary, but for rounding, says nothing.
            (means[j], inverses[j]) = ((float)mean, deviation > 1e-6 * Math.Max(1, Math.Abs(mean)) ? (float)(1 / deviation) : 0);
        }

        var scale = BesideScale.Of(numbers, means, inverses);
        var (products, with) = (new double[size + 1, size + 1], new double[targets, size + 1]);
        var (scaled, x) = (new float[size], new double[size + 1]);
        x[size] = 1;
        for (var row = 0; row < rows; row++)
        {
            scale.Apply(numbers[row], scaled);
            for (var j = 0; j < size; j++)
                x[j] = scaled[j];
            for (var i = 0; i <= size; i++)
            {
                for (var j = 0; j <= size; j++)
                    products[i, j] += x[i] * x[j];
                for (var k = 0; k < targets; k++)
                    with[k, i] += x[i] * labels[row][k];
            }
        }

        for (var j = 0; j < size; j++)
            products[j, j] += Ridge * rows;
        var solved = Solve(products, with);
        var found = new BesideEstimates(
            scale,
            [.. solved.SelectMany(row => row[..size]).Select(weight => (float)weight)],
            [.. solved.Select(row => (float)row[size])],
            [.. Enumerable.Range(0, targets).Select(k => labels.Min(label => label[k]))],
            [.. Enumerable.Range(0, targets).Select(k => labels.Max(label => label[k]))]
        );
        return found with { IsExact = found.GivesBack(numbers, labels) };
    }

    /// <summary>
    /// Whether the map gives a label back but for rounding. What is beyond the rows that were looked at is then not cut off at once, and a
    /// label only where the design ends: a few traces in a thousand lie there, and each would be the largest error by far.
    /// </summary>
    public bool IsExact { get; init; }

    /// <summary>The same for a network that gives mixtures: their means start at the estimates.</summary>
    public BesideEstimates ForMeans(MixtureHead head)
    {
        var size = Scale.Size;
        var (weights, bias) = (new float[head.RawSize * size], new float[head.RawSize]);
        var (lows, highs) = (new float[head.RawSize], new float[head.RawSize]);
        for (var k = 0; k < head.Shape.Targets; k++)
        {
            var to = head.FirstMean + k;
            for (var j = 0; j < size; j++)
                weights[(to * size) + j] = Weights[(k * size) + j] / (float)head.LabelDeviations[k];
            (bias[to], lows[to], highs[to]) = (Of(Bias[k]), Of(Lows[k]), Of(Highs[k]));
            if (IsExact && head.Ends?[k] is { } ends)
                (lows[to], highs[to]) = ((float)ends.Least, (float)ends.Most);

            float Of(float label) => (float)head.Scaled(k, label);
        }

        return new(IsExact ? Scale.Wider() : Scale, weights, bias, lows, highs);
    }

    /// <summary>The answers for the scaled numbers of a row.</summary>
    public void Apply(ReadOnlySpan<float> scaled, Span<float> answers)
    {
        for (var k = 0; k < answers.Length; k++)
        {
            var answer = TensorPrimitives.Dot(scaled, Weights.AsSpan(k * scaled.Length, scaled.Length)) + Bias[k];
            answers[k] = Math.Max(Math.Min(answer, Highs[k]), Lows[k]);
        }
    }

    /// <summary>The same as nodes.</summary>
    public OnnxValue Add(OnnxGraph graph, OnnxValue scaled)
    {
        var answers = OnnxLayers.Linear(graph, scaled, Weights, Bias);
        var below = graph.Node("Min", [answers.Name, graph.Constant(Highs, Highs.Length)]);
        return answers with { Name = graph.Node("Max", [below, graph.Constant(Lows, Lows.Length)]) };
    }

    private bool GivesBack(List<float[]> numbers, List<float[]> labels)
    {
        var (scaled, answers) = (new float[Scale.Size], new float[Bias.Length]);
        var (means, left, all) = (new double[Bias.Length], new double[Bias.Length], new double[Bias.Length]);
        for (var k = 0; k < means.Length; k++)
            means[k] = labels.Average(label => (double)label[k]);
        foreach (var (number, label) in numbers.Zip(labels))
        {
            Scale.Apply(number, scaled);
            Apply(scaled, answers);
            for (var k = 0; k < answers.Length; k++)
            {
                var (error, off) = ((double)label[k] - answers[k], label[k] - means[k]);
                (left[k], all[k]) = (left[k] + (error * error), all[k] + (off * off));
            }
        }

        return Enumerable.Range(0, left.Length).Any(k => Math.Sqrt(left[k] / all[k]) < LeastLeft);
    }

    private static (List<float[]> Numbers, List<float[]> Labels) Read(IDataView train, TrainerColumns columns)
    {
        var read = new TrainingColumns(train.Schema[columns.Features], train.Schema[columns.Label], train.Schema[columns.Beside!]);
        DataViewSchema.Column[] needed = [read.Label, read.Beside!.Value];
        using var cursor = train.GetRowCursor(needed);
        var (getNumbers, getLabel) = (cursor.GetGetter<VBuffer<float>>(read.Beside.Value), cursor.GetGetter<VBuffer<float>>(read.Label));
        var (numbers, labels) = (new List<float[]>(), new List<float[]>());
        VBuffer<float> number = default,
            label = default;
        while (numbers.Count < MostRows && cursor.MoveNext())
        {
            getNumbers(ref number);
            getLabel(ref label);
            numbers.Add([.. number.DenseValues()]);
            labels.Add([.. label.DenseValues()]);
        }

        return (numbers, labels);
    }

    /// <summary>Gauss's elimination; the ridge keeps pivots above 0.</summary>
    private static double[][] Solve(double[,] m, double[,] right)
    {
        var (n, targets) = (m.GetLength(0), right.GetLength(0));
        for (var i = 0; i < n; i++)
        {
            for (var r = i + 1; r < n; r++)
            {
                var factor = m[r, i] / m[i, i];
                for (var j = i; j < n; j++)
                    m[r, j] -= factor * m[i, j];
                for (var k = 0; k < targets; k++)
                    right[k, r] -= factor * right[k, i];
            }
        }

        var rows = new double[targets][];
        for (var k = 0; k < targets; k++)
        {
            rows[k] = new double[n];
            for (var i = n - 1; i >= 0; i--)
            {
                var sum = right[k, i];
                for (var j = i + 1; j < n; j++)
                    sum -= m[i, j] * rows[k][j];
                rows[k][i] = sum / m[i, i];
            }
        }

        return rows;
    }
}

/// <summary>
/// How the numbers beside a trace are scaled: standardised over training traces, and cut off where no training trace was. So of a trace
/// with less noise than any of them the answer is as sure as of the one with the least, and not what a network makes of what it never met.
/// </summary>
/// <param name="Means">The numbers' means.</param>
/// <param name="InverseDeviations">One over their standard deviations; 0 of a number that does not vary.</param>
/// <param name="Lows">The least that each was in training, scaled.</param>
/// <param name="Highs">The most.</param>
internal sealed record BesideScale(float[] Means, float[] InverseDeviations, float[] Lows, float[] Highs)
{
    private const float Most = 6;

    // Of what lies between the ends: the corners of a design are seldom drawn from, and a ratio of three parameters is farther out there
    // than in any of some thousand rows.
    private const float Margin = 0.05f;

    /// <summary>How many numbers.</summary>
    public int Size => Means.Length;

    /// <summary>Cuts off where training rows end, and at six deviations at most.</summary>
    public static BesideScale Of(IReadOnlyList<float[]> rows, float[] means, float[] inverses)
    {
        float Scaled(float number, int j) => Math.Clamp((number - means[j]) * inverses[j], -Most, Most);
        return new(
            means,
            inverses,
            [.. means.Select((_, j) => Scaled(rows.Min(row => row[j]), j))],
            [.. means.Select((_, j) => Scaled(rows.Max(row => row[j]), j))]
        );
    }

    /// <summary>The same, cut off a little later.</summary>
    public BesideScale Wider()
    {
        var margins = Lows.Zip(Highs, (low, high) => Margin * (high - low)).ToArray();
        return this with
        {
            Lows = [.. Lows.Zip(margins, (low, margin) => Math.Max(low - margin, -Most))],
            Highs = [.. Highs.Zip(margins, (high, margin) => Math.Min(high + margin, Most))],
        };
    }

    /// <summary>Scales the numbers of some rows, [rows, numbers].</summary>
    public Tensor Of(Tensor beside)
    {
        var scaled = empty(beside.shape);
        var from = TensorMemory.Values(beside);
        var to = TensorMemory.Values(scaled);
        for (var row = 0; row < from.Length; row += Size)
            Apply(from.Slice(row, Size), to.Slice(row, Size));
        return scaled;
    }

    /// <summary>Scales the numbers of a row.</summary>
    public void Apply(ReadOnlySpan<float> from, Span<float> to)
    {
        for (var j = 0; j < from.Length; j++)
            to[j] = Math.Clamp((from[j] - Means[j]) * InverseDeviations[j], Lows[j], Highs[j]);
    }

    /// <summary>The same as nodes.</summary>
    public OnnxValue Add(OnnxGraph graph, OnnxValue beside)
    {
        var centred = graph.Node("Sub", [beside.Name, graph.Constant(Means, Size)]);
        var scaled = graph.Node("Mul", [centred, graph.Constant(InverseDeviations, Size)]);
        var below = graph.Node("Min", [scaled, graph.Constant(Highs, Size)]);
        return beside with { Name = graph.Node("Max", [below, graph.Constant(Lows, Size)]) };
    }
}
