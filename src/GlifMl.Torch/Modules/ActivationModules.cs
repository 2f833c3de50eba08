using static TorchSharp.torch;

namespace GlifMl.Torch;

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
            _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "expected a named activation"),
        };
}
