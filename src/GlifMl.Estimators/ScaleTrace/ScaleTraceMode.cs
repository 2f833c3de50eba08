namespace GlifMl.Estimators;

/// <summary>How a trace is scaled.</summary>
public enum ScaleTraceMode
{
    /// <summary>(x - offset) / scale.</summary>
    Fixed,

    /// <summary>asinh(x - offset) / scale: linear around the offset, logarithmic far from it, so that traces of 1 mV and of 1 V both keep their detail.</summary>
    Asinh,

    /// <summary>Less the training mean, over the training standard deviation: one pair a channel, over all samples of all traces.</summary>
    Standardise,
}
