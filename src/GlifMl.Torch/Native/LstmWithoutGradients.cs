using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>nn.LSTM answers wrongly on some processors where gradients are off; here they stay on.</summary>
/// <remarks>
/// Without gradients libtorch 2.10 hands the layer to oneDNN 3.7.1's inference, whose AVX-512 code is off by 0.03 to 1.1 at hidden sizes of
/// 1 to 16 and of 33 and more: found on an AMD EPYC; on an Intel Xeon of 2023 it was right. With gradients libtorch runs other code, right
/// within 2e-8 of a double reference. Keeping them on costs a pass twice its time; ONEDNN_MAX_CPU_ISA=AVX2, which mends it too, makes the
/// convolutions of a whole training take up to twice as long. nn.GRU and nn.LSTMCell do not come by there.
/// </remarks>
internal static class LstmWithoutGradients
{
    /// <summary>Whether a module holds an nn.LSTM, so that its scores are to be had with gradients on.</summary>
    public static bool Concerns(nn.Module module) => module is LSTM || module.named_modules().Any(m => m.module is LSTM);

    /// <summary>Every state of the last layer, and the final ones; without gradients where the caller has them off.</summary>
    public static (Tensor Sequence, Tensor States) Forward(LSTM lstm, Tensor input)
    {
        var wanted = is_grad_enabled();
        using var on = enable_grad();
        var (sequence, states, _) = lstm.call(input);
        return wanted ? (sequence, states) : (sequence.detach(), states.detach());
    }
}
