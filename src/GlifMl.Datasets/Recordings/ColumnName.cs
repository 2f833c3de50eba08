using System.Globalization;

namespace GlifMl.Datasets;

/// <summary>
/// What a header's name says: <c>voltage_mV</c>, <c>Voltage (mV)</c>, <c>V [mV]</c>, <c>I_inj (pA)</c>, <c>t/ms</c>, <c>VoltageMv</c>,
/// <c>voltage_mV_2</c>, <c>Sweep 3 (mV)</c>.
/// </summary>
internal sealed record ColumnName(string Text)
{
    private static readonly Dictionary<string, Quantity> Words = Dictionary(
        (Quantity.Time, "t time times timestamp timestamps"),
        (Quantity.Voltage, "v vm em vmem voltage voltages potential membrane vmembrane response"),
        (Quantity.Current, "i im iinj istim icmd inj injected injection current currents stimulus stim command cmd iclamp applied"),
        (
            Quantity.Other,
            "threshold thresh th asc sd std stdev sem error err noise offset temperature temp holding hold rest resting reset "
                + "fit fitted model dv dvdt dt derivative pressure leak gain spike spikes raster event events ttl trigger light led laser"
        ),
        (Quantity.Sweep, "sweep sweeps trace trial episode repeat repetition rep run")
    );

    // Words that tell columns apart and say nothing of what they hold. The m is that of V_m.
    private static readonly HashSet<string> Neutral =
    [
        .. "m number index idx no nr num id ch chan channel signal data primary secondary raw recorded measured".Split(' '),
        .. "in out of the cell neuron adc dac".Split(' '),
    ];

    // Words that make a voltage one that was commanded, not one that the membrane had.
    private static readonly HashSet<string> Commanded = [.. "command cmd stimulus stim applied".Split(' ')];

    /// <summary>What it holds.</summary>
    public Quantity Quantity { get; private init; }

    /// <summary>In which unit; null where none is said, or none that is known.</summary>
    public ColumnUnit? Unit { get; private init; }

    /// <summary>What stands in the unit's place where that is no unit known here; null where nothing does.</summary>
    public string? UnknownUnit { get; private init; }

    /// <summary>Whether every word is understood, so that the name can mean nothing else.</summary>
    public bool IsExact { get; private init; }

    /// <summary>The number in the name, which tells sweeps apart; null where there is none.</summary>
    public long? Number { get; private init; }

    /// <summary>Whether it can be read as its quantity: a known unit of that quantity.</summary>
    public bool IsMeasured => Unit is not null && Unit.Quantity == Quantity;

    /// <summary>Whether it names a quantity, whatever its unit.</summary>
    public bool IsNamed => Quantity is Quantity.Time or Quantity.Voltage or Quantity.Current && char.IsLetter(Text[0]);

    /// <summary>Reads a name.</summary>
    public static ColumnName Of(string text)
    {
        text = text.Trim().Trim('\'');
        var (name, unit, unknown) = Bracketed(text);
        var tokens = Tokens(name);
        if (unit is null && unknown is null)
            unit = TakeUnit(tokens);
        long? number =
            tokens.FindLast(IsNumber) is { } digits && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var found)
                ? found
                : null;
        tokens.RemoveAll(IsNumber);
        var meanings = tokens.ConvertAll(token => Words.TryGetValue(token, out var meaning) ? (Quantity?)meaning : null);
        var leftOver = tokens.Where((token, i) => meanings[i] is null && !Neutral.Contains(token)).ToArray();
        var quantity = QuantityOf(tokens, meanings, unit, leftOver.Length == 0);
        // A last short word where a unit would stand: voltage_kV.
        if (unit is null && unknown is null && leftOver is [{ Length: <= 3 } only] && tokens[^1] == only && tokens.Count > 1)
            unknown = only;
        return new ColumnName(text)
        {
            Quantity = quantity,
            Unit = unit,
            UnknownUnit = unknown,
            IsExact = leftOver.Length == 0,
            Number = number,
        };
    }

    /// <summary>The same name with a unit from elsewhere, such as a row of units.</summary>
    public ColumnName With(ColumnUnit unit) =>
        this with
        {
            Unit = unit,
            UnknownUnit = null,
            Quantity = Quantity is Quantity.Other or Quantity.Sweep && IsExact ? unit.Quantity : Quantity,
        };

    private static Quantity QuantityOf(List<string> tokens, List<Quantity?> meanings, ColumnUnit? unit, bool isExact)
    {
        if (meanings.Contains(Quantity.Other))
            return Quantity.Other;
        var said = meanings.OfType<Quantity>().Where(meaning => meaning != Quantity.Sweep).Distinct().ToArray();
        if (said.Length == 1)
            return said[0];
        if (said.Length > 1)
        {
            // "current clamp voltage": the unit decides.
            return unit is null || !said.Contains(unit.Quantity) || (unit.Quantity == Quantity.Voltage && tokens.Exists(Commanded.Contains))
                ? Quantity.Other
                : unit.Quantity;
        }
        if (unit is not null)
            return unit.Quantity;
        return isExact && meanings.Contains(Quantity.Sweep) ? Quantity.Sweep : Quantity.Other;
    }

    // "Voltage (mV)", "V [mV] 2": the last brackets that hold a unit, or else the last that hold letters.
    private static (string Name, ColumnUnit? Unit, string? Unknown) Bracketed(string text)
    {
        string? unknown = null;
        var nameOfUnknown = text;
        for (var open = text.LastIndexOfAny(['(', '[']); open >= 0; open = open == 0 ? -1 : text.LastIndexOfAny(['(', '['], open - 1))
        {
            var close = text.IndexOfAny([')', ']'], open);
            if (close < 0)
                continue;
            var content = text[(open + 1)..close];
            var name = text[..open] + ' ' + text[(close + 1)..];
            if (ColumnUnit.Of(content) is { } unit)
                return (name, unit, null);
            if (unknown is null && content.Any(char.IsLetter))
                (unknown, nameOfUnknown) = (content, name);
        }
        return (nameOfUnknown, null, unknown);
    }

    // The last token that is a unit, but for the numbers and words that tell columns apart after it. A letter alone is a name: V, A.
    private static ColumnUnit? TakeUnit(List<string> tokens)
    {
        for (var i = tokens.Count - 1; i >= 0; i--)
        {
            if (ColumnUnit.Of(tokens[i]) is { } unit && (tokens.Count(t => !IsNumber(t)) > 1 || tokens[i] is not ("v" or "a")))
            {
                tokens.RemoveAt(i);
                return unit;
            }
            if (!IsNumber(tokens[i]) && Words.GetValueOrDefault(tokens[i]) != Quantity.Sweep && !Neutral.Contains(tokens[i]))
                return null;
        }
        return null;
    }

    // Runs of letters and runs of digits, in lower case; a run such as VoltageMv is two.
    private static List<string> Tokens(string name)
    {
        List<string> tokens = [];
        for (var at = 0; at < name.Length; )
        {
            var start = at;
            if (char.IsAsciiDigit(name[at]))
            {
                while (at < name.Length && char.IsAsciiDigit(name[at]))
                    at++;
                tokens.Add(name[start..at]);
            }
            else if (char.IsLetter(name[at]))
            {
                while (at < name.Length && char.IsLetter(name[at]))
                    at++;
                tokens.AddRange(Split(name[start..at]));
            }
            else
            {
                at++;
            }
        }
        return tokens;
    }

    private static string[] Split(string letters)
    {
        var lower = letters.ToLowerInvariant();
        for (var at = letters.Length - 1; at > 0; at--)
        {
            var isSeam = char.IsUpper(letters[at]) && char.IsLower(letters[at - 1]);
            if (isSeam && ColumnUnit.Of(letters[at..]) is not null && Words.ContainsKey(lower[..at]))
                return [lower[..at], lower[at..]];
        }
        return [lower];
    }

    private static bool IsNumber(string token) => char.IsAsciiDigit(token[0]);

    private static Dictionary<string, Quantity> Dictionary(params (Quantity Quantity, string Words)[] lists) =>
        lists.SelectMany(list => list.Words.Split(' '), (list, word) => (word, list.Quantity)).ToDictionary(p => p.word, p => p.Quantity);
}

/// <summary>What a column of a recording or stimulus holds.</summary>
internal enum Quantity
{
    /// <summary>Something that no recording needs.</summary>
    Other,
    Time,
    Voltage,
    Current,

    /// <summary>Which sweep a row belongs to.</summary>
    Sweep,
}

/// <summary>A unit of a column.</summary>
/// <param name="Symbol">As the field writes it.</param>
/// <param name="Quantity">What it measures.</param>
/// <param name="PerBase">How many of it make one second, volt or ampere.</param>
internal sealed record ColumnUnit(string Symbol, Quantity Quantity, double PerBase)
{
    private static readonly ColumnUnit[] All =
    [
        new("s", Quantity.Time, 1),
        new("ms", Quantity.Time, 1e3),
        new("us", Quantity.Time, 1e6),
        new("ns", Quantity.Time, 1e9),
        new("min", Quantity.Time, 1.0 / 60),
        new("V", Quantity.Voltage, 1),
        new("mV", Quantity.Voltage, 1e3),
        new("uV", Quantity.Voltage, 1e6),
        new("A", Quantity.Current, 1),
        new("mA", Quantity.Current, 1e3),
        new("uA", Quantity.Current, 1e6),
        new("nA", Quantity.Current, 1e9),
        new("pA", Quantity.Current, 1e12),
        new("fA", Quantity.Current, 1e15),
    ];

    private static readonly Dictionary<string, string> Spelt = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sec"] = "s",
        ["secs"] = "s",
        ["second"] = "s",
        ["seconds"] = "s",
        ["msec"] = "ms",
        ["millisecond"] = "ms",
        ["milliseconds"] = "ms",
        ["usec"] = "us",
        ["microsecond"] = "us",
        ["microseconds"] = "us",
        ["minute"] = "min",
        ["minutes"] = "min",
        ["volt"] = "V",
        ["volts"] = "V",
        ["millivolt"] = "mV",
        ["millivolts"] = "mV",
        ["microvolt"] = "uV",
        ["microvolts"] = "uV",
        ["amp"] = "A",
        ["amps"] = "A",
        ["ampere"] = "A",
        ["amperes"] = "A",
        ["nanoamp"] = "nA",
        ["nanoamps"] = "nA",
        ["nanoampere"] = "nA",
        ["nanoamperes"] = "nA",
        ["picoamp"] = "pA",
        ["picoamps"] = "pA",
        ["picoampere"] = "pA",
        ["picoamperes"] = "pA",
    };

    /// <summary>The unit of a text; null where it is none. Case does not matter: no recording is in megavolts.</summary>
    public static ColumnUnit? Of(string text)
    {
        // Both micro signs: U+00B5 and the Greek letter.
        var plain = text.Trim().Replace('\u00B5', 'u').Replace('\u03BC', 'u');
        var symbol = Spelt.GetValueOrDefault(plain, plain);
        return Array.Find(All, unit => unit.Symbol.Equals(symbol, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The units of a quantity, for a message.</summary>
    public static string Of(Quantity quantity) =>
        string.Join(", ", All.Where(unit => unit.Quantity == quantity).Select(unit => unit.Symbol));

    /// <summary>The unit of a symbol that is known to be one.</summary>
    public static ColumnUnit Known(string symbol) => Of(symbol) ?? throw new ArgumentException($"no unit {symbol}", nameof(symbol));

    /// <summary>What a value in this unit is to be multiplied by for another of the same quantity; 1 exactly for itself.</summary>
    public double To(ColumnUnit other) => other.PerBase / PerBase;
}
