using static TorchSharp.torch;

namespace GlifMl;

/// <summary>The function between two layers.</summary>
public enum Activation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x, or 0.01 x where x is negative.</summary>
    LeakyRelu,

    /// <summary>x, or exp(x) - 1 where x is negative.</summary>
    Elu,

    /// <summary>x Phi(x), Phi the normal distribution function.</summary>
    Gelu,

    /// <summary>x sigmoid(x).</summary>
    Silu,

    /// <summary>tanh(x).</summary>
    Tanh,
}

/// <summary>Creates activation functions as modules.</summary>
internal static class ActivationModules
{
    public static nn.Module<Tensor, Tensor> Create(this Activation activation) =>
        activation switch
        {
            Activation.Relu => nn.ReLU(),
            Activation.LeakyRelu => nn.LeakyReLU(),
            Activation.Elu => nn.ELU(),
            Activation.Gelu => nn.GELU(),
            Activation.Silu => nn.SiLU(),
            Activation.Tanh => nn.Tanh(),
            _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "found no name for this activation; expected one"),
        };
}
