using static TorchSharp.torch;

namespace GlifMl;

/// <summary>The gated recurrent unit regressor (Cho et al. 2014, arXiv:1406.1078): its shape and how it is trained.</summary>
public sealed record GruOptions : RecurrentOptions;

/// <summary>Stacked GRU layers over a trace, then a linear head.</summary>
internal static class GruNetwork
{
    public static nn.Module<Tensor, Tensor> Create(GruOptions options, ModuleShape shape)
    {
        // torch drops between stacked layers alone, and warns where there is one layer.
        var between = options.Layers > 1 ? options.Dropout : 0;
        var gru = nn.GRU(
            shape.Channels,
            options.Hidden,
            options.Layers,
            batchFirst: true,
            dropout: between,
            bidirectional: options.Bidirectional
        );
        var layers = new List<nn.Module<Tensor, Tensor>> { new SequenceReadOut(gru, options.ReadOut) };
        if (options.LayerNorm)
            layers.Add(nn.LayerNorm(options.ReadSize));
        if (options.Dropout > 0)
            layers.Add(nn.Dropout(options.Dropout));
        layers.Add(nn.Linear(options.ReadSize, shape.Targets));
        return nn.Sequential(layers);
    }
}
