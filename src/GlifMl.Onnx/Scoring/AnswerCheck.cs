using System.Globalization;

namespace GlifMl.Onnx;

/// <summary>
/// Tells answers from what only looks like one. Some models answer a constant where a trace does not tell: the closed form its training
/// means, a mean its mean. Such a constant is what a model also answers to a trace of nothing, so it is asked once, and an answer that is
/// the same is none.
/// </summary>
public sealed class AnswerCheck
{
    /// <summary>
    /// How far a predicted sampling interval may be from the recording's, as a factor, before it speaks against the answer.
    /// </summary>
    public const double LargestIntervalFactor = 1.5;

    // The Allen key of the time step, which is the sampling interval.
    private const string IntervalKey = "dt";

    // Batches of different size round differently: a few units in the last place of a Single.
    private const float SameAnswer = 2e-6f;

    // A clamped answer comes back from a logarithm with an error of this order.
    private const double EdgeTolerance = 1e-5;

    private readonly OnnxModelInfo _info;
    private readonly float[][] _constants;

    /// <summary>Creates the check of one model, which is asked what it answers to traces that tell nothing.</summary>
    /// <param name="model">The model.</param>
    public AnswerCheck(OnnxModel model)
    {
        _info = model.Info;
        // A trace of nothing, and two unlike membranes under unlike pulses: what is the same for both is the same for all.
        (float Pa, double Share, float MvPerPa, float Steps)[] membranes = [(0, 0, 0, 1), (50, 0.05, 0.1f, 100), (80, 0.03, 0.3f, 250)];
        var (voltage, stimulus) = (new float[membranes.Length * _info.Samples], new float[membranes.Length * _info.Samples]);
        foreach (var (row, membrane) in membranes.Index())
        {
            var v = voltage.AsSpan(row * _info.Samples, _info.Samples);
            var i = stimulus.AsSpan(row * _info.Samples, _info.Samples);
            i[..(int)Math.Ceiling(membrane.Share * i.Length)].Fill(membrane.Pa);
            for (var n = 1; n < v.Length; n++)
                v[n] = v[n - 1] + (((i[n - 1] * membrane.MvPerPa) - v[n - 1]) / membrane.Steps);
        }
        var answers = model.Score(voltage, _info.ReadsStimulus ? stimulus : default, _info.TypicalKnown(membranes.Length));
        _constants =
        [
            .. Enumerable
                .Range(0, _info.Parameters.Count)
                .Select(k => IsSame(answers[1, k], answers[2, k]) ? new[] { answers[0, k], answers[1, k] } : [answers[0, k]]),
        ];
    }

    /// <summary>Checks an answer.</summary>
    /// <param name="answer">The parameters in the model's order, SI units.</param>
    /// <param name="prepared">The recording that it was read from; null for a trace that was the model's input already.</param>
    public CheckedAnswer Check(IReadOnlyList<float> answer, PreparedRecording? prepared = null)
    {
        var read = answer.ToArray();
        var reasons = new List<string>();
        Withhold(
            "constants that the model answers where a trace does not tell",
            (value, k) => Array.Exists(_constants[k], c => IsSame(c, value))
        );
        Withhold("no finite number", (value, _) => !float.IsFinite(value));
        // Of dt every trace tells a little, even one that tells of nothing else.
        var isRead = read.Where((value, k) => !float.IsNaN(value) && (_info.Parameters[k].Name != IntervalKey || read.Length == 1)).Any();
        for (var k = 0; k < read.Length; k++)
            reasons.AddRange(Doubts(_info.Parameters[k], read[k], prepared));
        if (prepared is not null)
        {
            reasons.AddRange(prepared.Doubts);
            reasons.AddRange(prepared.OutOfRange.Where(m => m.IsOutside).Select(Outside));
        }
        var status =
            !isRead ? AnswerStatus.NotRead
            : reasons.Count > 0 ? AnswerStatus.Outside
            : AnswerStatus.Read;
        return new CheckedAnswer(status, read, reasons);

        void Withhold(string why, Func<float, int, bool> isNone)
        {
            int[] none =
            [
                .. Enumerable.Range(0, read.Length).Where(k => !(float.IsNaN(read[k]) && reasons.Count > 0) && isNone(read[k], k)),
            ];
            if (none.Length == 0)
                return;
            foreach (var k in none)
                read[k] = float.NaN;
            reasons.Add($"{string.Join(", ", none.Select(k => _info.Parameters[k].Name))}: {why}");
        }
    }

    private IEnumerable<string> Doubts(ModelParameter parameter, float value, PreparedRecording? prepared)
    {
        if (float.IsNaN(value))
            yield break;
        var unit = ShownUnit.Of(parameter.Unit);
        if (parameter.TrainingRange is { } range)
        {
            // A model that was trained on one value answers it, and is right.
            var isEdge = range.Minimum < range.Maximum && (value <= Above(range.Minimum) || value >= Below(range.Maximum));
            if (isEdge)
            {
                var edges = $"{unit.Number(range.Minimum)} to {unit.Text(range.Maximum)}";
                yield return $"{parameter.Name} {unit.Text(value)} at or beyond the edge of training, {edges}";
            }
            // Where the label has nothing to do with the interval, as in the published study, it says nothing of it.
            var isInterval =
                parameter.Name == IntervalKey
                && range.Maximum >= _info.SamplingIntervalMinimumSeconds * (1 - 1e-6)
                && range.Minimum <= _info.SamplingIntervalMaximumSeconds * (1 + 1e-6);
            var factor = prepared is null ? 1 : value / prepared.SamplingIntervalSeconds;
            if (isInterval && !(factor is >= 1 / LargestIntervalFactor and <= LargestIntervalFactor))
            {
                var interval = unit.Text(prepared!.SamplingIntervalSeconds);
                yield return Invariant.Text($"dt {unit.Text(value)} is {factor:G3} times the sampling interval, {interval}");
            }
        }

        static double Above(double edge) => edge + (Math.Abs(edge) * EdgeTolerance);

        static double Below(double edge) => edge - (Math.Abs(edge) * EdgeTolerance);
    }

    private static string Outside(RangeMeasure m) =>
        Invariant.Text(
            $"{m.Statistic} {m.Value:G4} {m.Unit} outside training, {m.Training.Minimum:G4} to {m.Training.Maximum:G4} {m.Unit}"
        );

    private static bool IsSame(float a, float b) => Math.Abs(a - b) <= SameAnswer * Math.Min(Math.Abs(a), Math.Abs(b));
}

/// <summary>What an answer of a model is worth.</summary>
public enum AnswerStatus
{
    /// <summary>Read out of the trace, and within what the model knows.</summary>
    Read,

    /// <summary>
    /// Read, but with something against it: the trace or the answer lies outside what the model was trained on, or one parameter was not
    /// read.
    /// </summary>
    Outside,

    /// <summary>Not read: the trace could not be used, or what the model gave is no answer.</summary>
    NotRead,
}

/// <summary>A model's answer, checked.</summary>
/// <param name="Status">What it is worth.</param>
/// <param name="Parameters">The parameters in the model's order, SI units; NaN where the model did not read one.</param>
/// <param name="Reasons">Why the status is not <see cref="AnswerStatus.Read"/>, a sentence each.</param>
public sealed record CheckedAnswer(AnswerStatus Status, IReadOnlyList<float> Parameters, IReadOnlyList<string> Reasons)
{
    /// <summary>The status as files have it: <c>read</c>, <c>outside</c>, <c>not read</c>.</summary>
    /// <param name="status">The status.</param>
    public static string Word(AnswerStatus status) =>
        status switch
        {
            AnswerStatus.Read => "read",
            AnswerStatus.Outside => "outside",
            _ => "not read",
        };
}

/// <summary>The unit in which people read a parameter.</summary>
/// <param name="Symbol">Its symbol.</param>
/// <param name="PerSi">How many of it make one SI unit.</param>
public sealed record ShownUnit(string Symbol, double PerSi)
{
    /// <summary>The unit shown for an SI unit: pF, Mohm, mV, us; the SI unit itself where there is no other.</summary>
    /// <param name="si">The SI unit's symbol.</param>
    public static ShownUnit Of(string si) =>
        si switch
        {
            "F" => new("pF", 1e12),
            "ohm" => new("Mohm", 1e-6),
            "V" => new("mV", 1e3),
            "s" => new("us", 1e6),
            _ => new(si, 1),
        };

    /// <summary>A value with its unit.</summary>
    /// <param name="value">The value in the SI unit.</param>
    public string Text(double value) => $"{Number(value)} {Symbol}";

    /// <summary>A value in this unit, four digits.</summary>
    /// <param name="value">The value in the SI unit.</param>
    public string Number(double value) => (value * PerSi).ToString("G4", CultureInfo.InvariantCulture);
}
