using System.Globalization;

namespace GlifMl;

/// <summary>
/// What is mended in a sweep, because its user knows what is wrong with it. Nothing is mended unasked, and everything that was is a note of
/// the sweep.
/// </summary>
public sealed record SweepRepair
{
    private const string NanTail = "nan-tail",
        VoltageUnit = "voltage-unit",
        VoltageGain = "voltage-gain",
        CurrentGain = "current-gain",
        Step = "step";

    // Where cells rest, mV: which of two units makes it so.
    private const double LowestRestMv = -120,
        HighestRestMv = -20;

    /// <summary>Nothing.</summary>
    public static SweepRepair None { get; } = new();

    /// <summary>What <see cref="Parse"/> knows, for a message.</summary>
    public static string Forms { get; } = $"{NanTail}, {VoltageUnit}, {VoltageGain}=FACTOR, {CurrentGain}=FACTOR, {Step}=PA@FROM-TO";

    /// <summary>Whether samples that are missing at the end are cut off. Default: false.</summary>
    public bool CutsTail { get; init; }

    /// <summary>Whether volts under millivolts, or millivolts under volts, are put right. Default: false.</summary>
    public bool MendsUnit { get; init; }

    /// <summary>What voltages are multiplied by. Default: 1.</summary>
    public double VoltageFactor { get; init; } = 1;

    /// <summary>What currents are multiplied by; -1 turns them round. Default: 1.</summary>
    public double CurrentFactor { get; init; } = 1;

    /// <summary>
    /// A step that was injected, of which the file has no record: its current in pA, and when it began and ended, s by the sweep's own
    /// clock. Default: none.
    /// </summary>
    public (double Picoamperes, double From, double To)? Injected { get; init; }

    /// <summary>Reads a list such as <c>nan-tail,voltage-gain=0.5</c>.</summary>
    /// <param name="text">The list.</param>
    /// <exception cref="ArgumentException">It is no such list.</exception>
    public static SweepRepair Parse(string text) => text.Split(',', StringSplitOptions.TrimEntries).Aggregate(None, With);

    /// <summary>Mends a sweep.</summary>
    /// <param name="sweep">The sweep; it is left as it is.</param>
    /// <returns>The mended one, with a note of each repair; the sweep itself where there is nothing to mend.</returns>
    /// <exception cref="InvalidDataException">A step is to stand in for a current that is there, or lies outside the sweep.</exception>
    public Sweep Apply(Sweep sweep)
    {
        if (Injected is { } step)
            sweep = WithStep(sweep, step);
        if (CutsTail)
            sweep = WithoutTail(sweep);
        if (VoltageFactor != 1)
            sweep = Noted(sweep with { VoltageMv = Scaled(sweep.VoltageMv, VoltageFactor) }, $"voltages times {VoltageFactor:G6}");
        if (MendsUnit)
            sweep = InUnit(sweep);
        return CurrentFactor != 1 && sweep.CurrentPa is { } current
            ? Noted(sweep with { CurrentPa = Scaled(current, CurrentFactor) }, $"currents times {CurrentFactor:G6}")
            : sweep;
    }

    private static SweepRepair With(SweepRepair repair, string part)
    {
        var (name, value) = part.Split('=', 2) is [var before, var after] ? (before, after) : (part, null);
        return (name, value) switch
        {
            (NanTail, null) => repair with { CutsTail = true },
            (VoltageUnit, null) => repair with { MendsUnit = true },
            (VoltageGain, { } text) => repair with { VoltageFactor = Factor(text) },
            (CurrentGain, { } text) => repair with { CurrentFactor = Factor(text) },
            (Step, { } text) => repair with { Injected = StepOf(text) },
            _ => throw Fault(part),
        };

        double Factor(string text) => PlainNumber.Real(text) is { } factor and not 0 ? factor : throw Fault(part);

        (double, double, double) StepOf(string text)
        {
            var ends = text.Split('@', 2) is [_, var times] ? times.Split('-', 2) : [];
            return
                ends.Length == 2
                && PlainNumber.Real(text.Split('@')[0]) is { } picoamperes
                && PlainNumber.Real(ends[0]) is { } from
                && PlainNumber.Real(ends[1]) is { } to
                && to > from
                ? (picoamperes, from, to)
                : throw Fault(part);
        }

        static ArgumentException Fault(string part) => new($"--repair: found {Quoted.Of(part)}; expected some of {Forms}");
    }

    private static Sweep WithStep(Sweep sweep, (double Picoamperes, double From, double To) step)
    {
        if (sweep.CurrentPa is { } known && known.Any(c => float.IsFinite(c) && c != known.FirstOrDefault(float.IsFinite)))
            throw new InvalidDataException("found a current that changes; expected none where --repair step= is to stand for it");
        var dt = sweep.SamplingIntervalSeconds;
        var (first, end) = (At(step.From), At(step.To));
        if (first < 0 || end > sweep.VoltageMv.Length)
        {
            var last = sweep.StartSeconds + (sweep.VoltageMv.Length * dt);
            throw new InvalidDataException(
                Invariant.Text(
                    $"found --repair step from {step.From:G6} to {step.To:G6} s; expected it from {sweep.StartSeconds:G6} to {last:G6} s"
                )
            );
        }
        var current = new float[sweep.VoltageMv.Length];
        current.AsSpan(first, end - first).Fill((float)step.Picoamperes);
        return Noted(
            sweep with
            {
                CurrentPa = current,
            },
            $"a step of {step.Picoamperes:G6} pA from {step.From:G6} to {step.To:G6} s put in"
        );

        int At(double seconds) => (int)Math.Round((seconds - sweep.StartSeconds) / dt);
    }

    private static Sweep WithoutTail(Sweep sweep)
    {
        var last = Array.FindLastIndex(sweep.VoltageMv, float.IsFinite);
        if (sweep.CurrentPa is { } current)
            last = Math.Min(last, Array.FindLastIndex(current, float.IsFinite));
        var lost = sweep.VoltageMv.Length - last - 1;
        return lost == 0 || last < 1
            ? sweep
            : Noted(
                sweep with
                {
                    VoltageMv = sweep.VoltageMv[..(last + 1)],
                    CurrentPa = sweep.CurrentPa?[..(last + 1)],
                },
                $"the last {lost * sweep.SamplingIntervalSeconds:G4} s cut off, which were missing"
            );
    }

    private static Sweep InUnit(Sweep sweep)
    {
        var finite = sweep.VoltageMv.Where(float.IsFinite).Take(10_000).Order().ToArray();
        var middle = finite.Length > 0 ? finite[finite.Length / 2] : float.NaN;
        foreach (var factor in new[] { 1e3, 1e-3 })
        {
            if (!IsRest(middle) && IsRest(middle * factor))
                return Noted(sweep with { VoltageMv = Scaled(sweep.VoltageMv, factor) }, $"voltages times {factor:G} for mV");
        }
        return sweep;

        static bool IsRest(double mv) => mv is >= LowestRestMv and <= HighestRestMv;
    }

    private static float[] Scaled(float[] values, double factor) => Array.ConvertAll(values, value => (float)(value * factor));

    private static Sweep Noted(Sweep sweep, FormattableString note) =>
        sweep with
        {
            Notes = [.. sweep.Notes, $"repaired: {note.ToString(CultureInfo.InvariantCulture)}"],
        };
}
