namespace GlifMl.Estimators;

/// <summary>Numbers that describe one side of a trace.</summary>
public enum TraceFeatureGroup
{
    /// <summary>Valid samples, mean and standard deviation of the voltage.</summary>
    Moments,

    /// <summary>Quantiles of the voltage.</summary>
    Quantiles,

    /// <summary>Autocorrelation of the voltage at a few lags, and the time it lasts.</summary>
    Autocorrelation,

    /// <summary>Number and times of spikes, which show where spike cuts are NaN.</summary>
    Spikes,

    /// <summary>Mean, size and extremes of the voltage's change from sample to sample.</summary>
    Slopes,

    /// <summary>
    /// How the voltage relaxes at the trace's start: rate, level and drive. Alone among the voltage's it does not depend on the current that follows, where its
    /// windows end with the first pulse.
    /// </summary>
    Relaxation,

    /// <summary>Mean and standard deviation of the stimulus, and how long its first pulse lasts. Needs the stimulus.</summary>
    Stimulus,

    /// <summary>Least squares of the voltage's change on voltage, current and 1, and their ratios. Needs the stimulus.</summary>
    LeastSquares,
}
