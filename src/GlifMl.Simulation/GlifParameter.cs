using System.Collections.Immutable;

namespace GlifMl;

/// <summary>
/// One of the five parameters of a neuron that a dataset varies and a model learns. This is the one list of them: their Allen keys, units,
/// scales and order.
/// </summary>
/// <param name="Key">Key of the Allen <c>neuron_config</c>.</param>
/// <param name="Unit">SI unit.</param>
/// <param name="StudyScale">
/// Factor from SI to the published study's label (github.com/kevinbdsouza/lstm_glif). Every <c>mseScaled</c> uses it, whatever the network
/// was trained on, so that scores compare across definitions and with the published losses.
/// </param>
/// <param name="IsPositive">Whether it makes sense only above zero.</param>
public sealed record GlifParameter(string Key, string Unit, double StudyScale, bool IsPositive)
{
    /// <summary>Key of the membrane capacitance, F.</summary>
    public const string Capacitance = "C";

    /// <summary>Key of the resting potential relative to the neuron's reference, V.</summary>
    public const string RestingPotential = "El";

    /// <summary>Key of the input resistance, ohm.</summary>
    public const string InputResistance = "R_input";

    /// <summary>Key of the time step, s: the integration step or, where a dataset says so, a label without effect.</summary>
    public const string TimeStep = "dt";

    /// <summary>Key of the threshold above rest, before its fitted coefficient, V.</summary>
    public const string Threshold = "th_inf";

    /// <summary>All five in label order, the study's.</summary>
    public static IReadOnlyList<GlifParameter> All { get; } =
    [
        new(Capacitance, "F", 1e9, IsPositive: true),
        new(RestingPotential, "V", 1, IsPositive: false),
        new(InputResistance, "ohm", 1e-9, IsPositive: true),
        new(TimeStep, "s", 1e5, IsPositive: true),
        new(Threshold, "V", 1, IsPositive: false),
    ];

    /// <summary>Their keys in label order.</summary>
    public static ImmutableArray<string> Keys { get; } = [.. All.Select(parameter => parameter.Key)];

    /// <summary>The parameter of an Allen key.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static GlifParameter Of(string key) => All.FirstOrDefault(parameter => parameter.Key == key) ?? throw Unknown(key);

    /// <summary>Pairs by Allen key in label order; other keys follow by name.</summary>
    internal static IEnumerable<KeyValuePair<string, T>> InLabelOrder<T>(IEnumerable<KeyValuePair<string, T>> byKey) =>
        byKey.OrderBy(pair => (uint)Keys.IndexOf(pair.Key)).ThenBy(pair => pair.Key, StringComparer.Ordinal);

    /// <summary>The fault of a key that is none of <see cref="Keys"/>.</summary>
    internal static ArgumentException Unknown(string key) =>
        new($"found parameter {Quoted.Of(key)}; expected one of {string.Join(", ", Keys)}");
}
