using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>The gated recurrent unit regressor among ML.NET's regression trainers.</summary>
public static class GruCatalog
{
    /// <summary>Stacked GRU layers over a trace, then a linear head. It reads traces of one length and runs in libtorch.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">The network and how it is trained.</param>
    /// <param name="labelColumnName">The label column: a vector of Single, in units of order one.</param>
    /// <param name="featureColumnName">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows of the same columns that choose the best epoch; null: the last epoch stands.</param>
    /// <param name="run">Files and callbacks of the run; null: none.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchModuleTrainer Gru(
        this RegressionCatalog.RegressionTrainers catalog,
        GruOptions options,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score",
        IDataView? validation = null,
        TrainingRun? run = null
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var columns = new TrainerColumns(labelColumnName, featureColumnName, scoreColumnName);
        return new TorchModuleTrainer(columns, options, TraceLayout.SamplesChannels, shape => Network(options, shape), validation, run);
    }

    private static nn.Module<Tensor, Tensor> Network(GruOptions options, ModuleShape shape)
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
