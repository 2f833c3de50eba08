namespace GlifMl.Torch;

/// <summary>How the learning rate moves over a training run, after the warm-up.</summary>
public enum LearningRateSchedule
{
    /// <summary>The same rate throughout, as in the published study.</summary>
    Constant,

    /// <summary>Half a cosine from the full rate to zero (Loshchilov &amp; Hutter 2017, arXiv:1608.03983, without restarts).</summary>
    Cosine,
}
