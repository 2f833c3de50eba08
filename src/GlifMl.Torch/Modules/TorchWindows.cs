using GlifMl.Onnx;
using TorchSharp;
using TorchSharp.Modules;

namespace GlifMl.Torch;

/// <summary>How TorchSharp's convolution and pooling over time are written as ONNX.</summary>
internal static class TorchWindows
{
    public static OnnxValue Convolution(TorchOnnxContext context, Conv1d layer, OnnxValue input)
    {
        if (layer.padding_mode != PaddingModes.Zeros)
            throw context.Refusal(
                layer,
                $"pads by {layer.padding_mode}, which is not written as ONNX; expected {nameof(PaddingModes.Zeros)}"
            );
        var (kernel, dilation) = (layer.kernel_size[0], layer.dilation[0]);
        // "Same" puts an odd sample of padding after the trace, as torch does.
        var total = dilation * (kernel - 1);
        var (before, after) = layer.padding_type switch
        {
            Padding.Same => (total / 2, total - (total / 2)),
            Padding.Valid => (0L, 0L),
            _ => (layer.padding![0], layer.padding[0]),
        };
        var window = new TimeWindow(kernel, layer.stride[0], before, after, dilation);
        return OnnxConvolutions.Convolution(
            context.Graph,
            input,
            TorchLayers.Values(layer.weight!),
            TorchLayers.ValuesOr(layer.bias, 0, layer.out_channels),
            window,
            layer.groups
        );
    }

    public static OnnxValue MaxPool(TorchOnnxContext context, MaxPool1d layer, OnnxValue input)
    {
        var padding = layer.padding ?? 0;
        var window = new TimeWindow(layer.kernel_size, layer.stride ?? layer.kernel_size, padding, padding, layer.dilation ?? 1);
        if (layer.ceil_mode && input.Dims is [_, { IsFixed: true } samples])
            window = window with { PadAfter = padding + CeilingPad(window, samples.Value) };
        return OnnxConvolutions.MaxPool(context.Graph, input, window);
    }

    public static OnnxValue AveragePool(TorchOnnxContext context, AvgPool1d layer, OnnxValue input)
    {
        var padding = layer.padding ?? 0;
        var window = new TimeWindow(layer.kernel_size, layer.stride ?? layer.kernel_size, padding, padding);
        if (layer.ceil_mode && input.Dims is [_, { IsFixed: true } samples] && CeilingPad(window, samples.Value) > 0)
            throw context.Refusal(
                layer,
                $"has a last window of its own size (ceil_mode) over {samples} samples, which is not written as ONNX; "
                    + "expected ceil_mode: false"
            );
        return OnnxConvolutions.AveragePool(context.Graph, input, window, layer.count_include_pad);
    }

    public static OnnxValue AdaptiveAveragePool(TorchOnnxContext context, AdaptiveAvgPool1d layer, OnnxValue input)
    {
        if (input.Dims is not [_, { IsFixed: true } samples] || samples.Value % layer.output_size != 0)
            throw new ArgumentException($"expected [batch, channels, a multiple of {layer.output_size} samples]", nameof(input));
        var size = samples.Value / layer.output_size;
        return OnnxConvolutions.AveragePool(context.Graph, input, new TimeWindow(size, size));
    }

    // With ceil_mode a window may reach past the end, so long as it starts at or before the last sample (torch.nn.MaxPool1d).
    private static long CeilingPad(TimeWindow window, long samples)
    {
        var free = samples + window.PadBefore + window.PadAfter - window.Span;
        var windows = ((free + window.Stride - 1) / window.Stride) + 1;
        if ((windows - 1) * window.Stride >= samples + window.PadBefore)
            windows--;
        return Math.Max(0, ((windows - 1) * window.Stride) - free);
    }
}
