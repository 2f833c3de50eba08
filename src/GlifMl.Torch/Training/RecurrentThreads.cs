using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>How many threads libtorch is quickest with where a module holds an LSTM or a GRU.</summary>
/// <remarks>
/// One step of a recurrent layer is one small matrix product, which threads only wait for each other in. Forward and backward on one thread
/// against two, in turn, heap kept: LSTM of hidden size 5, batch 16, 5,000 steps, 67 and 99 ms; 32, batch 32, 200 steps, 11.0 and 11.0;
/// 128, 70 and 43; GRU of 32, 59 and 60; of 128, 120 and 110 (Intel Xeon of 2023). On an AMD EPYC one thread is also twice as quick at
/// hidden size 32. Convolutions and wide linear layers take half the time on two.
/// </remarks>
internal static class RecurrentThreads
{
    private const int HiddenWorthThreads = 64;

    /// <summary>One for narrow recurrent layers; null where the module has none, or a wide one.</summary>
    public static int? Of(nn.Module module)
    {
        long[] hidden =
        [
            .. module
                .named_modules()
                .Select(m => m.module)
                .Append(module)
                .Where(m => m is LSTM or GRU)
                .Select(m => m.named_parameters().First(p => p.name == "weight_hh_l0").parameter.shape[1]),
        ];
        return hidden.Length > 0 && hidden.Max() < HiddenWorthThreads ? 1 : null;
    }
}
