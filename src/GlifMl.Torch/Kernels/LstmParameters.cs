using System.Runtime.InteropServices;

namespace GlifMl.Torch;

/// <summary>
/// Where one direction's parameters, or their gradients, lie: nn.LSTM's layout, gates in the order i, f, g, o.
/// weight_ih [4H, In], weight_hh [4H, H], bias_ih [4H], bias_hh [4H].
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct LstmParameters(float* inputWeights, float* hiddenWeights, float* inputBias, float* hiddenBias)
{
    public float* InputWeights => inputWeights;

    public float* HiddenWeights => hiddenWeights;

    public float* InputBias => inputBias;

    public float* HiddenBias => hiddenBias;
}
