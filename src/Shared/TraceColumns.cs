namespace GlifMl;

/// <summary>
/// Names of columns in shards, data views and models. A file or a graph that one project writes is read by another under the same name.
/// </summary>
internal static class TraceColumns
{
    /// <summary>Membrane potential of each sample, mV.</summary>
    public const string VoltageMv = nameof(VoltageMv);

    /// <summary>Injected current of each sample, pA.</summary>
    public const string StimulusPa = nameof(StimulusPa);

    /// <summary>Number of the trace in its split.</summary>
    public const string TraceId = nameof(TraceId);

    /// <summary>Number of the parameter configuration.</summary>
    public const string ConfigurationId = nameof(ConfigurationId);

    /// <summary>Number of the stimulus waveform.</summary>
    public const string StimulusId = nameof(StimulusId);

    /// <summary>Threshold crossings within the samples.</summary>
    public const string SpikeCount = nameof(SpikeCount);

    /// <summary>What a model reads out of a trace, SI units.</summary>
    public const string Parameters = nameof(Parameters);

    /// <summary>How far the answers of an ensemble's members lie apart, SI units.</summary>
    public const string Spread = nameof(Spread);

    /// <summary>What a trainer is to answer; ML.NET's default.</summary>
    public const string Label = nameof(Label);

    /// <summary>What a trainer sees; ML.NET's default.</summary>
    public const string Features = nameof(Features);

    /// <summary>What a trainer answers; ML.NET's default.</summary>
    public const string Score = nameof(Score);
}
