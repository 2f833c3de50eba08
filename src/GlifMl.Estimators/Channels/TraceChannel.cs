namespace GlifMl.Estimators;

/// <summary>What a trace is recorded of.</summary>
public enum TraceChannel
{
    /// <summary>Membrane potential relative to rest, mV: the column <c>VoltageMv</c>.</summary>
    Voltage,

    /// <summary>Injected current, pA: the column <c>StimulusPa</c>.</summary>
    Stimulus,
}
