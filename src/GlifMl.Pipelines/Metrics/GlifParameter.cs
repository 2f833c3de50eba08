namespace GlifMl.Pipelines;

/// <summary>
/// A parameter that a model predicts: its Allen key, SI unit, and the factor by which the published study scaled its label.
/// </summary>
/// <param name="Key">Key of the Allen <c>neuron_config</c>.</param>
/// <param name="Unit">SI unit.</param>
/// <param name="StudyScale">
/// Factor from SI to the study's label (github.com/kevinbdsouza/lstm_glif). Every <c>mseScaled</c> uses it, whatever the network was
/// trained on, so that scores compare across definitions and with the published losses.
/// </param>
public sealed record GlifParameter(string Key, string Unit, double StudyScale)
{
    /// <summary>The parameters that can be predicted, in the study's label order.</summary>
    public static IReadOnlyList<GlifParameter> All { get; } =
    [new("C", "F", 1e9), new("El", "V", 1), new("R_input", "ohm", 1e-9), new("dt", "s", 1e5), new("th_inf", "V", 1)];

    /// <summary>The parameter of an Allen key.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static GlifParameter Of(string key) =>
        All.FirstOrDefault(p => p.Key == key)
        ?? throw new ArgumentException($"unknown target '{key}'; expected one of {string.Join(", ", All.Select(p => p.Key))}", nameof(key));
}
