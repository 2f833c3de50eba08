namespace GlifMl.Pipelines;

/// <summary>An estimator's place in a chain.</summary>
public enum EstimatorRole
{
    /// <summary>Makes the label vector from the targets; at most one, SI units where there is none.</summary>
    Label,

    /// <summary>Changes the trace.</summary>
    Trace,

    /// <summary>Changes the trace of training rows alone: validation rows and the model never see it.</summary>
    Augmentation,

    /// <summary>Learns the label from the trace; exactly one, the last step.</summary>
    Trainer,
}
