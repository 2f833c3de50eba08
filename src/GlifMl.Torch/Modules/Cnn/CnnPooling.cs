namespace GlifMl.Torch;

/// <summary>How a convolution's output is shortened.</summary>
public enum CnnPooling
{
    /// <summary>The largest value of each window.</summary>
    Max,

    /// <summary>The mean of each window.</summary>
    Average,
}
